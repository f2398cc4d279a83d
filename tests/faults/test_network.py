"""A network that is silent, slow or broken off between workers and Redis, and lost between a client and its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from harness.lectures import lecture
from harness.proxy import Proxy
from harness.redis_process import RedisProcess
from harness.stack import Stack
from model_server import ModelServer
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.ledger import Ledger

Start = Callable[..., Stack]


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["hole", "reset", "delay"])
def test_f11_workers_come_back_from_a_broken_network(start: Start, tmp_path: Path, fault: str) -> None:
    with Proxy(tmp_path / "r.sock") as proxy:
        stack = start(through=proxy.url, lease_seconds=5)
        stack.accept(*(lecture(f"l{n}", 5, seed=1) for n in range(3)))
        worker = stack.crew.hire()
        stack.wait_until(lambda: stack.calls() >= 3)
        if fault == "hole":
            proxy.hole()
            time.sleep(8)
            proxy.mend()
        elif fault == "reset":
            for _ in range(5):
                proxy.reset()
                time.sleep(0.7)
        else:
            proxy.delay = 0.3
            time.sleep(5)
            proxy.delay = 0
        stack.wait_for_all(60)
        assert stack.crew.is_alive(worker)
        assert stack.verdict().states == {"done": 3} and stack.verdict().broken == []
        assert stack.tallies().get("given up", 0) == 0


def test_f17_an_answer_that_is_lost_after_the_commit_makes_one_batch(tmp_path: Path) -> None:
    async def submit(proxy: Proxy, straight: str) -> None:
        ledger = Ledger(there := Redis.from_url(proxy.url, socket_timeout=5), keep_days=1)
        proxy.delay = 0.3
        first = asyncio.create_task(ledger.accept("a", "first", [lecture("l1", 1, seed=1)], "key", "digest"))
        async with Redis.from_url(straight) as redis:
            while not await redis.exists("kapitola:lecture:l1"):  # noqa: ASYNC110  # another process's doing
                await asyncio.sleep(0.01)
        proxy.reset()  # with the answer on its way
        with pytest.raises((RedisError, OSError)):
            await first
        proxy.delay = 0
        again = await ledger.accept("a", "second", [lecture("l2", 1, seed=1)], "key", "digest")
        assert (again.batch, again.repeated) == ("first", True)
        assert [record.id for record in await ledger.lectures("first")] == ["l1"]
        assert await ledger.lecture("l2") is None
        await there.aclose()

    with RedisProcess(tmp_path) as redis, Proxy(tmp_path / "r.sock") as proxy:
        asyncio.run(submit(proxy, redis.url))


def test_f16_what_was_accepted_and_never_announced_is_dispatched_within_seconds(start: Start) -> None:
    """The API was killed between the accept and its tickets: nobody tells the workers."""
    stack = start(ModelServer(latency=0.01), lease_seconds=30)
    stack.crew.hire()
    stack.wait_until(lambda: "ready" in stack.crew.logs())
    began = time.monotonic()
    stack.run(stack.ledger.accept("a", "b1", [lecture("l1", 1, seed=1)], "key", "digest"))
    again = stack.run(stack.ledger.accept("a", "b2", [lecture("l1", 1, seed=1)], "key", "digest"))
    assert again.batch == "b1"
    stack.wait_until(lambda: stack.calls() > 0)
    assert time.monotonic() - began < 10
    stack.wait_until(lambda: stack.has_ended(["l1"]))
