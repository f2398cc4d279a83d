"""The limiter: what is allowed is used, nothing beyond it is sent, and nobody who dies takes a place along."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.endpoints import Endpoint, Limits
from shared.lecture import Usage
from worker.limiter import Limiter, Permit, limiter_script

CLOCKED = """
local what, given, now = ARGV[1], cjson.decode(ARGV[2]), tonumber(ARGV[3])
local steps = {
  take = function() return { limiter_take(now, given.permit, given.estimate, given.endpoints) } end,
  settle = function() limiter_settle(now, given.permit, given.endpoints[1], given.used, given.failed) end,
  pause = function() limiter_pause(now, given.permit, given.endpoints[1], given.ms) end,
  learn = function() limiter_learn(now, given.endpoints[1], given.which, given.limit, given.remaining) end,
}
return steps[what]()
"""


class Clocked:
    """limiter.lua on a clock of the test's own, so that minutes pass in no time."""

    def __init__(self, redis: Redis, *endpoints: dict[str, Any]) -> None:
        self._step = redis.register_script(limiter_script() + CLOCKED)
        self._endpoints = [{"name": "a", "model": "m", "in_flight": 1000} | e for e in endpoints]
        self.now, self._count = 1_000_000, 0

    async def do(self, what: str, **given: Any) -> Any:
        return await self._step(args=[what, json.dumps({"endpoints": self._endpoints} | given), self.now])

    async def take(self, estimate: int = 10) -> tuple[int, str, str]:
        """(wait in ms, endpoint, permit)"""
        self._count += 1
        permit = str(self._count)
        wait, name = await self.do("take", permit=permit, estimate=estimate)
        return wait, name.decode(), permit

    async def grants(self, ms: int, step: int = 50, tokens: int = 10) -> list[int]:
        """When permits were granted to somebody who always asks again after `step`; each call ends at once."""
        granted = []
        end = self.now + ms
        while self.now < end:
            while True:
                wait, _, permit = await self.take(tokens)
                if wait:
                    break
                granted.append(self.now)
                await self.do("settle", permit=permit, used=None)
            self.now += step
        return granted


def run(redis_url: str, test: Callable[[Redis], Awaitable[None]]) -> None:
    async def whole() -> None:
        redis = Redis.from_url(redis_url)
        try:
            await test(redis)
        finally:
            await redis.aclose()

    asyncio.run(whole())


def most_in_a_minute(times: list[int]) -> int:
    return max(sum(1 for t in times if begin <= t < begin + 60_000) for begin in times)


