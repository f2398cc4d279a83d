"""A batch's purse: what calls under way together may spend is never more than its budget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from shared.door import connect
from shared.lecture import LectureState, Options, Usage
from shared.ledger import LectureRecord
from shared.settings import Settings
from worker.purse import BudgetError, Purse, Purses

LECTURE = "kapitola:lecture:one"


def run(redis_url: str, test: Callable[[Purse, Redis], Awaitable[None]], budget: float | None = 1.0) -> None:
    async def whole() -> None:
        redis = connect(Settings(redis_url=redis_url, _env_file=None))
        await redis.hset(LECTURE, "id", "one")
        await redis.pexpire(LECTURE, 60_000)
        record = LectureRecord.model_construct(
            id="one", batch="all", state=LectureState.RUNNING, options=Options(budget=budget)
        )
        try:
            await test(Purses(redis).of(record), redis)
        finally:
            await redis.aclose()

    asyncio.run(whole())


def test_calls_under_way_together_stay_within_the_budget(redis_url: str) -> None:
    async def test(purse: Purse, redis: Redis) -> None:
        found = await asyncio.gather(*(purse.set_aside("m", 0.15) for _ in range(20)), return_exceptions=True)
        assert [aside for aside in found if not isinstance(aside, BudgetError)] == [0.15] * 6
        assert float(await redis.get("kapitola:spent:all")) == pytest.approx(0.9)
        assert 0 < await redis.pttl("kapitola:spent:all") <= 60_000

    run(redis_url, test)


def test_what_a_call_did_cost_takes_the_place_of_what_was_set_aside(redis_url: str) -> None:
    async def test(purse: Purse, redis: Redis) -> None:
        usage = Usage(calls=1, tokens_in=700, tokens_out=70, cost=0.1, estimated=True)
        await purse.pay(usage, await purse.set_aside("m", 0.9))
        await purse.put_back(await purse.set_aside("m", 0.9))
        assert float(await redis.get("kapitola:spent:all")) == pytest.approx(0.1)
        told = {name.decode(): float(value) for name, value in (await redis.hgetall(LECTURE)).items() if b":" in name}
        assert told == {
            "usage:calls": 1, "usage:tokens_in": 700, "usage:tokens_out": 70, "usage:cost": 0.1, "usage:estimated": 1,
        }  # fmt: skip

    run(redis_url, test)


def test_a_budget_that_is_spent_says_how_to_go_on(redis_url: str) -> None:
    async def test(purse: Purse, redis: Redis) -> None:
        await purse.set_aside("m", 0.99)
        with pytest.raises(BudgetError, match=r"\$1\.00 is spent .*kapitola retry .*--budget"):
            await purse.set_aside("m", 0.02)

    run(redis_url, test)


def test_without_a_price_no_budget_is_kept_in_silence(redis_url: str) -> None:
    async def test(purse: Purse, redis: Redis) -> None:
        with pytest.raises(BudgetError, match=r"my-model.*KAPITOLA_PRICES"):
            await purse.set_aside("my-model", None)

    run(redis_url, test)


def test_without_a_budget_all_is_counted_and_nothing_is_held_back(redis_url: str) -> None:
    async def test(purse: Purse, redis: Redis) -> None:
        assert await purse.set_aside("my-model", None) == 0
        await purse.pay(Usage(calls=1, unpriced=1), 0)
        assert await redis.hget(LECTURE, "usage:unpriced") == b"1"

    run(redis_url, test, budget=None)


def test_a_lecture_that_was_removed_does_not_come_back_as_a_bill(redis_url: str) -> None:
    async def test(purse: Purse, redis: Redis) -> None:
        await redis.delete(LECTURE)
        await purse.pay(Usage(calls=1, cost=0.1), 0)
        assert await redis.exists(LECTURE) == 0

    run(redis_url, test)
