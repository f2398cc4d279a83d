"""Calls: a prompt's way to a reply, by the reply cache, the limiter and the model. The one place that tries again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.endpoints import Endpoint, forbid_remote
from shared.keys import PREFIX
from shared.lecture import Usage
from shared.prices import OUT_SHARE, price, priced
from shared.settings import Settings
from worker.exchange import Prompt, Reply
from worker.limiter import Limiter, Permit
from worker.model import offline
from worker.model.answers import estimate
from worker.model.errors import (
    ModelBusyError,
    ModelError,
    ModelMisconfiguredError,
    ModelUnavailableError,
    PromptTooLongError,
)
from worker.model.openai_compatible import Answer, OpenAICompatible
from worker.purse import Purse
from worker.reply_cache import ReplyCache

PAUSES_S = (0.5, 2.0)
"""Before the second and the third try of a call that the server broke off; more than that is the ledger's to decide."""

PATIENCE_S = 10.0
"""How long a call that failed waits for leave to try again."""
MISCONFIGURED_MS = {"others": 60_000, "alone": 100}
"""How long an endpoint is left alone that a person must mend: its calls go to the others. Where there are none, the
chunks had better fail soon and say why, than one a minute."""


class Calls:
    """Every call of one worker process to any model."""

    def __init__(self, redis: Redis, endpoints: Sequence[Endpoint], limiter: Limiter, settings: Settings) -> None:
        if settings.only_local_models:
            for endpoint in endpoints:
                forbid_remote(endpoint)
        self._redis, self._limiter = redis, limiter
        self._cache = ReplyCache(
            redis, int(settings.reply_cache_days * 86_400_000), settings.reply_cache_bytes,
            is_shared=settings.reply_cache_shared,
        )  # fmt: skip
        self._names = {e.name: e.model for e in endpoints}
        # The offline model's replies are not kept: they are free, and it may know better tomorrow.
        self._identities = {e.name: e.identity for e in endpoints if not e.is_offline}
        self._prices = {e.name: price(e.model, settings.prices) for e in endpoints}
        self._models = {e.name: OpenAICompatible(e, redis) for e in endpoints if not e.is_offline}

    async def ask(
        self, prompt: Prompt, permit: Permit | None = None, scope: str = "", purse: Purse | None = None, anew: int = 0
    ) -> Reply:
        """The reply to `prompt`. `permit`, if there is one, was given with the claim; `scope` is the API client, and
        `purse` pays. With `anew`, replies that were kept before are not taken (see ReplyCache).

        Raises a ModelError when the few quick tries here brought none, a BudgetError when the purse does not reach for
        a call, RedisError while the limiter is out of reach.
        """
        purse = purse or Purse()
        if kept := await self._kept(prompt, permit, scope, anew):
            await purse.pay(kept.usage, 0)
            return kept
        reply, endpoint = await self._asked(prompt, permit, purse)
        if endpoint in self._models:
            await self._cache.put(scope, self._identities[endpoint], prompt, reply, anew)
        return reply

    async def _asked(self, prompt: Prompt, permit: Permit | None, purse: Purse) -> tuple[Reply, str]:
        """The reply of a few quick tries, and the endpoint that gave it."""
        failure: ModelError | None = None
        for pause in PAUSES_S:
            granted = permit or await self._permit(prompt, failure)
            permit = None
            try:
                return await self._paid(prompt, granted, purse), granted.endpoint
            except ModelMisconfiguredError as error:
                if len(self._names) == 1:
                    raise
                failure = error
            except ModelUnavailableError as error:
                if error.retry_after_ms > PAUSES_S[-1] * 1000:
                    raise
                failure = error
                # Those that failed together come back apart.
                await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
        granted = await self._permit(prompt, failure)
        return await self._paid(prompt, granted, purse), granted.endpoint

    async def close(self) -> None:
        await self._limiter.close()
        for model in self._models.values():
            await model.close()

    async def _kept(self, prompt: Prompt, permit: Permit | None, scope: str, anew: int) -> Reply | None:
        """The cache's reply, if there is one: then the permit is handed back, as when this is cancelled."""
        unused = permit
        try:
            for model in dict.fromkeys(self._identities.values()):
                if kept := await self._cache.get(scope, model, prompt, anew):
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

    async def _paid(self, prompt: Prompt, permit: Permit, purse: Purse) -> Reply:
        try:
            aside = await purse.set_aside(self._names[permit.endpoint], self._likely_cost(prompt, permit.endpoint))
        except BaseException:  # no call is made
            await self._limiter.give_back(permit)
            raise
        try:
            reply = await self._call(prompt, permit)
        except (ModelBusyError, ModelUnavailableError, ModelMisconfiguredError, PromptTooLongError):
            await purse.put_back(aside)
            raise
        await purse.pay(reply.usage, aside)
        return reply

    def _likely_cost(self, prompt: Prompt, endpoint: str) -> float | None:
        known = self._prices[endpoint]
        likely = Usage(
            tokens_in=estimate(prompt.rules + prompt.request), tokens_out=round(estimate(prompt.request) * OUT_SHARE)
        )
        return known.cost(likely) if known else None

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
            await self._limiter.pause(permit, MISCONFIGURED_MS["others" if len(self._names) > 1 else "alone"])
            raise
        except BaseException:  # also a cancelled call: whatever ended it, its place is free
            await self._limiter.abandon(permit)
            raise
        await self._limiter.settle(permit, answer.reply.usage, answer.headers, _kind(prompt))
        return self._signed(answer, permit.endpoint)

    def _signed(self, answer: Answer, endpoint: str) -> Reply:
        """The reply with what it cost, and who gave it: the model, and the endpoint if that has another name."""
        reply = answer.reply
        by = reply.model if endpoint == self._names[endpoint] else f"{reply.model} ({endpoint})"
        return replace(reply, model=by, usage=priced(reply.usage, self._prices[endpoint], economy=answer.economy))

    async def _answer(self, prompt: Prompt, endpoint: str) -> Answer:
        if endpoint in self._models:
            try:
                return await self._models[endpoint].answer(prompt)
            except ModelError as error:
                with suppress(RedisError):  # a number for /metrics is not worth a call
                    await self._redis.hincrby(f"{PREFIX}tallies", f"calls:{error.code}", 1)
                raise
        return Answer(await asyncio.to_thread(offline.reply, prompt), {})


def _kind(prompt: Prompt) -> str:
    return f"{prompt.language}:{prompt.purpose}"


def _tokens(prompt: Prompt) -> int:
    """As claims go by: the chunk's estimate and the frame that shared/prices.py counts for it."""
    return estimate(prompt.rules + prompt.request)
