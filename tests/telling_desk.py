"""A ledger with one worker in front of it, and lectures of one chunk that tell an address of their end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis

from shared.chunks import Chunk
from shared.cues import Cue, Cues
from shared.endpoints import OFFLINE
from shared.keys import PREFIX
from shared.lecture import LectureState, Options
from shared.ledger import Ledger, Submission
from worker.claims import Claim, Claims
from worker.limiter import Limiter

URL = "https://hooks.example.org/kapitola"


@dataclass
class Desk:
    redis: Redis
    ledger: Ledger
    claims: Claims

    async def take(self) -> Claim:
        claim = await self.claims.take()
        assert isinstance(claim, Claim)
        return claim

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


def lecture(id: str, webhook: str = URL) -> Submission:
    cues = Cues((Cue(1, 0, 900, "word"),), "srt", "utf-8")
    return Submission(id, f"{id}.srt", cues, (Chunk(0, 1, 0, 0, 1, tokens=100),), Options(), webhook)


def run(redis_url: str, test: Callable[[Desk], Awaitable[None]]) -> None:
    async def with_desk() -> None:
        redis = Redis.from_url(redis_url)
        limiter = Limiter(redis, [OFFLINE])
        try:
            await test(Desk(redis, Ledger(redis, keep_days=1), Claims(redis, limiter, 30, attempts=3)))
        finally:
            await limiter.close()
            await redis.aclose()

    asyncio.run(with_desk())
