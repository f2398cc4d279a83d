"""A webhook is written in the step that ends its lecture: there is none without an end, and no end without one."""

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


def test_each_end_is_told_once_and_the_last_one_tells_of_the_batch_as_well(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2"), lecture("l3")])
        assert await desk.told() == []
        for state in (LectureState.DONE, LectureState.FAILED, LectureState.INCOMPLETE):
            await desk.end(state)
        told = await desk.told()
        assert [type for type, _ in told] == ["lecture.done", "lecture.failed", "lecture.incomplete", "batch.done"]
        done, failed, _, batch = (content for _, content in told)
        assert (done["id"], done["batch"], done["name"], done["state"]) == ("l1", "b1", "l1.srt", "done")
        assert failed["problem"] == "no sense in it"
        assert batch == {"id": "b1", "lectures": {"done": 1, "failed": 1, "incomplete": 1, "cancelled": 0}}

    run(redis_url, test)


def test_nothing_is_told_where_no_address_was_given_or_it_was_disabled(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.redis.hset(f"{PREFIX}webhooks:disabled:a", URL, "410")
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2", webhook="")])
        await desk.end(LectureState.DONE)
        await desk.end(LectureState.DONE)
        assert await desk.told() == []

    run(redis_url, test)


def test_a_cancelled_lecture_is_not_told_but_may_end_its_batch(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2")])
        await desk.end(LectureState.DONE)
        await desk.ledger.cancel("l2")
        await desk.ledger.cancel("l2")
        assert [type for type, _ in await desk.told()] == ["lecture.done", "batch.done"]

    run(redis_url, test)


def test_a_lecture_that_is_retried_is_told_again_under_another_id(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        await desk.end(LectureState.FAILED)
        await desk.ledger.retry("l1")
        await desk.end(LectureState.DONE)
        types = [type for type, _ in await desk.told()]
        assert types == ["lecture.failed", "batch.done", "lecture.done", "batch.done"]

    run(redis_url, test)


def test_a_late_result_tells_nothing(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        claim = await desk.take()
        await desk.redis.hset(f"{PREFIX}chunk:{claim.work}", "token", "somebody else's")
        assert not await desk.claims.fail(claim, "late")
        assert await desk.told() == []

    run(redis_url, test)
