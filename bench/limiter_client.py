"""One process of bench/limiter.py: sends its share of the prompts by one way of keeping to limits, and prints how many
were answered. It runs in the environment of the peer that it measures, and imports nothing but that."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

GIVEN = json.loads(sys.argv[1])
SIZES: list[int] = GIVEN["sizes"]
TEXTS = ["Transcript:\n" + "\n".join(f"{n} word {n:07} of {text}" for n in range(size)) for text, size in
         zip(GIVEN["names"], SIZES, strict=True)]  # fmt: skip


async def ours() -> int:
    from redis.asyncio import BlockingConnectionPool, Redis

    from shared.endpoints import Endpoint, Limits
    from shared.settings import Settings
    from worker.calls import Calls
    from worker.exchange import Prompt
    from worker.limiter import Limiter
    from worker.model.errors import ModelError

    limits = Limits(GIVEN["rpm"], GIVEN["tpm"], GIVEN["at_once"])
    endpoints = [Endpoint("bench", GIVEN["base_url"], "m", "none", limits=limits)]
    # redis-py's own pool raises beyond a hundred connections; this one waits for a free one.
    redis = Redis(connection_pool=BlockingConnectionPool.from_url(GIVEN["redis_url"], max_connections=32))
    calls = Calls(redis, endpoints, Limiter(redis, endpoints), Settings())

    async def one(text: str) -> int:
        for _ in range(50):  # as the ledger does: back to waiting, and asked again
            try:
                await calls.ask(Prompt("outline", "1", "", text, "en"))
                return 1
            except ModelError as error:
                await asyncio.sleep(max(0.2, error.retry_after_ms / 1000))
        return 0

    done = await asyncio.gather(*(one(text) for text in TEXTS))
    await calls.close()
    await redis.aclose()
    return sum(done)


async def openai_alone() -> int:
    return await _with_openai(_free)


async def aiolimiter() -> int:
    """Both limits, in windows of five seconds, as its documentation's readers do."""
    from aiolimiter import AsyncLimiter

    requests = AsyncLimiter(GIVEN["rpm"] / 12, 5)
    tokens_left = AsyncLimiter(GIVEN["tpm"] / 12, 5)

    async def permit(tokens: int) -> None:
        await requests.acquire()
        await tokens_left.acquire(tokens)

    return await _with_openai(permit)


async def _free(_: int) -> None:
    return None


async def _with_openai(permit: Any) -> int:
    import openai

    client = openai.AsyncOpenAI(api_key="none", base_url=GIVEN["base_url"], max_retries=2)
    room = asyncio.Semaphore(GIVEN["at_once"])

    async def one(text: str) -> int:
        async with room:
            await permit(len(text) // 4 + GIVEN["tokens_out"])
            try:
                await client.chat.completions.create(model="m", messages=[{"role": "user", "content": text}])
                return 1
            except openai.OpenAIError:
                return 0

    return sum(await asyncio.gather(*(one(text) for text in TEXTS)))


async def langchain() -> int:
    """A rate of requests only: InMemoryRateLimiter knows no tokens. It gets the rate that fits the mean prompt."""
    from langchain_core.rate_limiters import InMemoryRateLimiter
    from langchain_openai import ChatOpenAI

    mean = sum(len(text) // 4 + GIVEN["tokens_out"] for text in TEXTS) / len(TEXTS)
    rate = min(GIVEN["rpm"], GIVEN["tpm"] / mean) / 60
    limiter = InMemoryRateLimiter(requests_per_second=rate, check_every_n_seconds=0.05, max_bucket_size=5)
    model = ChatOpenAI(model="m", api_key="none", base_url=GIVEN["base_url"], max_retries=10, rate_limiter=limiter)
    found = await model.abatch(TEXTS, config={"max_concurrency": GIVEN["at_once"]}, return_exceptions=True)
    return sum(not isinstance(reply, BaseException) for reply in found)


async def litellm() -> int:
    """The router with its limits, which its processes share over Redis."""
    import os

    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    from litellm import Router

    deployment = {
        "model": "openai/m", "api_base": GIVEN["base_url"], "api_key": "none", "rpm": GIVEN["rpm"], "tpm": GIVEN["tpm"],
    }  # fmt: skip
    router = Router(
        model_list=[{"model_name": "m", "litellm_params": deployment}], num_retries=10,
        routing_strategy="usage-based-routing-v2", redis_url=GIVEN["redis_url"],
    )  # fmt: skip
    room = asyncio.Semaphore(GIVEN["at_once"])

    async def one(text: str) -> int:
        async with room:
            try:
                await router.acompletion(model="m", messages=[{"role": "user", "content": text}])
                return 1
            except Exception:  # noqa: BLE001  # whatever it gives up with, the prompt is lost
                return 0

    return sum(await asyncio.gather(*(one(text) for text in TEXTS)))


CLIENTS = {"litellm": litellm, "ours": ours, "openai": openai_alone, "aiolimiter": aiolimiter, "langchain": langchain}
print(asyncio.run(CLIENTS[GIVEN["client"]]()))
