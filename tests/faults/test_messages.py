"""Messages that are lost, repeated, unknown, or none at all. A ticket carries nothing, so none of it matters."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from harness.lectures import lecture
from harness.stack import Stack

from shared.queue import QUEUE, celery_app, publish_tickets
from shared.settings import Settings

Start = Callable[..., Stack]

RUBBISH = (
    b"rubbish", b"\xff\xfe\x00", b"", b"null", b"[]", b'"x"', b"{}", b'{"body": 1}',
    b'{"properties": 7, "body": ""}', b'{"body": "e30=", "properties": {"delivery_tag": "t"}}',
)  # fmt: skip


@pytest.mark.slow
def test_f18_each_message_three_times_makes_one_call_and_one_commit_a_chunk(start: Start) -> None:
    stack = start(lease_seconds=30)
    stack.accept(*(lecture(f"l{n}", 5, seed=1) for n in range(3)))
    chunks = sum(len(one.chunks) for one in stack.accepted.values())
    tickets = celery_app(Settings(redis_url=stack.redis_process.url, _env_file=None))
    publish_tickets(tickets, 3 * chunks)
    tickets.close()
    stack.crew.hire()
    stack.crew.hire()
    stack.wait_for_all()
    assert stack.calls_made_twice() == 0
    assert stack.tallies()["committed"] == stack.tallies()["claimed"] == chunks + 3
    assert stack.verdict().states == {"done": 3} and stack.verdict().broken == []


def test_f23_rubbish_in_the_queue_and_f22_an_unknown_task_end_no_worker_and_lose_no_chunk(start: Start) -> None:
    stack = start(lease_seconds=30)
    worker = stack.crew.hire()
    stack.wait_until(lambda: "ready" in stack.crew.logs())
    stack.run(stack.redis.lpush(QUEUE, *RUBBISH))
    tickets = celery_app(Settings(redis_url=stack.redis_process.url, _env_file=None))
    for _ in range(5):
        tickets.send_task("kapitola.of-a-later-version", args=["x"], retry=False)
    tickets.close()
    stack.accept(lecture("l1", 2, seed=1))
    stack.wait_for_all(60)
    assert stack.crew.is_alive(worker)
    assert stack.run(stack.redis.llen(QUEUE)) == 0
    assert stack.verdict().states == {"done": 1} and stack.calls_made_twice() == 0


def test_a_worker_that_no_ticket_reaches_looks_for_work_by_itself(start: Start) -> None:
    stack = start(lease_seconds=30)
    stack.crew.hire("--queues", "nothing-is-ever-put-here")
    stack.accept(lecture("l1", 2, seed=1))
    stack.wait_for_all(60)
    assert "received" not in stack.crew.logs(), "Celery handed it nothing"
    assert stack.verdict().states == {"done": 1} and stack.calls_made_twice() == 0


class _Bomb:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return (open, (str(self.path), "w"))


def test_s10_a_pickle_on_the_queue_is_not_opened_and_the_chunk_completes(start: Start, tmp_path: Path) -> None:
    stack = start(lease_seconds=30)
    tickets = celery_app(Settings(redis_url=stack.redis_process.url, _env_file=None))
    tickets.conf.accept_content = ["json", "pickle"]
    tickets.send_task("kapitola.work", args=[_Bomb(tmp_path / "exploded")], serializer="pickle", retry=False)
    tickets.close()
    queued = json.loads(stack.run(stack.redis.lindex(QUEUE, 0)))
    assert queued["content-type"] == "application/x-python-serialize"
    (tmp_path / "exploded").unlink(missing_ok=True)
    assert pickle.dumps(_Bomb(tmp_path / "exploded"))
    stack.accept(lecture("l1", 1, seed=1))
    worker = stack.crew.hire()
    stack.wait_for_all()
    assert not (tmp_path / "exploded").exists()
    assert stack.crew.is_alive(worker)
    assert stack.verdict().states == {"done": 1}
