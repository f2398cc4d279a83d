"""Calls: a prompt's way to a reply, by the reply cache, the limiter and the model. The one place that tries again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from redis.asyncio import Redis

from shared.endpoints import Endpoint, forbid_remote
from shared.settings import Settings
from worker.exchange import Prompt, Reply
from worker.limiter import Limiter, Permit
from worker.model import offline
from worker.model.answers import estimate
from worker.model.errors import ModelBusyError, ModelError, ModelMisconfiguredError, ModelUnavailableError
from worker.model.openai_compatible import Answer, OpenAICompatible
from worker.reply_cache import ReplyCache

PAUSES_S = (0.5, 2.0)
"""Before the second and the third try of a call that the server broke off; more than that is the ledger's to decide."""

PATIENCE_S = 10.0
"""How long a call that failed waits for leave to try again."""
MISCONFIGURED_MS = 60_000
"""How long an endpoint is left alone that a person must mend; others, if there are any, take its calls."""


class Calls:
    """Every call of one worker process to any model."""

    def __init__(self, redis: Redis, endpoints: Sequence[Endpoint], limiter: Limiter, settings: Settings) -> None:
        if settings.only_local_models:
            for endpoint in endpoints:
                forbid_remote(endpoint)
        self._limiter = limiter
        self._cache = ReplyCache(redis, int(settings.reply_cache_days * 86_400_000))
        self._names = {e.name: e.model for e in endpoints}
        self._models = {e.name: OpenAICompatible(e, redis) for e in endpoints if not e.is_offline}

    async def ask(self, prompt: Prompt, permit: Permit | None = None, scope: str = "") -> Reply:
        """The reply to `prompt`. `permit`, if there is one, was given with the claim; `scope` is the API client.

        Raises a ModelError when the few quick tries here brought none, RedisError while the limiter is out of reach.
        """
        if kept := await self._kept(prompt, permit, scope):
            return kept
        failure: ModelError | None = None
        for pause in (*PAUSES_S, None):
            granted = permit or await self._permit(prompt, failure)
            permit = None
            try:
                reply = await self._call(prompt, granted)
                break
            except ModelMisconfiguredError as error:
                if pause is None or len(self._names) == 1:
                    raise
                failure = error
            except ModelUnavailableError as error:
                if pause is None or error.retry_after_ms > PAUSES_S[-1] * 1000:
                    raise
                failure = error
                # Those that failed together come back apart.
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
        await self._cache.put(scope, self._names[granted.endpoint], prompt, reply)
        return reply

    async def close(self) -> None:
        await self._limiter.close()
        for model in self._models.values():
            await model.close()

    async def _kept(self, prompt: Prompt, permit: Permit | None, scope: str) -> Reply | None:
        """The cache's reply, if there is one: then the permit is handed back, as when this is cancelled."""
        unused = permit
        try:
            for model in dict.fromkeys(self._names.values()):
                if kept := await self._cache.get(scope, model, prompt):
                    return kept
            unused = None
            return None
        finally:
            if unused is not None:
                await self._limiter.give_back(unused)

    async def _permit(self, prompt: Prompt, failure: ModelError | None) -> Permit:
        """After a failure, waits briefly: while a server is away, a chunk waits in the ledger and not here."""
        try:
            async with asyncio.timeout(PATIENCE_S if failure else None):
                return await self._limiter.permit(_tokens(prompt), _kind(prompt))
        except TimeoutError:
            if failure is None:  # Redis timed out, not we
                raise
            raise failure from None

    async def _call(self, prompt: Prompt, permit: Permit) -> Reply:
        """One call, and what it tells the limiter, whichever way it ends."""
        self._limiter.hold(permit)
        try:
            answer = await self._answer(prompt, permit.endpoint)
        except ModelBusyError as error:
            await self._limiter.pause(permit, error.retry_after_ms)
            raise
        except ModelUnavailableError:
            await self._limiter.fail(permit)
            raise
        except ModelMisconfiguredError:
            await self._limiter.pause(permit, MISCONFIGURED_MS)
            raise
        except BaseException:  # also a cancelled call: whatever ended it, its place is free
            await self._limiter.abandon(permit)
            raise
        await self._limiter.settle(permit, answer.reply.usage, answer.headers, _kind(prompt))
        return answer.reply

    async def _answer(self, prompt: Prompt, endpoint: str) -> Answer:
        if endpoint in self._models:
            return await self._models[endpoint].answer(prompt)
        return Answer(await asyncio.to_thread(offline.reply, prompt), {})


def _kind(prompt: Prompt) -> str:
    return f"{prompt.language}:{prompt.purpose}"


def _tokens(prompt: Prompt) -> int:
    """An outline's estimate is its chunk's own, which is also what claims go by; corrected alike."""
    chunk = prompt.material.chunk
    if prompt.purpose == "outline" and chunk is not None:
        return chunk.tokens
    return estimate(prompt.rules + prompt.request)
