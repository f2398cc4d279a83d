"""Handing lectures in: many at once, each with a result of its own, and never twice."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest
from front_door import BREAD, FrontDoor, front_door
from redis import Redis

from api.reading import display_name
from shared.keys import PREFIX
from shared.views import LONGEST_TERM, MOST_TERMS, MOST_TRANSCRIPTS

PAGE = "<!doctype html><html><body>Not found</body></html>"


@pytest.fixture(scope="module")
def door(redis_server_url: str) -> Iterator[FrontDoor]:
    with front_door(redis_server_url) as opened:
        yield opened


def test_every_file_has_a_result_and_the_bad_ones_keep_no_other_back(door: FrontDoor) -> None:
    files = [("files", (f"{n}.srt", PAGE if n % 3 == 1 else BREAD)) for n in range(30)]
    answer = door.http.post("/v1/lectures", files=files)
    body = answer.json()
    assert answer.status_code == 202
    assert [lecture["name"] for lecture in body["lectures"]] == [f"{n}.srt" for n in range(30) if n % 3 != 1]
    assert [(r["file"], r["position"]) for r in body["refused"]] == [(f"{n}.srt", n) for n in range(30) if n % 3 == 1]
    assert {r["type"].rpartition("#")[2] for r in body["refused"]} == {"transcript-refused"}
    assert answer.headers["location"] == f"/v1/batches/{body['id']}"
    assert door.http.get(answer.headers["location"]).json()["states"] == {"queued": 20}


def test_json_hands_in_the_same_as_a_form(door: FrontDoor) -> None:
    given = {"transcripts": [{"name": "bread.srt", "text": BREAD}], "options": {"detail": "fine"}}
    lecture = door.http.post("/v1/lectures", json=given).json()["lectures"][0]
    form = door.http.post("/v1/lectures", files={"files": ("bread.srt", BREAD)}, data={"options": '{"detail": "fine"}'})
    same = form.json()["lectures"][0]
    assert {k: v for k, v in lecture.items() if k in ("name", "options", "duration", "progress")} == {
        k: v for k, v in same.items() if k in ("name", "options", "duration", "progress")
    }


def test_a_key_hands_in_once_and_says_that_it_did(door: FrontDoor) -> None:
    key = {"Idempotency-Key": "monday"}
    first = door.http.post("/v1/lectures", files={"files": ("a.srt", BREAD)}, headers=key)
    again = door.http.post("/v1/lectures", files={"files": ("a.srt", BREAD)}, headers=key)
    other = door.http.post("/v1/lectures", files={"files": ("b.srt", BREAD)}, headers=key)
    assert first.json()["id"] == again.json()["id"]
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (other.status_code, other.json()["type"].rpartition("#")[2]) == (409, "idempotency-conflict")


def test_processes_read_what_is_large_and_keep_the_order(door: FrontDoor) -> None:
    times = [f"{n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}" for n in range(6_000)]
    long = "".join(f"{n + 1}\n{t},000 --> {t},900\nAnd so we come to point {n}.\n\n" for n, t in enumerate(times))
    files = [("files", (f"{n}.srt", PAGE if n == 4 else long)) for n in range(9)]
    body = door.http.post("/v1/lectures", files=files).json()
    assert [lecture["name"] for lecture in body["lectures"]] == [f"{n}.srt" for n in range(9) if n != 4]
    assert [refused["position"] for refused in body["refused"]] == [4]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\lectures\\one.srt", "one.srt"),
        ("a\r\nSet-Cookie: b=c.srt", "aSet-Cookie: b=c.srt"),
        ("\x1b[31mred\x1b[0m.srt", "[31mred[0m.srt"),
        ("evil\u202etrs.exe", "eviltrs.exe"),
        ("two\u2028lines.srt", "two lines.srt"),
        ("zero\u200bwidth\ufeff.srt", "zerowidth.srt"),
        ("nul\0.srt", "nul.srt"),
        ("", "transcript"),
        ("/", "transcript"),
        ("x" * 4_096, "x" * 200),
        ("čeština 📚.srt", "čeština 📚.srt"),
    ],
)
def test_names_are_for_people_to_read(given: str, shown: str) -> None:
    assert display_name(given) == shown


def test_names_break_out_of_nothing(door: FrontDoor) -> None:
    hostile = '../../x"\r\nSet-Cookie: a=b\u202e<img onerror=alert(1)>.srt'
    lecture = door.http.post("/v1/lectures", json={"transcripts": [{"name": hostile, "text": BREAD}]}).json()[
        "lectures"
    ][0]
    assert "\r" not in lecture["name"] and "\u202e" not in lecture["name"]
    door.work()
    answer = door.http.get(f"/v1/lectures/{lecture['id']}/outline?format=html")
    assert "set-cookie" not in answer.headers
    assert b"<img onerror" not in answer.content
    with Redis.from_url(door.settings.redis_url) as redis:
        assert not [key for key in redis.keys(f"{PREFIX}*") if b".." in key or b"Cookie" in key]


def test_what_is_no_form_is_a_problem(door: FrontDoor) -> None:
    boundary = {"Content-Type": "multipart/form-data"}
    assert door.http.post("/v1/lectures", content=b"--x", headers=boundary).status_code == 400
    many = [("files", (f"{n}.srt", b"x")) for n in range(10_000)]
    start = time.monotonic()
    answer = door.http.post("/v1/lectures", files=many)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert str(MOST_TRANSCRIPTS) in answer.json()["detail"]
    assert time.monotonic() - start < 60
    fields = {f"field{n}": "x" for n in range(1_000)}
    assert door.http.post("/v1/lectures", data=fields, files={"files": ("a.srt", BREAD)}).status_code == 400
    assert door.http.post("/v1/lectures", files={"files": (None, BREAD)}).status_code == 400


def test_an_option_that_is_no_field_of_the_form_is_not_passed_over(door: FrontDoor) -> None:
    answer = door.http.post("/v1/lectures", data={"detail": "fine"}, files={"files": ("a.srt", BREAD)})
    assert answer.status_code == 400
    assert "no field detail. Options go into the field `options`" in answer.json()["detail"]


def with_terms(*terms: str) -> bytes:
    given = {"transcripts": [{"name": "a.srt", "text": "x"}], "options": {"glossary": terms}}
    return json.dumps(given).encode()


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"{", "JSON"),
        (b"[]", "object"),
        (b'{"transcripts": []}', "transcripts"),
        (b'{"transcripts": [{"name": "a.srt"}]}', "transcripts.0.text"),
        (b'{"transcripts": [{"name": "a.srt", "text": "x"}], "options": {"priority": 99}}', "options.priority"),
        (b'{"transcripts": [{"name": "a.srt", "text": "x"}], "options": {"detail": "huge"}}', "options.detail"),
        (
            b'{"transcripts": [{"name": "a.srt", "text": "x"}], "options": {"title_style": "ode"}}',
            "options.title_style",
        ),
        (b'{"transcripts": [{"name": "a.srt", "text": "x"}], "options": {"depth": 0}}', "options.depth"),
        (b'{"transcripts": [{"name": "a.srt", "text": "x"}], "options": {"detial": "fine"}}', "options.detial"),
        (b'{"transcripts": [{"name": "a.srt", "text": "x"}], "detail": "fine"}', "detail"),
        (with_terms("x" * (LONGEST_TERM + 1)), "options.glossary.0"),
        (with_terms(*["x"] * (MOST_TERMS + 1)), "options.glossary"),
        (b"[" * 100_000, "JSON"),
    ],
)
def test_json_that_is_wrong_is_told_where(door: FrontDoor, body: bytes, where: str) -> None:
    answer = door.http.post("/v1/lectures", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert where in answer.json()["detail"]
    assert len(answer.content) < 5_000


def test_a_lone_surrogate_is_refused_for_its_file_alone(door: FrontDoor) -> None:
    good = f'{{"name": "b.srt", "text": {json.dumps(BREAD)}}}'
    given = f'{{"transcripts": [{{"name": "a.srt", "text": "\\ud800"}}, {good}]}}'
    answer = door.http.post("/v1/lectures", content=given, headers={"Content-Type": "application/json"})
    assert answer.status_code in (202, 422)
    if answer.status_code == 202:
        assert [refused["file"] for refused in answer.json()["refused"]] == ["a.srt"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "zip"),
        (bytes(range(256)) * 8, ""),
        (PAGE.encode(), "web page"),
    ],
)
def test_what_is_no_transcript_is_named_with_what_was_expected(door: FrontDoor, content: bytes, said: str) -> None:
    answer = door.http.post("/v1/lectures", files={"files": ("odd.srt", content)})
    problem = answer.json()
    assert (answer.status_code, problem["file"]) == (422, "odd.srt")
    assert said in problem["detail"]
    assert [refused["file"] for refused in problem["refused"]] == ["odd.srt"]
