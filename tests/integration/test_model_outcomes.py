"""Every answer that a model's server may give has one outcome: a reply, or an error that says what follows."""

from __future__ import annotations

import asyncio
import json
import time
import traceback
from dataclasses import replace
from typing import Any

import pytest
from model_server import ModelServer

from shared.endpoints import Deadlines, Endpoint
from worker.calls import PAUSES_S
from worker.exchange import Prompt, Reply
from worker.model.errors import (
    ModelBusyError,
    ModelError,
    ModelMisconfiguredError,
    ModelReplyError,
    ModelUnavailableError,
    PromptTooLongError,
)
from worker.model.openai_compatible import OpenAICompatible

PROMPT = Prompt("outline", "1", "Outline it.", "Transcript:\n1 bread is old\n2 flour and water", "en")
KEY = "sk-secret-key-that-must-not-show"
PATIENT = Deadlines(connect=20, first_byte=20, total=30, bytes=200_000)
IMPATIENT = Deadlines(connect=2, first_byte=0.5, total=1.0, bytes=200_000)
"""For those alone that say nothing: on a loaded machine, ten megabytes take longer to write than half a second."""
SILENT = ("hang", "drip")


def asked(server: ModelServer, prompts: int = 1, **changes: Any) -> list[Reply]:
    """The replies to so many prompts, one after the other, through one client."""

    async def run() -> list[Reply]:
        model = OpenAICompatible(endpoint(server, **changes))
        try:
            return [(await model.answer(PROMPT)).reply for _ in range(prompts)]
        finally:
            await model.close()

    return asyncio.run(run())


def endpoint(server: ModelServer, **changes: Any) -> Endpoint:
    return replace(Endpoint("stand-in", server.base_url, "m", KEY, deadlines=PATIENT), **changes)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("429", ModelBusyError), ("429-date", ModelBusyError), ("429-absurd", ModelBusyError),
        ("429-rubbish", ModelBusyError), ("429-ms", ModelBusyError), ("no-credit", ModelMisconfiguredError),
        ("too-large", PromptTooLongError), ("loading", ModelUnavailableError), ("no-json-400", ModelReplyError),
        ("quota", ModelMisconfiguredError), ("401", ModelMisconfiguredError),
        ("404", ModelMisconfiguredError), ("redirect", ModelMisconfiguredError), ("too-long", PromptTooLongError),
        ("500", ModelUnavailableError), ("502", ModelUnavailableError), ("503", ModelUnavailableError),
        ("reset", ModelUnavailableError), ("cut", ModelUnavailableError), ("hang", ModelUnavailableError),
        ("drip", ModelUnavailableError), ("endless", ModelReplyError), ("html", ModelReplyError),
        ("rubbish", ModelReplyError), ("deep-body", ModelReplyError), ("error-200", ModelUnavailableError),
        ("error-string-200", ModelReplyError), ("no-choices", ModelReplyError), ("null-choices", ModelReplyError),
        ("empty", ModelReplyError), ("null", ModelReplyError), ("broke-off", ModelUnavailableError),
        ("10mb", ModelReplyError),
    ],
)  # fmt: skip
def test_what_holds_no_reply_is_the_error_that_it_means(fault: str, error: type[ModelError]) -> None:
    with ModelServer(script=[fault] * 4) as server, pytest.raises(error) as raised:
        asked(server, deadlines=IMPATIENT if fault in SILENT else PATIENT)
    assert type(raised.value) is error
    shown = "".join(traceback.format_exception(raised.value)) + repr(raised.value)
    assert KEY not in shown


@pytest.mark.parametrize(
    ("fault", "finish"),
    [
        ("refusal", "refusal"), ("filter", "filter"), ("filter-400", "filter"), ("moderated", "filter"),
        ("bad-json-400", "stop"), ("truncated", "length"),
        ("no-finish", "stop"), ("thinking", "stop"), ("reasoning", "stop"), ("parts", "stop"), ("fenced", "stop"),
        ("garbage", "stop"), ("500-deep", "stop"), ("no-usage", "stop"),
    ],
)  # fmt: skip
def test_a_reply_of_any_kind_is_handed_on_with_how_it_ended(fault: str, finish: str) -> None:
    with ModelServer(script=[fault]) as server:
        assert asked(server)[0].finish == finish


