"""A Redis that dies, is cut, full, wiped, or unfit."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness.consistency import inconsistencies
from harness.lectures import lecture
from harness.redis_process import DURABLE, RedisProcess
from harness.stack import Stack
from model_server import ModelServer
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from shared.endpoints import OFFLINE
from shared.ledger import Ledger
from worker.claims import Claim, Claims
from worker.limiter import Limiter

Start = Callable[..., Stack]


@pytest.mark.slow
@pytest.mark.parametrize("fsync", ["everysec", "always"])
def test_f5_three_kills_of_redis_under_load_lose_nothing(tmp_path: Path, fsync: str) -> None:
    with (
        RedisProcess(tmp_path, "--appendonly", "yes", "--appendfsync", fsync, "--save", "") as redis,
        ModelServer(latency=0.15) as model,
        Stack(tmp_path, redis, model, lease_seconds=10) as stack,
    ):
        crew = [stack.crew.hire(), stack.crew.hire()]
        for n in range(3):
            stack.accept(*(lecture(f"l{n}-{k}", 5, seed=n) for k in range(4)))
            stack.wait_until(lambda n=n: stack.calls() > n * 12)
            stack.redis_process.kill()
            time.sleep(1)
            stack.redis_process.start()
            stack.wait_until(lambda: stack.run(_answers(stack.redis)), what="our own connection did not come back")
        stack.wait_for_all(120)
        assert all(stack.crew.is_alive(pid) for pid in crew)
        assert stack.verdict().states == {"done": 12}
        assert stack.verdict().broken == []
        assert stack.run(inconsistencies(stack.redis)) == []


def test_f6_the_log_cut_anywhere_is_a_consistent_state(tmp_path: Path) -> None:
    """A power cut leaves a prefix of the AOF. Every 40th prefix here; `FAULT_CUTS=all` takes every single byte."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    with RedisProcess(whole, "--appendonly", "yes", "--appendfsync", "always", "--save", "") as redis:
        asyncio.run(_a_lecture_s_life(redis.url))
    log = next((whole / "appendonlydir").glob("*.incr.aof"))
    content = log.read_bytes()
    step = 1 if os.environ.get("FAULT_CUTS") == "all" else max(1, len(content) // 40)
    shutil.copytree(whole / "appendonlydir", cut / "appendonlydir")
    for length in range(0, len(content) + 1, step):
        (cut / "appendonlydir" / log.name).write_bytes(content[:length])
        with RedisProcess(cut, *DURABLE) as redis:
            assert asyncio.run(_look(redis.url)) == [], f"cut after {length} of {len(content)} bytes"


@pytest.mark.slow
def test_f7_workers_come_back_when_redis_has_memory_again(start: Start) -> None:
    stack = start(lease_seconds=5)
    stack.accept(*(lecture(f"l{n}", 5, seed=1) for n in range(4)))
    worker = stack.crew.hire()
    stack.wait_until(lambda: stack.calls() >= 4)
    stack.run(stack.redis.config_set("maxmemory", 1))
    with pytest.raises(OutOfMemoryError):
        stack.run(stack.ledger.accept("a", "refused", [lecture("refused", 1, seed=1)]))
    time.sleep(7)  # longer than a lease
    stack.run(stack.redis.config_set("maxmemory", 0))
    stack.wait_for_all(60)
    assert stack.crew.is_alive(worker)
    assert stack.verdict().states == {"done": 4} and stack.verdict().broken == []
    assert stack.run(stack.ledger.lecture("refused")) is None


def test_f8_workers_refuse_a_redis_that_evicts_and_say_what_to_set(start: Start) -> None:
    stack = start()
    stack.run(stack.redis.config_set("maxmemory-policy", "allkeys-lru"))
    worker = stack.crew.hire()
    stack.wait_until(lambda: not stack.crew.is_alive(worker), what="it did not refuse")
    assert "redis-cli CONFIG SET maxmemory-policy noeviction" in stack.crew.logs()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "kapitola", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"a small disk needs leave to mount one: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
def test_f9_a_full_disk_stops_writing_and_loses_nothing(tmp_path: Path, small_disk: Path) -> None:
    with (
        RedisProcess(small_disk, *DURABLE) as redis,
        ModelServer(latency=0.15) as model,
        Stack(tmp_path, redis, model, lease_seconds=5) as stack,
    ):
        stack.accept(*(lecture(f"l{n}", 5, seed=1) for n in range(3)))
        worker = stack.crew.hire()
        stack.wait_until(lambda: stack.calls() >= 3)
        filler = small_disk / "filler"
        with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
            while True:
                file.write(bytes(4096))
        stack.wait_until(lambda: stack.run(_is_refused(stack)), what="Redis wrote on")
        time.sleep(3)
        filler.unlink()
        stack.wait_for_all(90)
        assert stack.crew.is_alive(worker)
        assert stack.verdict().states == {"done": 3} and stack.verdict().broken == []


@pytest.mark.slow
def test_f10_after_a_wipe_nothing_hangs_and_new_lectures_are_done(start: Start) -> None:
    stack = start()
    stack.accept(*(lecture(f"l{n}", 5, seed=1) for n in range(3)))
    worker = stack.crew.hire()
    stack.wait_until(lambda: stack.calls() >= 3)
    stack.run(stack.redis.flushall())
    assert stack.run(stack.ledger.lecture("l0")) is None
    assert stack.run(stack.ledger.was_there("l0")) is None
    stack.accepted.clear()
    stack.accept(lecture("after", 2, seed=2))
    stack.wait_for_all(60)
    assert stack.crew.is_alive(worker)
    assert stack.verdict().states == {"done": 1} and stack.verdict().broken == []


async def _answers(redis: Redis) -> bool:
    try:
        return bool(await redis.ping())
    except (RedisError, OSError):
        return False


async def _is_refused(stack: Stack) -> bool:
    try:
        await stack.redis.set("kapitola:probe", "1", px=1_000)
    except ResponseError as error:
        return str(error).startswith("MISCONF")
    return False


async def _a_lecture_s_life(url: str) -> None:
    """Two lectures accepted, one worked on to its end with a failure and a retry, the other cancelled and removed."""
    redis = Redis.from_url(url)
    ledger, limiter = Ledger(redis, keep_days=1), Limiter(redis, [OFFLINE])
    claims = Claims(redis, limiter, lease_seconds=30, attempts=3)
    await ledger.accept("a", "b1", [lecture("l1", 2, seed=1), lecture("l2", 2, seed=1)], "key", "digest")
    await ledger.cancel("l2")
    first = True
    for _ in range(20):
        claim = await claims.take()
        if not isinstance(claim, Claim):
            break
        if first:
            await claims.fail(claim, "refused")
        else:
            await claims.commit(claim, "{}", "" if claim.chunk is not None else "incomplete")
        first = False
    await ledger.retry("l1")
    record = await ledger.lecture("l2")
    assert record
    await ledger.remove(record)
    await limiter.close()
    await redis.aclose()


async def _look(url: str) -> list[str]:
    async with Redis.from_url(url) as redis:
        return await inconsistencies(redis)
