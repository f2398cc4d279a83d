"""Polling: what has not changed costs nothing, what is waited for comes at once, and lists go on where they ended."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from front_door import BREAD, FrontDoor, front_door
from redis import Redis

from api.polling import batch_retry_after, lecture_retry_after
from shared.lecture import LectureState


@pytest.fixture(scope="module")
def door(redis_server_url: str) -> Iterator[FrontDoor]:
    with front_door(redis_server_url) as opened:
        yield opened
        opened.work()


@pytest.fixture
def empty(redis_server_url: str, door: FrontDoor) -> FrontDoor:
    door.work()
    return door


@pytest.mark.parametrize("noun", ["lectures", "batches"])
def test_what_has_not_changed_is_not_sent_again(empty: FrontDoor, noun: str) -> None:
    batch = empty.submit("a.srt", "b.srt")
    path = f"/v1/{noun}/{batch['id'] if noun == 'batches' else batch['lectures'][0]['id']}"
    tag = empty.http.get(path).headers["etag"]
    for seen in (tag, f"W/{tag}", f'"0", {tag}', "*"):
        unchanged = empty.http.get(path, headers={"If-None-Match": seen})
        assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
        assert 1 <= int(unchanged.headers["retry-after"]) <= 30
    assert empty.http.get(path + "?wait=0", headers={"If-None-Match": tag}).status_code == 304
    assert empty.http.get(path, headers={"If-None-Match": '"0"'}).status_code == 200
    empty.work()
    changed = empty.http.get(path, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["etag"] != tag) == (200, True)
    assert "retry-after" not in changed.headers
    ended = empty.http.get(path, headers={"If-None-Match": changed.headers["etag"]})
    assert (ended.status_code, "retry-after" in ended.headers) == (304, False)


@pytest.mark.parametrize("noun", ["lectures", "batches"])
def test_a_poll_that_nothing_has_changed_for_is_one_look_at_redis(empty: FrontDoor, noun: str) -> None:
    batch = empty.submit()
    path = f"/v1/{noun}/{batch['id'] if noun == 'batches' else batch['lectures'][0]['id']}"
    seen = {"If-None-Match": empty.http.get(path).headers["etag"]}
    empty.http.get(path, headers=seen)  # also looks whether there are keys, which is then known for a second
    with Redis.from_url(empty.settings.redis_url) as redis:
        redis.config_resetstat()
        for _ in range(20):
            assert empty.http.get(path, headers=seen).status_code == 304
        asked = {name: row["calls"] for name, row in redis.info("commandstats").items()}
    assert asked["cmdstat_hmget"] >= 20
    others = {"cmdstat_hmget", "cmdstat_config|resetstat", "cmdstat_info", "cmdstat_evalsha", "cmdstat_exists"}
    assert set(asked) <= others | {"cmdstat_client|setinfo", "cmdstat_hello"}, "a poll asks for more than its record"
    assert asked.get("cmdstat_evalsha", 0) <= 5


@pytest.mark.parametrize("noun", ["lectures", "batches"])
def test_waiting_ends_with_the_change(empty: FrontDoor, noun: str) -> None:
    batch = empty.submit()
    path = f"/v1/{noun}/{batch['id'] if noun == 'batches' else batch['lectures'][0]['id']}"
    tag = empty.http.get(path).headers["etag"]
    with ThreadPoolExecutor() as others:
        change = others.submit(empty.http.get, path, params={"wait": 25}, headers={"If-None-Match": tag})
        end = others.submit(empty.http.get, path, params={"wait": 25})
        time.sleep(0.3)  # so that both are waiting
        assert not change.done() and not end.done()
        begin = time.monotonic()
        empty.work()
        assert change.result().status_code == 200
        assert end.result().status_code == 200
        assert time.monotonic() - begin < 20
    lecture = end.result().json() if noun == "lectures" else end.result().json()["lectures"][0]
    assert lecture["state"] == "done"


def test_waiting_for_nothing_ends_in_time(empty: FrontDoor) -> None:
    lecture = empty.lecture()
    tag = empty.http.get(f"/v1/lectures/{lecture}").headers["etag"]
    answer = empty.http.get(f"/v1/lectures/{lecture}?wait=0.3", headers={"If-None-Match": tag})
    assert answer.status_code == 304
    assert empty.http.get(f"/v1/lectures/{lecture}?wait=61").status_code == 422


def test_retry_after_is_what_is_left_at_the_pace_so_far() -> None:
    now = time.time() * 1000
    begun = {"created": int(now - 90_000), "began": int(now - 60_000)}
    assert lecture_retry_after(**begun, ended=9, chunks=10) == pytest.approx(60 / 9 * 2, abs=1)
    assert lecture_retry_after(**begun, ended=10, chunks=10) == pytest.approx(6, abs=1)
    assert lecture_retry_after(**begun, ended=1, chunks=100) == 30
    assert lecture_retry_after(created=int(now - 7_000), began=0, ended=0, chunks=10) == pytest.approx(7, abs=1)
    assert lecture_retry_after(created=int(now + 3_600_000), began=0, ended=0, chunks=10) == 1
    all_moves = 100 + 10 * 2
    half = batch_retry_after(created=int(now - 20_000), version=10 + all_moves // 2, lectures=10, chunks=100)
    assert half == pytest.approx(20, abs=1)


def test_lists_go_on_where_they_ended_while_lectures_come_and_go(redis_server_url: str) -> None:
    with front_door(redis_server_url) as door:
        first = [door.submit(f"{n}.srt") for n in range(7)]
        names, after = [], None
        for _ in range(10):
            page = door.http.get("/v1/lectures", params={"most": 3, **({"after": after} if after else {})}).json()
            names += [lecture["name"] for lecture in page["lectures"]]
            if after is None:
                door.submit("new.srt")
                door.http.delete(f"/v1/lectures/{first[1]['lectures'][0]['id']}")
            after = page["next"]
            if after is None:
                break
        assert names == ["6.srt", "5.srt", "4.srt", "3.srt", "2.srt", "0.srt"]
        door.work(most=2)
        chosen = door.http.get("/v1/lectures", params={"state": ["done", "running"]}).json()["lectures"]
        assert chosen and {lecture["state"] for lecture in chosen} <= {"done", "running"}
        queued = door.http.get("/v1/lectures?state=queued&most=500").json()
        assert {lecture["state"] for lecture in queued["lectures"]} == {"queued"}
        assert queued["next"] is None
        batches = door.http.get("/v1/batches?state=done").json()["batches"]
        assert batches and all(row["states"].get("done") for row in batches)
        assert len(door.http.get("/v1/batches").json()["batches"]) == 8


def test_a_cursor_is_of_one_list(door: FrontDoor) -> None:
    door.submit("a.srt")
    door.submit("b.srt")
    cursor = door.http.get("/v1/lectures?most=1").json()["next"]
    forged = base64.urlsafe_b64encode(b"lectures 00000000 5").decode()
    for wrong in ("x", "", "ž", forged, cursor[:-2]):
        answer = door.http.get("/v1/lectures", params={"after": wrong})
        assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (400, "bad-cursor"), wrong
    assert door.http.get("/v1/batches", params={"after": cursor}).status_code == 400
    assert door.http.get("/v1/lectures", params={"after": cursor}).status_code == 200


def test_a_batch_is_cancelled_retried_and_removed_whole(empty: FrontDoor) -> None:
    batch = empty.submit("a.srt", "b.srt")["id"]
    assert empty.http.post(f"/v1/batches/{batch}/retry").status_code == 409
    cancelled = empty.http.post(f"/v1/batches/{batch}/cancel").json()
    assert cancelled["states"] == {"cancelled": 2}
    again = empty.http.post(f"/v1/batches/{batch}/retry")
    assert (again.status_code, again.json()["states"]) == (202, {"running": 2})
    empty.work()
    assert empty.http.get(f"/v1/batches/{batch}").json()["states"] == {"done": 2}
    lecture = empty.http.get(f"/v1/batches/{batch}").json()["lectures"][0]["id"]
    assert empty.http.delete(f"/v1/batches/{batch}").status_code == 204
    for path in (f"/v1/batches/{batch}", f"/v1/lectures/{lecture}", f"/v1/lectures/{lecture}/outline"):
        assert empty.http.get(path).status_code == 410
    assert batch not in empty.http.get("/v1/batches").text


def test_a_lecture_is_cancelled_retried_and_removed(empty: FrontDoor) -> None:
    lecture = empty.done(LectureState.FAILED)
    document = empty.http.get(f"/v1/lectures/{lecture}").json()
    assert (document["state"], document["problem"]) == ("failed", "no sense in it")
    assert empty.http.post(f"/v1/lectures/{lecture}/retry").json()["state"] == "running"
    empty.work()
    assert empty.http.get(f"/v1/lectures/{lecture}").json()["state"] == "done"
    assert empty.http.post(f"/v1/lectures/{lecture}/retry").status_code == 409
    assert empty.http.post(f"/v1/lectures/{lecture}/cancel").json()["state"] == "done"
    assert empty.http.delete(f"/v1/lectures/{lecture}").status_code == 204
    assert empty.http.delete(f"/v1/lectures/{lecture}").status_code == 410


def test_a_batch_without_lectures_is_still_a_batch(empty: FrontDoor) -> None:
    batch = empty.http.post("/v1/lectures", files={"files": ("a.srt", BREAD)}).json()
    empty.http.delete(f"/v1/lectures/{batch['lectures'][0]['id']}")
    left = empty.http.get(f"/v1/batches/{batch['id']}").json()
    assert (left["handed_in"], left["states"], left["lectures"]) == (1, {}, [])