@pytest.mark.parametrize("fault", ["thinking", "reasoning", "parts", ""])
def test_reasoning_is_no_part_of_the_text(fault: str) -> None:
    with ModelServer(script=[fault]) as server:
        assert json.loads(asked(server)[0].text)["outline"][0]["title"] == "Bread is old"


def test_usage_is_estimated_where_the_server_tells_none() -> None:
    with ModelServer(script=["no-usage", ""]) as server:
        estimated, told = (reply.usage for reply in asked(server, 2))
    assert (estimated.estimated, told.estimated) == (True, False)
    assert estimated.tokens_in == pytest.approx(told.tokens_in, abs=2)


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        ("429", 1000, 1000),
        ("429-ms", 1500, 1500),
        ("429-date", 1000, 3000),
        ("429-absurd", 600_000, 600_000),
        ("429-rubbish", 0, 0),
    ],
)
def test_the_pause_that_a_server_asks_for_is_honoured_up_to_ten_minutes(fault: str, least: int, most: int) -> None:
    with ModelServer(script=[fault]) as server, pytest.raises(ModelBusyError) as raised:
        asked(server)
    assert least <= raised.value.retry_after_ms <= most


@pytest.mark.parametrize("fault", ["hang", "drip", "endless"])
def test_no_body_holds_a_call_past_its_deadline_and_the_connection_is_closed(fault: str) -> None:
    begun = time.monotonic()
    with ModelServer(script=[fault]) as server:
        with pytest.raises(ModelError):
            asked(server, deadlines=IMPATIENT)
        assert time.monotonic() - begun < PATIENT.total
        assert server.abandoned.wait(5)


def test_a_server_that_is_not_running_is_told_as_that_and_is_not_waited_for_with_a_call_in_hand() -> None:
    with ModelServer() as stopped:
        pass
    with pytest.raises(ModelUnavailableError) as raised:
        asked(stopped)
    assert f"nothing answers at {stopped.base_url} (Connection refused): is it running" in str(raised.value)
    assert raised.value.retry_after_ms > PAUSES_S[-1] * 1000


def test_cancelling_a_call_closes_its_connection() -> None:
    async def run(server: ModelServer) -> None:
        model = OpenAICompatible(endpoint(server, deadlines=Deadlines()))
        call = asyncio.create_task(model.answer(PROMPT))
        await asyncio.sleep(0.2)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        assert await asyncio.to_thread(server.abandoned.wait, 5)
        await model.close()

    with ModelServer(script=["hang"]) as server:
        asyncio.run(run(server))


@pytest.mark.parametrize(
    ("server_kind", "refused", "format_in_the_end", "limit"),
    [
        ("", 0, "json_schema", "max_completion_tokens"),
        ("plain", 3, None, "max_completion_tokens"),
        ("ollama", 1, "json_schema", "max_completion_tokens"),
        ("lm-studio", 1, "json_schema", "max_completion_tokens"),
        ("newer-openai", 1, "json_schema", "max_completion_tokens"),
        ("older", 1, "json_schema", "max_tokens"),
        ("azure-older", 2, "json_object", "max_completion_tokens"),
        ("llama-cpp", 1, "json_schema", "max_completion_tokens"),
        ("openrouter", 1, "json_schema", "max_completion_tokens"),
        ("groq", 2, "json_object", "max_completion_tokens"),
    ],
)
def test_what_a_server_refuses_is_left_out_from_then_on(
    server_kind: str, refused: int, format_in_the_end: str | None, limit: str
) -> None:
    with ModelServer(imitate=server_kind) as server:
        asked(server, 3)
        assert [call.status == 200 for call in server.calls] == [False] * refused + [True] * 3
        last = server.calls[-1].request
    assert last.get("response_format", {}).get("type") == format_in_the_end
    assert limit in last