def test_no_minute_however_it_is_cut_holds_more_requests_than_allowed_and_95_percent_are_used(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        times = await Clocked(redis, {"requests_per_minute": 120}).grants(180_000)
        assert most_in_a_minute(times) <= 120
        assert len(times) >= 0.95 * 360

    run(redis_url, test)


def test_no_minute_holds_more_tokens_than_allowed(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        # Before any reply, 1,000 estimated are taken for 1,250.
        times = await Clocked(redis, {"tokens_per_minute": 100_000}).grants(180_000, tokens=1000)
        assert most_in_a_minute(times) * 1250 <= 100_000
        assert len(times) * 1250 >= 0.95 * 300_000

    run(redis_url, test)


def test_idleness_is_not_saved_up(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        clocked = Clocked(redis, {"requests_per_minute": 120})
        await clocked.take()
        clocked.now += 3_600_000
        assert len(await clocked.grants(50)) <= 4

    run(redis_url, test)


def test_waiters_get_appointments_one_after_the_other(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        clocked = Clocked(redis, {"requests_per_minute": 60})
        waits = [w for w in [(await clocked.take())[0] for _ in range(8)] if w]
        assert waits == sorted(waits)
        assert len({wait // 500 for wait in waits[:4]}) == 4

    run(redis_url, test)


def test_a_429_pauses_everybody_and_is_not_forgotten_by_a_later_shorter_one(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        clocked = Clocked(redis, {})
        _, _, permit = await clocked.take()
        await clocked.do("pause", permit=permit, ms=7000)
        await clocked.do("pause", permit="other", ms=100)
        wait, _, _ = await clocked.take()
        assert wait == pytest.approx(7000, abs=5)
        clocked.now += 7001
        assert (await clocked.take())[0] == 0

    run(redis_url, test)


def test_work_goes_where_there_is_room(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        clocked = Clocked(redis, {"name": "a", "in_flight": 3}, {"name": "b", "in_flight": 3})
        names = [(await clocked.take())[1] for _ in range(6)]
        assert sorted(names) == ["a"] * 3 + ["b"] * 3
        assert (await clocked.take())[0] > 0

    run(redis_url, test)


def test_a_dead_holder_loses_its_place(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        clocked = Clocked(redis, {"in_flight": 1})
        await clocked.take()
        assert (await clocked.take())[0] > 0
        clocked.now += 20_001
        assert (await clocked.take())[0] == 0

    run(redis_url, test)


def test_the_breaker_opens_after_failures_and_one_call_tries_it_again(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        clocked = Clocked(redis, {})
        permits = [(await clocked.take())[2] for _ in range(20)]
        for permit in permits:
            await clocked.do("settle", permit=permit, failed=True)
        wait, _, _ = await clocked.take()
        assert 900 < wait < 1100, "those that were in flight count as one failure"
        clocked.now += 1001
        tries = [await clocked.take() for _ in range(10)]
        assert [wait == 0 for wait, _, _ in tries] == [True] + [False] * 9
        await clocked.do("settle", permit=tries[0][2], used=10)
        assert (await clocked.take())[0] == 0

    run(redis_url, test)


def test_an_endpoint_that_failed_gets_what_others_have_no_room_for_and_is_tried_again_after_a_while(
    redis_url: str,
) -> None:
    async def test(redis: Redis) -> None:
        clocked = Clocked(redis, {"name": "a", "in_flight": 9}, {"name": "b", "in_flight": 3})
        _, name, permit = await clocked.take()
        assert name == "a"
        await clocked.do("settle", permit=permit, failed=True)
        assert [(await clocked.take())[1] for _ in range(4)] == ["b", "b", "b", "a"]
        clocked.now += 10_001
        assert (await clocked.take())[1] == "a"

    run(redis_url, test)


def test_limits_are_learnt_from_headers_where_none_are_configured(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        clocked = Clocked(redis, {})
        await clocked.do("learn", which="requests", limit=60, remaining=59)
        assert len(await clocked.grants(10_000)) <= 12

    run(redis_url, test)


def test_what_is_left_by_the_server_bounds_the_burst_but_never_the_rate(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        clocked = Clocked(redis, {"requests_per_minute": 600})
        granted = 0
        for _ in range(200):
            clocked.now += 50
            wait, _, _ = await clocked.take()
            granted += not wait
            await clocked.do("learn", which="requests", limit=600, remaining=0)
        assert granted >= 0.95 * 100

    run(redis_url, test)


def limiter(redis: Redis, **limits: Any) -> Limiter:
    return Limiter(redis, [Endpoint("a", "http://127.0.0.1:9/v1", "m", limits=Limits(**limits))])


def test_estimates_are_corrected_by_the_replies_seen_so_far(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        ours = limiter(redis, tokens_per_minute=1_000_000)
        for _ in range(3):
            permit = await ours.permit(1000, "cs:outline")
            await ours.settle(permit, Usage(calls=1, tokens_in=1800, tokens_out=200), {}, "cs:outline")
        permit = await ours.permit(1000, "cs:outline")
        assert float(await redis.hget("kapitola:limiter:reserved:a", permit.id)) == 2000
        unknown = await ours.permit(1000)
        assert float(await redis.hget("kapitola:limiter:reserved:a", unknown.id)) == 2000

    run(redis_url, test)


def test_a_permit_that_is_given_back_costs_nothing(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        ours = limiter(redis, requests_per_minute=2, in_flight=1)
        for _ in range(10):
            await ours.give_back(await asyncio.wait_for(ours.permit(10), 5))

    run(redis_url, test)


def test_a_call_that_lasts_keeps_its_place(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.limiter.RENEWED_EVERY_S", 0.05)

    async def test(redis: Redis) -> None:
        ours = limiter(redis, in_flight=1)
        permit = await ours.permit(10)
        ours.hold(permit)
        first = await redis.zscore("kapitola:limiter:flight:a", permit.id)
        while await redis.zscore("kapitola:limiter:flight:a", permit.id) == first:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        await ours.abandon(permit)
        assert await redis.zcard("kapitola:limiter:flight:a") == 0
        await ours.close()

    run(redis_url, test)


def test_without_redis_nothing_is_permitted() -> None:
    async def test() -> None:
        redis = Redis.from_url("redis://127.0.0.1:1/0", retry=None)
        with pytest.raises(RedisError):
            await limiter(redis).permit(10)
        await redis.aclose()

    asyncio.run(test())


def test_every_key_has_a_time_to_live(redis_url: str) -> None:
    async def test(redis: Redis) -> None:
        ours = limiter(redis, requests_per_minute=60, tokens_per_minute=60_000)
        permit = await ours.permit(10)
        await ours.settle(permit, Usage(tokens_in=10, tokens_out=1), {"x-ratelimit-limit-tokens": "5"}, "en:outline")
        await ours.pause(await ours.permit(10), 100)
        await ours.permit(10)
        keys = await redis.keys("*")
        assert keys
        assert [key for key in keys if await redis.ttl(key) < 0] == []

    run(redis_url, test)


def test_many_waiters_ask_redis_little(redis_url: str) -> None:
    """No herd: fifty waiters at ten calls a second ask a few times each, not fifty times."""

    async def test(redis: Redis) -> None:
        ours = limiter(redis, requests_per_minute=1200)
        await redis.config_resetstat()
        begun = time.monotonic()

        async def one() -> Permit:
            return await ours.permit(10)

        permits = await asyncio.gather(*(one() for _ in range(50)))
        assert len({permit.id for permit in permits}) == 50
        assert time.monotonic() - begun < 5
        calls = (await redis.info("commandstats"))["cmdstat_evalsha"]["calls"]
        assert calls <= 50 * 4

    run(redis_url, test)
