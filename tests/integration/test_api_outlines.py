"""Outlines over HTTP: the format that is asked for, edits that nobody overwrites, and both versions to read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from front_door import TITLES, FrontDoor, front_door
from redis import Redis

from shared.export import FORMATS
from shared.keys import PREFIX
from shared.lecture import LectureState

EDITED = [
    {
        "title": "Dough",
        "start_time": "00:00:00",
        "subsections": [{"title": "Yeast", "start_time": "00:00:10", "subsections": []}],
    },
    {"title": "Oven", "start_time": "00:00:30", "subsections": []},
]


@pytest.fixture(scope="module")
def door(redis_server_url: str) -> Iterator[FrontDoor]:
    with front_door(redis_server_url) as opened:
        yield opened


def put(door: FrontDoor, lecture: str, outline: Any, tag: str | None = "*") -> Any:
    headers = {"If-Match": tag} if tag else {}
    return door.http.put(f"/v1/lectures/{lecture}/outline", json=outline, headers=headers)


def titles(door: FrontDoor, lecture: str, version: str = "") -> list[str]:
    query = f"?version={version}" if version else ""
    return [section["title"] for section in door.http.get(f"/v1/lectures/{lecture}/outline{query}").json()]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/json;q=0.1, text/markdown", "text/markdown; charset=utf-8"),
        ("text/vtt", "text/vtt; charset=utf-8"),
        ("application/xml;q=0, text/x-opml", "text/x-opml; charset=utf-8"),
        ("application/ld+json", FORMATS["iiif"].media_type),
        ("text/*;q=0.5, image/png", "text/markdown; charset=utf-8"),
    ],
)
def test_accept_chooses_the_format(door: FrontDoor, accept: str | None, kind: str) -> None:
    lecture = door.done()
    headers = {"Accept": accept} if accept else {"Accept": ""}
    answer = door.http.get(f"/v1/lectures/{lecture}/outline", headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_name_beats_accept_and_what_is_not_there_is_told(door: FrontDoor) -> None:
    lecture = door.done()
    path = f"/v1/lectures/{lecture}/outline"
    named = door.http.get(f"{path}?format=csv", headers={"Accept": "image/png"})
    assert named.headers["content-type"].startswith("text/csv")
    refused = door.http.get(path, headers={"Accept": "image/png, text/html;q=0"})
    assert (refused.status_code, "text/markdown" in refused.json()["detail"]) == (406, True)
    assert door.http.get(f"{path}?format=docx").status_code == 422


def test_every_format_is_not_sent_again_while_it_stays(door: FrontDoor) -> None:
    lecture = door.done()
    tags = set()
    for name in FORMATS:
        path = f"/v1/lectures/{lecture}/outline?format={name}"
        tag = door.http.get(path).headers["etag"]
        tags.add(tag)
        assert door.http.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert len(tags) == len(FORMATS)


def test_an_edit_is_shown_and_exported_and_the_given_one_stays(door: FrontDoor) -> None:
    batch = door.submit("bread.srt")
    lecture = batch["lectures"][0]["id"]
    door.work()
    tag = door.http.get(f"/v1/lectures/{lecture}/outline").headers["etag"]
    answer = put(door, lecture, EDITED, tag)
    assert answer.status_code == 200, answer.text
    assert answer.json()["edited"]
    assert "edited by hand" in " ".join(answer.json()["notes"])
    path = f"/v1/lectures/{lecture}/outline"
    assert door.http.get(path).json() == EDITED
    assert door.http.get(f"{path}?version=edited").json() == EDITED
    assert titles(door, lecture, "given") == list(TITLES)
    assert b"Oven" in door.http.get(f"{path}?format=markdown").content
    for version, title in (("edited", b"Oven"), ("given", b"Baking")):
        zipped = door.http.get(f"/v1/batches/{batch['id']}/export?format=json&version={version}").content
        assert title in ZipFile(BytesIO(zipped)).read("json/bread.json")
    section = door.http.get(f"/v1/lectures/{lecture}").json()["outline"]["sections"][0]
    assert (section["end"], section["subsections"][0]["cue"]) == (30_000, 1)


def test_an_edit_of_an_older_version_is_refused(door: FrontDoor) -> None:
    lecture = door.done()
    tag = door.http.get(f"/v1/lectures/{lecture}/outline?format=markdown").headers["etag"]
    assert put(door, lecture, EDITED, None).status_code == 428
    assert put(door, lecture, EDITED, '"999"').status_code == 412
    assert put(door, lecture, EDITED, tag).status_code == 200
    assert put(door, lecture, EDITED, tag).status_code == 412
    assert put(door, lecture, EDITED, door.http.get(f"/v1/lectures/{lecture}").headers["etag"]).status_code == 200


def test_a_worker_never_overwrites_an_edit(door: FrontDoor) -> None:
    lecture = door.lecture()
    door.work(LectureState.INCOMPLETE)
    assert put(door, lecture, EDITED).status_code == 200
    door.http.post(f"/v1/lectures/{lecture}/retry")
    assert put(door, lecture, EDITED).status_code == 409
    door.work()
    assert door.http.get(f"/v1/lectures/{lecture}").json()["state"] == "done"
    assert titles(door, lecture) == ["Dough", "Oven"]
    assert titles(door, lecture, "given") == list(TITLES)


def test_an_edit_extends_the_life_of_all_that_belongs_to_it(door: FrontDoor) -> None:
    lecture = door.done()
    with Redis.from_url(door.settings.redis_url) as redis:
        names = [f"{PREFIX}{kind}:{lecture}" for kind in ("lecture", "cues", "outline")]
        for name in names:
            redis.expire(name, 100)
        assert put(door, lecture, EDITED).status_code == 200
        assert all(redis.ttl(name) > 100_000 for name in [*names, f"{PREFIX}made:{lecture}"])
        redis.delete(f"{PREFIX}lecture:{lecture}")
    assert put(door, lecture, EDITED).status_code == 410


def section(title: str, time: str, *below: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "start_time": time, "subsections": list(below)}


@pytest.mark.parametrize(
    ("outline", "said"),
    [
        ([], "at least 1 item"),
        ({}, "array"),
        ([{"title": "A", "start_time": "00:00:00"}], "subsections"),
        ([section("A", "00:00:00") | {"end": 1}], "end"),
        ([section("", "00:00:00")], "title"),
        ([section("two\nlines", "00:00:00")], "more than a line"),
        ([section("x" * 200, "00:00:00")], "title"),
        ([section("A", "0:00")], "start_time"),
        ([section("A", "00:00:07")], "nearest begin at 00:00:00 and 00:00:10"),
        ([section("A", "99:59:59")], "nearest begin at 00:00:40"),
        ([section("A", "00:00:20"), section("B", "00:00:10")], "begins before it"),
        ([section("A", "00:00:20", section("B", "00:00:10"))], "begins before it"),
        ([section("A", "00:00:00", section("B", "00:00:30")), section("C", "00:00:10")], ""),
        ([section(f"{n}", "00:00:00") for n in range(11)], "at most 10 items"),
    ],
)
def test_an_edit_that_breaks_the_contract_changes_nothing(door: FrontDoor, outline: Any, said: str) -> None:
    lecture = door.done()
    answer = put(door, lecture, outline)
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"].rpartition("#")[2] == "edit-refused"
    assert said in " ".join(answer.json()["broken"])
    assert titles(door, lecture) == list(TITLES)


def test_what_cannot_be_edited(door: FrontDoor) -> None:
    lecture = door.lecture()
    assert put(door, lecture, EDITED).status_code == 409
    assert put(door, "lec_none", EDITED).status_code == 404
    door.work()
    form = door.http.put(f"/v1/lectures/{lecture}/outline", data={"a": "b"}, headers={"If-Match": "*"})
    assert form.status_code == 415
    body = "[" + '{"title":"A","start_time":"00:00:00","subsections":[' * 2_000 + "]}" * 2_000 + "]"
    headers = {"If-Match": "*", "Content-Type": "application/json"}
    assert door.http.put(f"/v1/lectures/{lecture}/outline", content=body, headers=headers).status_code == 422
    assert json.loads(door.http.get(f"/v1/lectures/{lecture}/outline").content)


def test_terms_that_were_not_said_are_told_until_somebody_has_edited_the_outline(
    door: FrontDoor, redis_server_url: str
) -> None:
    lecture = door.done()
    with Redis.from_url(redis_server_url) as redis:
        made = json.loads(redis.get(f"{PREFIX}outline:{lecture}"))
        redis.set(f"{PREFIX}outline:{lecture}", json.dumps({**made, "terms_not_said": list("ABCDEFG")}), keepttl=True)

    def notes() -> list[str]:
        return list(door.http.get(f"/v1/lectures/{lecture}").json()["notes"])

    told = (
        "Of the glossary, in no title and not said, as far as the spelling shows: “A”, “B”, “C”, “D”, “E” and 2 more."
    )
    assert told in notes()
    assert put(door, lecture, EDITED).status_code == 200
    assert told not in notes()
