"""What machines that watch are told: alive, ready, metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from front_door import FrontDoor, front_door
from redis import Redis

from api.metrics import DESCRIPTIONS
from shared.keys import PREFIX
from shared.lecture import LectureState


@pytest.fixture(scope="module")
def door(redis_server_url: str) -> Iterator[FrontDoor]:
    with front_door(redis_server_url) as opened:
        yield opened


def numbers(door: FrontDoor) -> dict[str, float]:
    answer = door.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    rows = (line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


def test_metrics_tell_what_waits_and_what_was_done(door: FrontDoor) -> None:
    door.done()
    door.done(LectureState.FAILED)
    door.submit("a.srt", "b.srt")
    told = numbers(door)
    assert told['kapitola_works{state="waiting"}'] == 2
    assert told['kapitola_works{state="leased"}'] == 0
    assert told["kapitola_clients_waiting"] == 1
    assert told['kapitola_lectures_total{state="accepted"}'] == 4
    assert told['kapitola_lectures_total{state="done"}'] == 1
    assert told['kapitola_lectures_total{state="failed"}'] == 1
    assert told['kapitola_works_total{outcome="committed"}'] == 2
    assert told['kapitola_http_responses_total{status="202"}'] == 3


def test_every_metric_is_described_and_nothing_else_is_told(door: FrontDoor) -> None:
    door.http.get("/healthz")
    names = {re.sub(r"(_bucket|_count|_sum|_created)?(\{.*)?$", "", name) for name in numbers(door)}
    described = {*DESCRIPTIONS, *(name.removesuffix("_total") for name in DESCRIPTIONS)}
    assert names <= described
    assert {name for name in DESCRIPTIONS if name not in names} == set()
    text = door.http.get("/metrics").text
    assert "bread" not in text and "local" not in text and "lec_" not in text


def test_ready_says_what_is_wrong(door: FrontDoor) -> None:
    assert door.http.get("/healthz").json() == {"status": "ok"}
    assert door.http.get("/readyz").json() == {"status": "ready"}
    with Redis.from_url(door.settings.redis_url) as redis:
        assert 0 < redis.pttl(f"{PREFIX}probe") <= 1_000
