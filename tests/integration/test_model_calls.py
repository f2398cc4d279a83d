"""A prompt's whole way: cache, limiter, model, and what is tried again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from model_server import ModelServer
from redis.asyncio import Redis

from shared.chunks import cut
from shared.cues import read
from shared.door import connect
from shared.endpoints import OFFLINE, Deadlines, Endpoint, EndpointsError, Limits, endpoints
from shared.lecture import Options, Usage
from shared.prices import CHUNK_FRAME, RULES
from shared.settings import Settings
from worker import calls as calls_module
from worker.calls import Calls
from worker.exchange import Prompt
from worker.limiter import Limiter
from worker.model.errors import ModelBusyError, ModelMisconfiguredError, ModelUnavailableError
from worker.model.openai_compatible import OpenAICompatible
from worker.prompt import outline_prompt
from worker.reply_cache import ReplyCache

Test = Callable[..., Awaitable[None]]
PROMPT = Prompt("outline", "1", "Outline it.", "Transcript:\n1 bread is old\n2 flour and water", "en")


def prompt(number: int) -> Prompt:
    return replace(PROMPT, request=f"Transcript:\n1 bread is old\n2 loaf {number}")


def run(redis_url: str, test: Test, *servers: ModelServer, workers: int = 1, **changes: Any) -> None:
    """The test, with the calls of so many worker processes that share a Redis and the servers, each an endpoint."""
    found = [Endpoint(f"e{n}", server.base_url, f"m{n}", **changes) for n, server in enumerate(servers)] or [OFFLINE]
    settings = Settings(redis_url=redis_url, _env_file=None)

    async def whole() -> None:
        redis = [connect(settings) for _ in range(workers)]
        calls = [Calls(each, found, Limiter(each, found), settings) for each in redis]
        try:
            await test(*calls, redis[0])
            assert await redis[0].zcard("kapitola:limiter:flight:e0") == 0, "every permit has come back"
        finally:
            for each in calls:
                await each.close()
            for connection in redis:
                await connection.aclose()

    asyncio.run(whole())


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_module, "PAUSES_S", (0.01, 0.02))


def test_the_same_prompt_is_paid_for_once_and_says_so(redis_url: str) -> None:
    async def test(calls: Calls, redis: Redis) -> None:
        first = await calls.ask(PROMPT, scope="alice")
        again = await calls.ask(PROMPT, scope="alice")
        assert again.text == first.text
        assert again.usage == Usage(from_cache=1)

    with ModelServer() as server:
        run(redis_url, test, server)
        assert len(server.calls) == 1


@pytest.mark.parametrize(("shared", "paid"), [(False, 2), (True, 1)])
def test_one_clients_replies_are_never_anothers_unless_they_are_shared(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, shared: bool, paid: int
) -> None:
    monkeypatch.setenv("KAPITOLA_REPLY_CACHE_SHARED", str(shared))

    async def test(calls: Calls, redis: Redis) -> None:
        for scope in ("alice", "bob"):
            assert (await calls.ask(PROMPT, scope=scope)).finish == "stop"

    with ModelServer() as server:
        run(redis_url, test, server)
        assert len(server.calls) == paid


def test_a_kept_reply_ends_with_its_time_and_one_that_was_cut_short_is_not_kept(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAPITOLA_REPLY_CACHE_DAYS", str(0.3 / 86_400))

    async def test(calls: Calls, redis: Redis) -> None:
        await calls.ask(PROMPT)
        assert await redis.keys("kapitola:reply:*")
        while await redis.keys("kapitola:reply:*"):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        assert (await calls.ask(PROMPT)).finish == "length"
        assert await redis.keys("kapitola:reply:*") == []

    with ModelServer(script=["", "truncated"]) as server:
        run(redis_url, test, server)
        assert len(server.calls) == 2


def test_a_reply_that_was_thought_over_differently_is_not_given_for_another(redis_url: str) -> None:
    async def test(calls: Calls, redis: Redis) -> None:
        assert (await calls.ask(PROMPT)).usage.from_cache == 0

    with ModelServer() as server:
        for reasoning in ("", "low"):
            run(redis_url, test, server, reasoning=reasoning)


def test_a_few_failures_are_tried_again_at_once_and_then_it_is_told(redis_url: str) -> None:
    async def test(calls: Calls, redis: Redis) -> None:
        assert (await calls.ask(prompt(1))).finish == "stop"
        with pytest.raises(ModelUnavailableError):
            await calls.ask(prompt(2))

    with ModelServer(script=["500", "reset", "", "502", "cut", "500"]) as server:
        run(redis_url, test, server)
        assert len(server.calls) == 6


@pytest.mark.parametrize("fault", ["429", "429-ms", "429-date"])
def test_a_429_is_told_at_once_and_pauses_every_worker(redis_url: str, fault: str) -> None:
    async def test(one: Calls, other: Calls, redis: Redis) -> None:
        with pytest.raises(ModelBusyError):
            await one.ask(PROMPT)
        assert (await other.ask(PROMPT)).finish == "stop"

    with ModelServer(script=[fault]) as server:
        run(redis_url, test, server, workers=2)
        refused, answered = server.calls
        assert answered.at - refused.at >= 0.95


def test_of_a_mixture_of_faults_every_prompt_is_answered_in_bounded_tries(redis_url: str) -> None:
    async def test(one: Calls, other: Calls, redis: Redis) -> None:
        async def until_answered(number: int) -> None:
            for _ in range(8):
                try:
                    await (one, other)[number % 2].ask(prompt(number))
                    return
                except ModelUnavailableError:
                    await asyncio.sleep(0.01)
            raise AssertionError(f"prompt {number} was never answered")

        await asyncio.gather(*(until_answered(number) for number in range(60)))

    mix = {"500": 0.08, "502": 0.08, "reset": 0.06, "cut": 0.06, "hang": 0.02}
    with ModelServer(mix=mix) as server:
        run(redis_url, test, server, workers=2, deadlines=Deadlines(total=2.0))
        assert len([call for call in server.calls if call.status == 200]) >= 60
        assert len(server.calls) <= 130


def test_work_goes_away_from_an_endpoint_that_is_misconfigured(redis_url: str) -> None:
    async def test(calls: Calls, redis: Redis) -> None:
        assert {(await calls.ask(prompt(number))).model for number in range(6)} == {"m1 (e1)"}

    with ModelServer(script=["401"] * 50) as wrong, ModelServer() as right:
        run(redis_url, test, wrong, right)
        assert len(wrong.calls) == 1


def test_work_goes_away_from_an_endpoint_that_fails(redis_url: str) -> None:
    async def test(calls: Calls, redis: Redis) -> None:
        assert {(await calls.ask(prompt(number))).model for number in range(6)} == {"m1 (e1)"}

    with ModelServer(mix={"500": 1.0}) as failing, ModelServer() as well:
        run(redis_url, test, failing, well)
        assert len(failing.calls) == 1


def test_the_only_endpoint_that_is_misconfigured_is_told_to_every_chunk_soon(redis_url: str) -> None:
    async def test(calls: Calls, redis: Redis) -> None:
        for number in range(3):
            with pytest.raises(ModelMisconfiguredError, match="OPENAI_API_KEY"):
                await asyncio.wait_for(calls.ask(prompt(number)), 30)

    with ModelServer(mix={"401": 1.0}) as server:
        run(redis_url, test, server)


def test_a_cancelled_call_hands_its_permit_back(redis_url: str) -> None:
    async def test(calls: Calls, redis: Redis) -> None:
        asking = asyncio.create_task(calls.ask(PROMPT))
        while not await redis.zcard("kapitola:limiter:flight:e0"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    with ModelServer(script=["hang"]) as server:
        run(redis_url, test, server)


def test_a_permit_comes_back_at_whatever_moment_its_call_is_cancelled(redis_url: str) -> None:
    """Between the grant in Redis and the call, a permit once stayed on the books until it expired; and a cancellation
    that came while something was sent to Redis was forgotten, and the model called all the same."""

    async def test(calls: Calls, redis: Redis) -> None:
        limiter = calls._limiter
        for steps in range(40):
            given = await limiter.permit(10) if steps % 2 else None
            asking = asyncio.create_task(calls.ask(prompt(steps), given))
            for _ in range(steps):
                await asyncio.sleep(0)
            asking.cancel()
            assert isinstance((await asyncio.gather(asking, return_exceptions=True))[0], asyncio.CancelledError)
            assert await redis.zcard("kapitola:limiter:flight:e0") == 0, f"cancelled after {steps} steps"

    with ModelServer(latency=30) as server:
        run(redis_url, test, server)


def test_as_an_outage_ends_the_limit_holds(redis_url: str) -> None:
    async def test(one: Calls, other: Calls, redis: Redis) -> None:
        async def until_answered(number: int) -> None:
            while True:
                try:
                    await (one, other)[number % 2].ask(prompt(number))
                    return
                except ModelUnavailableError:
                    await asyncio.sleep(0.05)

        await asyncio.gather(*(until_answered(number) for number in range(40)))

    with ModelServer(script=["503"] * 6, rpm=1200, burst_s=2) as server:
        run(redis_url, test, server, workers=2, limits=Limits(requests_per_minute=1200))
        assert [call.status for call in server.calls].count(429) == 0


def test_what_is_set_aside_for_a_chunk_errs_little_from_the_second_on(redis_url: str) -> None:
    """Chunks of all sizes: the rules cost the same for each, and the reply grows with what is said."""
    file = Path(__file__).parents[2] / "examples" / "how-maps-lie.srt"
    cues = read(file.read_bytes(), file.name, None).cues
    chunks = [chunk for budget in (2500, 1200, 700) for chunk in cut(cues, budget)][:12]

    async def test(calls: Calls, redis: Redis) -> None:
        errors = []
        for chunk in chunks:
            asked = outline_prompt(cues, chunk, file.name, Options(), "en")
            permit = await calls._limiter.permit(chunk.tokens + RULES + CHUNK_FRAME, "en:outline")
            aside = float(await redis.hget("kapitola:limiter:reserved:e0", permit.id))
            usage = (await calls.ask(asked, permit)).usage
            errors.append(abs(aside / (usage.tokens_in + usage.tokens_out) - 1))
        assert max(errors[1:]) < 0.1
        assert sum(errors[1:]) / len(errors[1:]) < 0.04

    with ModelServer() as server:
        run(redis_url, test, server, limits=Limits(tokens_per_minute=10_000_000))


def test_the_cache_stays_within_its_bytes_and_drops_what_was_used_longest_ago(redis_url: str) -> None:
    async def test(calls: Calls, redis: Redis) -> None:
        cache = ReplyCache(redis, 60_000, 1000)
        reply = await calls.ask(PROMPT)
        for number in range(30):
            await cache.put("", "m", prompt(number), reply)
            await cache.get("", "m", prompt(0))
        kept = [n for n in range(30) if await cache.get("", "m", prompt(n))]
        assert 0 in kept
        assert 29 in kept
        assert len(kept) < 15
        assert int(await redis.hget("kapitola:replies:sizes", "total")) <= 1000

    with ModelServer() as server:
        run(redis_url, test, server)


REMOTE = Endpoint("elsewhere", "https://api.example.com/v1", "m", "sk-x")


def test_no_test_can_reach_a_model_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EndpointsError, match="not this machine"):
        endpoints({"OPENAI_API_KEY": "sk-x", "KAPITOLA_ONLY_LOCAL_MODELS": "1"})
    with pytest.raises(EndpointsError, match="not this machine"):
        OpenAICompatible(REMOTE)
    for elsewhere in ("http://127.0.0.1.example.com/v1", "http://127.0.0.1@example.com/v1", "http://0/v1"):
        with pytest.raises(EndpointsError, match="not this machine"):
            OpenAICompatible(replace(REMOTE, base_url=elsewhere))
    assert "secret" not in repr(replace(REMOTE, base_url="https://me:secret@example.com/v1"))
    with pytest.raises(EndpointsError, match=r"https://example\.com/v1"):
        OpenAICompatible(replace(REMOTE, base_url="https://me:secret@example.com/v1"))
    monkeypatch.delenv("KAPITOLA_ONLY_LOCAL_MODELS")
    OpenAICompatible(REMOTE)  # nothing is sent by that


def test_no_proxy_of_the_environment_takes_calls_elsewhere(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")

    async def test(calls: Calls, redis: Redis) -> None:
        assert (await calls.ask(PROMPT)).finish == "stop"

    with ModelServer() as server:
        run(redis_url, test, server)


def test_a_key_goes_only_where_it_was_given_for() -> None:
    listed = '[{"model": "a", "base_url": "http://127.0.0.1:1/v1"}, {"model": "b", "key_env": "OTHER"}]'
    first, second = endpoints({"KAPITOLA_MODELS": listed, "OPENAI_API_KEY": "sk-openai", "OTHER": "sk-other"})
    assert (first.key, second.key) == ("", "sk-other")


def test_a_server_that_answers_few_at_once_is_asked_few_at_once() -> None:
    cellar = {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"}
    [ollama], [cloud] = endpoints(cellar), endpoints({"OPENAI_API_KEY": "sk-x"})
    [told] = endpoints(cellar | {"KAPITOLA_CALLS_IN_FLIGHT": "9"})
    assert (ollama.limits.in_flight, told.limits.in_flight, cloud.limits.in_flight) == (4, 9, 64)


@pytest.mark.parametrize("listed", ["[", "[]", '[{"modle": "a"}]', "/no/such/file", '[{"model":"a"},{"model":"a"}]'])
def test_what_is_wrong_with_the_list_of_models_is_told_without_its_text(listed: str) -> None:
    with pytest.raises(EndpointsError, match="KAPITOLA_MODELS"):
        endpoints({"KAPITOLA_MODELS": listed})
