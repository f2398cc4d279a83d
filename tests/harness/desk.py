"""A ledger with one worker before it, moved by hand against a real Redis."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from redis.asyncio import Redis

from shared.chunks import Chunk
from shared.cues import Cue, Cues
from shared.endpoints import OFFLINE, Limits
from shared.keys import PREFIX
from shared.lecture import LectureState, Options
from shared.ledger import Ledger, Submission, script
from worker.claims import Claim, Claims
from worker.limiter import Limiter, limiter_script


@dataclass
class Desk:
    """A ledger with one worker in front of it."""

    redis: Redis
    limiter: Limiter
    ledger: Ledger
    claims: Claims

    async def take(self) -> Claim:
        claim = await self.claims.take()
        assert isinstance(claim, Claim)
        return claim

    async def die(self) -> None:
        """What is left when the worker is killed, once its leases have run out."""
        for claim in self.claims.held.values():
            await self.redis.zadd(f"{PREFIX}leases", {claim.work: 0})
        self.claims.held.clear()
        await self.sweep()

    async def sweep(self, attempts: int = 3) -> list[int]:
        sweep = self.redis.register_script(script("sweep", limiter_script()))
        return [int(n) for n in await sweep(args=[PREFIX, attempts, 100, self.limiter.argument(), 2_000])][:3]

    async def end(self, state: str) -> None:
        """Does the one chunk of the next lecture, so that it ends in `state`."""
        claim = await self.take()
        if state == LectureState.FAILED:
            await self.claims.fail(claim, "no sense in it")
            return
        await self.claims.commit(claim, "{}")
        await self.claims.commit(await self.take(), "{}", state)

    async def told(self, client: str = "a") -> list[tuple[str, dict[str, Any]]]:
        """Type and content of a client's webhooks, in the order of their making."""
        ids = await self.redis.zrange(f"{PREFIX}webhooks:of:{client}", 0, -1)
        rows = [await self.redis.hgetall(f"{PREFIX}webhook:{id.decode()}") for id in ids]
        assert set(ids) == set(await self.redis.zrange(f"{PREFIX}webhooks", 0, -1))
        return [(row[b"type"].decode(), json.loads(row[b"told"])) for row in rows]


def lecture(id: str, chunks: int = 2, priority: int = 0, webhook: str = "") -> Submission:
    cues = Cues(tuple(Cue(n + 1, n * 1000, n * 1000 + 900, f"word {n}") for n in range(chunks)), "srt", "utf-8")
    cut = tuple(Chunk(n, chunks, n, n, n + 1, tokens=100) for n in range(chunks))
    return Submission(id, f"{id}.srt", cues, cut, Options(priority=priority), webhook)


@asynccontextmanager
async def opened(redis_url: str, lease_seconds: float = 30, most_of_a_client: int = 0) -> AsyncIterator[Desk]:
    """The desk, with more calls in flight allowed than any test has."""
    redis = Redis.from_url(redis_url)
    limiter = Limiter(redis, [replace(OFFLINE, limits=Limits(in_flight=10_000))])
    ledger = Ledger(redis, keep_days=1)
    claims = Claims(redis, limiter, lease_seconds, attempts=3, most_of_a_client=most_of_a_client)
    try:
        desk = Desk(redis, limiter, ledger, claims)
        await desk.sweep()
        yield desk
    finally:
        await ledger.close()
        await limiter.close()
        await redis.aclose()


def run(redis_url: str, test: Callable[[Desk], Awaitable[None]], most_of_a_client: int = 0) -> None:
    async def with_desk() -> None:
        async with opened(redis_url, most_of_a_client=most_of_a_client) as desk:
            await test(desk)

    asyncio.run(with_desk())
