"""Event streams: every version once, in order, over any number of connections."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from front_door import FrontDoor, front_door
from redis import Redis
from served import served

import api.routes.events
from shared.keys import PREFIX
from shared.lecture import LectureState


@dataclass
class Told:
    id: int
    kind: str
    content: dict[str, Any]


@pytest.fixture(scope="module")
def door(redis_server_url: str) -> Iterator[FrontDoor]:
    with front_door(redis_server_url) as opened:
        yield opened


def follow(url: str, path: str, most: int = 10_000, **headers: str) -> list[Told]:
    """The events of a stream until it ends, or so many of them: then the connection is dropped."""
    told: list[Told] = []
    with httpx2.stream("GET", f"{url}{path}", headers=headers, timeout=30, trust_env=False) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields:
                told.append(Told(int(fields["id"]), fields["event"], json.loads(fields["data"])))
                fields = {}
            if len(told) == most:
                break
    return told


def test_a_client_has_so_many_streams_open_and_no_more(door: FrontDoor) -> None:
    lecture = door.lecture()
    with served(door.settings.model_copy(update={"client_streams": 2})) as url:
        path = f"{url}/v1/lectures/{lecture}/events"
        with (
            httpx2.stream("GET", path, trust_env=False) as first,
            httpx2.stream("GET", path, trust_env=False) as second,
        ):
            assert (first.status_code, second.status_code) == (200, 200)
            over = httpx2.get(path, trust_env=False)
            assert (over.status_code, over.json()["violated-policies"]) == (429, ["streams"])
            assert int(over.headers["retry-after"]) > 0
            assert "KAPITOLA_CLIENT_STREAMS" in over.json()["detail"]
        deadline = time.monotonic() + 30
        while True:  # the server learns that the two are gone
            with httpx2.stream("GET", path, trust_env=False) as again:
                if again.status_code == 200:
                    break
            assert time.monotonic() < deadline
            time.sleep(0.05)
    door.http.post(f"/v1/lectures/{lecture}/cancel")


def test_a_lecture_tells_every_version_and_then_ends(door: FrontDoor) -> None:
    lecture = door.done()
    told = follow(door.url, f"/v1/lectures/{lecture}/events")
    changes = [event for event in told if event.kind == "change"]
    version = door.http.get(f"/v1/lectures/{lecture}").json()["version"]
    assert [event.id for event in changes] == list(range(1, version + 1))
    assert [event.content["state"] for event in changes][0 :: version - 1] == ["queued", "done"]
    assert [(event.id, event.kind) for event in told][-1] == (version, "end")
    assert door.http.get(f"/v1/lectures/{lecture}/events", headers={"Last-Event-ID": str(version)}).status_code == 204
    after = follow(door.url, f"/v1/lectures/{lecture}/events?after={version - 1}")
    assert [event.id for event in after if event.kind == "change"] == [version]


def test_a_stream_that_is_dropped_again_and_again_has_no_gap_and_no_repeat(redis_server_url: str) -> None:
    with front_door(redis_server_url) as door:
        batch = door.submit(*(f"{n}.srt" for n in range(6)))["id"]
        path = f"/v1/batches/{batch}/events"
        seen = follow(door.url, path, most=4)
        while door.work(most=2):
            seen += follow(door.url, path, most=3, **{"Last-Event-ID": str(seen[-1].id)})
        with served(door.settings) as another:  # the API is replaced: what was told is in Redis, not in it
            seen += follow(another, path, **{"Last-Event-ID": str(seen[-1].id)})
        changes = [event.id for event in seen if event.kind == "change"]
        assert changes == list(range(1, door.http.get(f"/v1/batches/{batch}").json()["version"] + 1))
        assert seen[-1].kind == "end"
        ended = {event.content["lecture"]: event.content["state"] for event in seen if event.kind == "change"}
        assert list(ended.values()) == ["done"] * 6


def test_a_stream_that_is_open_is_told_at_once(door: FrontDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.routes.events, "_HEARTBEAT_S", 0.2)
    lecture = door.lecture()
    with httpx2.stream("GET", f"{door.url}/v1/lectures/{lecture}/events", timeout=30, trust_env=False) as answer:
        lines = answer.iter_lines()
        assert any(line.startswith(": still here") for line in lines)
        door.work()
        assert [line for line in lines if line.startswith("event: ")][-1] == "event: end"


def test_what_is_no_longer_kept_is_told_as_missed(door: FrontDoor) -> None:
    lecture = door.done()
    with Redis.from_url(door.settings.redis_url) as redis:
        redis.xdel(f"{PREFIX}events:{lecture}", "1-0", "2-0")
    first = follow(door.url, f"/v1/lectures/{lecture}/events")[0]
    assert (first.kind, first.id, first.content) == ("missed", 2, {"from": 1, "to": 2})


def test_a_removal_ends_the_stream(door: FrontDoor) -> None:
    batch = door.submit()
    lecture = batch["lectures"][0]["id"]
    with httpx2.stream("GET", f"{door.url}/v1/lectures/{lecture}/events", timeout=30, trust_env=False) as answer:
        lines = answer.iter_lines()
        next(lines)
        door.http.delete(f"/v1/lectures/{lecture}")
        rest = [line for line in lines if line]
    assert '"removed":true' in rest[-1].replace(" ", "")
    assert any('"state":"removed"' in line for line in rest)
    assert follow(door.url, f"/v1/batches/{batch['id']}/events")[-1].kind == "end"
    assert door.http.get(f"/v1/lectures/{lecture}/events").status_code == 410


def test_a_retry_goes_on_where_the_stream_ended(door: FrontDoor) -> None:
    lecture = door.done(LectureState.FAILED)
    end = follow(door.url, f"/v1/lectures/{lecture}/events")[-1]
    door.http.post(f"/v1/lectures/{lecture}/retry")
    door.work()
    after = follow(door.url, f"/v1/lectures/{lecture}/events", **{"Last-Event-ID": str(end.id)})
    assert [event.content.get("state") for event in after][0 :: len(after) - 2][:2] == ["running", "done"]


@pytest.mark.parametrize("wrong", ["x", "-1", "1" * 20])
def test_an_id_that_was_never_given_is_refused(door: FrontDoor, wrong: str) -> None:
    lecture = door.lecture()
    answer = door.http.get(f"/v1/lectures/{lecture}/events", headers={"Last-Event-ID": wrong})
    assert answer.status_code == 422
