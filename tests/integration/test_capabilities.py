"""One process at a time finds out what a server takes; one that dies at it does not keep the others for long."""

from __future__ import annotations

import asyncio
import time

import pytest
from redis.asyncio import Redis

from shared.door import connect
from shared.settings import Settings
from worker.model import capabilities
from worker.model.capabilities import CapabilitiesMemory


def memories(redis: Redis, count: int) -> list[CapabilitiesMemory]:
    """What so many processes know of the same server."""
    return [CapabilitiesMemory(redis, "http://127.0.0.1:1/v1", "m") for _ in range(count)]


def test_whoever_dies_while_finding_out_keeps_the_others_no_longer_than_a_lease(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capabilities, "FINDING_OUT_S", 1)

    async def whole() -> None:
        redis = connect(Settings(redis_url=redis_url, _env_file=None))
        dead, living = memories(redis, 2)
        await redis.set(dead._lock_key, "of a process that was killed", ex=capabilities.FINDING_OUT_S)
        async with asyncio.timeout(20), living.known() as known:
            assert not known.proven
        assert await redis.exists(living._lock_key) == 0
        await redis.aclose()

    asyncio.run(whole())


def test_whoever_lives_keeps_the_others_for_as_long_as_it_takes(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capabilities, "FINDING_OUT_S", 1)

    async def whole() -> None:
        redis = connect(Settings(redis_url=redis_url, _env_file=None))
        first, second = memories(redis, 2)
        ended = 0.0

        async def wait() -> None:
            async with second.known() as known:
                assert ended, "the first was still finding out"
                assert not known.proven

        async with asyncio.timeout(20), asyncio.TaskGroup() as group, first.known():
            waiting = group.create_task(wait())
            await asyncio.sleep(2.5)  # two and a half leases
            assert not waiting.done()
            ended = time.monotonic()
        await redis.aclose()

    asyncio.run(whole())
