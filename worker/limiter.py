"""The limiter: permission to call a model, shared by every worker on every machine. The rules are in limiter.lua."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.endpoints import Endpoint
from shared.lecture import Usage

log = logging.getLogger(__name__)

RENEWED_EVERY_S = 5.0
"""A quarter of limiter.lua's LIMITER_HOLD: a worker may miss three turns before its calls count as dead."""


@cache
def limiter_script() -> str:
    """limiter.lua: functions for scripts that take permits in the same step as something else."""
    return files("worker").joinpath("limiter.lua").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one call to `endpoint`. `tokens` is the estimate of the prompt that it was asked with."""

    id: str
    endpoint: str
    tokens: int


class Limiter:
    """What this process asks of the shared limiter. Fails closed: while Redis is away, every method raises."""

    def __init__(self, redis: Redis, endpoints: Sequence[Endpoint]) -> None:
        self._described = {e.name: _described(e) for e in endpoints}
        self._step = redis.register_script(
            limiter_script() + files("worker").joinpath("limiter_calls.lua").read_text("utf-8")
        )
        self._held: dict[str, Permit] = {}
        self._renewing: asyncio.Task[None] | None = None
        self._steps: set[asyncio.Future[Any]] = set()

    def argument(self) -> str:
        """The endpoints, as limiter_take wants them: JSON."""
        return json.dumps(list(self._described.values()))

    async def permit(self, tokens: int, kind: str = "*:outline") -> Permit:
        """Waits until some endpoint has room for a prompt of so many estimated tokens. `kind` is LANGUAGE:PURPOSE."""
        while True:
            wait_ms, permit = await self._take(tokens, kind)
            if not wait_ms:
                return permit
            await asyncio.sleep(wait_ms / 1000)

    async def _take(self, tokens: int, kind: str) -> tuple[int, Permit]:
        """How long to wait, 0 if the permit is granted. One that is granted to a cancelled caller is handed back."""
        name = secrets.token_hex(8)
        step = self._begin("take", permit=name, estimate=tokens, endpoints=list(self._described.values()), kind=kind)
        try:
            wait_ms, endpoint = await asyncio.shield(step)
        except asyncio.CancelledError:
            await asyncio.shield(self._hand_back(step, name, tokens))
            raise
        return wait_ms, Permit(name, endpoint.decode(), tokens)

    async def _hand_back(self, step: asyncio.Future[Any], name: str, tokens: int) -> None:
        wait_ms, endpoint = await step
        if not wait_ms:
            await self.give_back(Permit(name, endpoint.decode(), tokens))

    def hold(self, permit: Permit) -> None:
        """Keeps the permit alive, on the limiter's books, until the call has ended in one of the ways below."""
        self._held[permit.id] = permit
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())

    async def settle(self, permit: Permit, usage: Usage, headers: Mapping[str, str], kind: str) -> None:
        """A reply came: what it really cost, and what the server's headers say of its limits."""
        self._held.pop(permit.id, None)
        language, _, purpose = kind.partition(":")
        await self._do(
            "settle", permit=permit.id, endpoint=self._of(permit), estimate=permit.tokens,
            tokens_in=usage.tokens_in, tokens_out=usage.tokens_out, headers=_limits(headers),
            is_measured=not usage.estimated and permit.tokens > 0, kinds=[f"{language}:{purpose}", f"*:{purpose}"],
        )  # fmt: skip

    async def fail(self, permit: Permit) -> None:
        """The server failed; after a few in a row it is left alone, then tried with one call."""
        self._held.pop(permit.id, None)
        await self._do("fail", permit=permit.id, endpoint=self._of(permit))

    async def pause(self, permit: Permit, ms: int) -> None:
        """The server answered 429: nobody calls it for `ms`, or for as long as seems right if that is 0."""
        self._held.pop(permit.id, None)
        await self._do("pause", permit=permit.id, endpoint=self._of(permit), ms=ms)

    async def give_back(self, permit: Permit) -> None:
        """The permit was not needed: no request was sent."""
        self._held.pop(permit.id, None)
        await self._do("give_back", permit=permit.id, endpoint=self._of(permit))

    async def abandon(self, permit: Permit) -> None:
        """The call was cancelled, or ended in a way that says nothing of the server. It counts as made."""
        self._held.pop(permit.id, None)
        await self._do("abandon", permit=permit.id, endpoint=self._of(permit))

    async def close(self) -> None:
        await asyncio.gather(*self._steps, return_exceptions=True)
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)

    async def _renew(self) -> None:
        while self._held:
            await asyncio.sleep(RENEWED_EVERY_S)
            for name, described in self._described.items():
                mine = [p.id for p in self._held.values() if p.endpoint == name]
                try:
                    if mine:
                        await self._do("renew", endpoint=described, permits=mine)
                except RedisError as error:
                    log.warning("Could not renew %d calls in flight: %s", len(mine), error)

    def _of(self, permit: Permit) -> dict[str, Any]:
        return self._described[permit.endpoint]

    async def _do(self, what: str, **given: Any) -> Any:
        return await asyncio.shield(self._begin(what, **given))

    def _begin(self, what: str, **given: Any) -> asyncio.Future[Any]:
        """A step that is finished whatever becomes of who began it: cut off, nobody knew whether Redis did it."""
        step = asyncio.ensure_future(self._step(args=[what, json.dumps(given)]))
        self._steps.add(step)
        step.add_done_callback(self._steps.discard)
        return step


def _described(endpoint: Endpoint) -> dict[str, Any]:
    limits = endpoint.limits
    described: dict[str, Any] = {"name": endpoint.name, "model": endpoint.identity, "in_flight": limits.in_flight}
    if limits.requests_per_minute:
        described["requests_per_minute"] = limits.requests_per_minute
    if limits.tokens_per_minute:
        described["tokens_per_minute"] = limits.tokens_per_minute
    return described


def _limits(headers: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """{"requests": {"limit", "remaining"}, "tokens": …} of what the x-ratelimit-* headers tell in whole numbers."""
    found: dict[str, dict[str, int]] = {}
    for kind in ("requests", "tokens"):
        for what in ("limit", "remaining"):
            value = headers.get(f"x-ratelimit-{what}-{kind}", "")
            if value.isdigit():
                found.setdefault(kind, {})[what] = int(value)
    return found