def test_a_server_that_counts_the_room_for_the_answer_in_is_asked_without_a_limit() -> None:
    with ModelServer(imitate="vllm") as server:
        asked(server, 3)
        assert [call.status for call in server.calls] == [400] * 2 + [200] * 3
        assert not {"max_tokens", "max_completion_tokens"} & set(server.calls[-1].request)


@pytest.mark.parametrize("server_kind", ["ignores", "loops"])
def test_a_server_that_takes_a_schema_and_ignores_it_is_asked_for_less(server_kind: str) -> None:
    with ModelServer(imitate=server_kind) as server:
        asked(server, 5)
        assert server.calls[0].request["response_format"]["type"] == "json_schema"
        assert server.calls[-1].request.get("response_format", {}).get("type") != "json_schema"


def together(redis_url: str, server: ModelServer, clients: int, calls: int) -> None:
    """So many clients, each of a process's own memory, make their calls at once."""
    from redis.asyncio import Redis

    async def run() -> None:
        redis = Redis.from_url(redis_url)
        models = [OpenAICompatible(endpoint(server, deadlines=Deadlines()), redis) for _ in range(clients)]
        await asyncio.gather(*(model.answer(PROMPT) for model in models for _ in range(calls)))
        for model in models:
            await model.close()
        await redis.aclose()

    asyncio.run(run())


def test_many_chunks_at_once_find_out_with_one_call_in_all(redis_url: str) -> None:
    with ModelServer(imitate="ollama", latency=0.02) as server:
        together(redis_url, server, clients=3, calls=10)
        assert [call.status for call in server.calls].count(400) == 1


def test_economy_asks_for_the_flex_tier_and_falls_back_when_it_is_full() -> None:
    for server_kind, tiers in (
        ("", ["flex", "flex"]),
        ("flex-full", ["flex", None, "flex", None]),  # a matter of the hour: tried again
        ("no-flex", ["flex", None, None]),  # a matter of the server: remembered
    ):
        with ModelServer(imitate=server_kind) as server:
            asked(server, 2, economy=True)
            assert [call.request.get("service_tier") for call in server.calls] == tiers


def test_how_much_a_model_may_think_is_said_where_that_is_understood() -> None:
    for server_kind, said in (("", ["low", "low"]), ("thoughtless", ["low", None, None])):
        with ModelServer(imitate=server_kind) as server:
            asked(server, 2, reasoning="low")
            assert [call.request.get("reasoning_effort") for call in server.calls] == said


def test_an_account_over_its_limit_is_not_asked_again_at_the_full_price() -> None:
    with ModelServer(script=["429"]) as server:
        with pytest.raises(ModelBusyError):
            asked(server, economy=True)
        assert len(server.calls) == 1


def test_the_longest_reply_that_is_read_is_four_million_bytes() -> None:
    with ModelServer(script=["10mb"]) as server, pytest.raises(ModelReplyError, match="4,000,000 bytes"):
        asked(server, deadlines=Deadlines())


def test_azure_is_called_by_its_deployment_and_api_version() -> None:
    with ModelServer() as server:
        base = server.base_url.removesuffix("/v1")
        asked(server, base_url=base, api_version="2024-10-21")
        assert server.calls[0].headers["api-key"] == KEY


def test_the_key_never_shows(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with ModelServer(script=["500", "reset", ""]) as server:
        for _ in range(2):
            with pytest.raises(ModelError):
                asked(server)
        asked(server)
        assert server.calls[-1].headers["Authorization"] == f"Bearer {KEY}"
        assert KEY not in repr(endpoint(server))
    assert KEY not in caplog.text


@pytest.mark.parametrize("fault", ["quoting-500", "quoting-400"])
def test_a_server_that_quotes_prompt_and_key_is_not_quoted(fault: str) -> None:
    with ModelServer(script=[fault] * 9) as server, pytest.raises(ModelError) as caught:
        asked(server)
    assert "Cannot answer [...] for Bearer [key]" in str(caught.value)
