"""One process at a time finds out what a server takes; one that dies at it does not keep the others for long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from shared.door import connect
from shared.settings import Settings
from worker.model import capabilities
from worker.model.capabilities import CapabilitiesMemory


@pytest.fixture(autouse=True)
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capabilities, "FINDING_OUT_S", 1)


def run(redis_url: str, test: Callable[[Redis, CapabilitiesMemory, CapabilitiesMemory], Awaitable[None]]) -> None:
    """The test, with what two processes know of the same server."""

    async def whole() -> None:
        redis = connect(Settings(redis_url=redis_url, _env_file=None))
        async with asyncio.timeout(20):
            await test(redis, *(CapabilitiesMemory(redis, "http://127.0.0.1:1/v1", "m") for _ in range(2)))
        await redis.aclose()

    asyncio.run(whole())


def test_whoever_dies_while_finding_out_keeps_the_others_no_longer_than_a_lease(redis_url: str) -> None:
    async def test(redis: Redis, dead: CapabilitiesMemory, living: CapabilitiesMemory) -> None:
        await redis.set(dead._lock_key, "of a process that was killed", ex=capabilities.FINDING_OUT_S)
        async with living.known() as known:
            assert not known.proven
        assert await redis.exists(living._lock_key) == 0

    run(redis_url, test)


def test_whoever_lives_keeps_the_others_for_as_long_as_it_takes(redis_url: str) -> None:
    async def test(_: Redis, first: CapabilitiesMemory, second: CapabilitiesMemory) -> None:
        has_ended = False

        async def wait() -> None:
            async with second.known() as known:
                assert has_ended, "the first was still finding out"
                assert not known.proven

        async with asyncio.TaskGroup() as group, first.known():
            waiting = group.create_task(wait())
            await asyncio.sleep(2.5)  # two and a half leases
            assert not waiting.done()
            has_ended = True

    run(redis_url, test)
