"""What a server takes, found out by asking once and remembered for everybody: it costs one call, not one per chunk."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, replace
from typing import Literal

from redis.asyncio import Redis
from redis.exceptions import RedisError

from worker.model.schemas import LADDER, Structure

REMEMBERED_S = 7 * 24 * 3600
"""A server that learnt something new is asked again after a week."""
FINDING_OUT_S = 6
"""How long the others wait for a process that died while it was finding out. One that lives renews its leave."""

_BLAMED = {
    "limit": re.compile(r"max_(completion_)?tokens", re.I),
    "temperature": re.compile(r"temperature", re.I),
    "reasoning": re.compile(r"reasoning", re.I),
    "tier": re.compile(r"service_tier|flex", re.I),
    "structure": re.compile(r"response_format|json|schema|structured|\$ref|\$defs|recurs|grammar", re.I),
}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What to send. The defaults are what OpenAI's own newest models take."""

    structure: Structure = "recursive"
    limit: Literal["max_completion_tokens", "max_tokens", ""] = "max_completion_tokens"
    temperature: bool = True
    tier: bool = True
    reasoning: bool = True
    proven: bool = False
    """A reply has come with exactly these."""

    def without(self, refusal: str) -> Capabilities | None:
        """What to send after the server answered 400 with this text; None if nothing is left to give up."""
        for name in ("limit", "temperature", "reasoning", "tier", "structure"):
            if _BLAMED[name].search(refusal) and (less := self._less(name)) is not None:
                return less
        return self._less("structure")

    def _less(self, name: str) -> Capabilities | None:
        if name == "limit" and self.limit:
            return replace(self, limit="max_tokens" if self.limit == "max_completion_tokens" else "")
        if name == "temperature" and self.temperature:
            return replace(self, temperature=False)
        if name == "reasoning" and self.reasoning:
            return replace(self, reasoning=False)
        if name == "tier" and self.tier:
            return replace(self, tier=False)
        if name == "structure" and self.structure != "none":
            return replace(self, structure=LADDER[LADDER.index(self.structure) + 1], proven=False)
        return None

    def disobeyed(self) -> Capabilities:
        """The server took the schema and ignored it: one rung down, though what remains did work."""
        less = self._less("structure")
        return self if less is None else replace(less, proven=True)


class CapabilitiesMemory:
    """Capabilities per (base URL, model), in this process and, with TTL, in Redis.

    Key `kapitola:model:capabilities:{id}`: string, JSON of Capabilities. `kapitola:model:finding-out:{id}`: string,
    the token of whoever is finding out.
    """

    def __init__(self, redis: Redis | None, base_url: str, model: str) -> None:
        identity = hashlib.sha256(f"{base_url}\n{model}".encode()).hexdigest()[:24]
        self._redis = redis
        self._key = f"kapitola:model:capabilities:{identity}"
        self._lock_key = f"kapitola:model:finding-out:{identity}"
        self._known = Capabilities()
        self._first = asyncio.Lock()

    @asynccontextmanager
    async def known(self) -> AsyncIterator[Capabilities]:
        """What to send. Until a reply has come, one caller at a time holds this, so that one call finds out."""
        if not self._known.proven:
            await self._recall()
        if self._known.proven:
            yield self._known
            return
        async with self._first, self._alone():
            yield self._known

    async def learn(self, capabilities: Capabilities) -> None:
        if capabilities == self._known:
            return
        self._known = capabilities
        if self._redis is not None:
            await self._redis.set(self._key, json.dumps(asdict(capabilities)), ex=REMEMBERED_S)

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Holds the other processes back while nobody knows, and no longer."""
        if self._redis is None or self._known.proven:
            yield
            return
        token = secrets.token_hex(8)
        while not await self._redis.set(self._lock_key, token, nx=True, ex=FINDING_OUT_S):
            await asyncio.sleep(0.2)
            await self._recall()
            if self._known.proven:
                yield
                return
        renewing = asyncio.create_task(self._renew(self._redis, token))
        try:
            await self._recall()
            yield
        finally:
            renewing.cancel()
            if await self._holds(self._redis, token):
                await self._redis.delete(self._lock_key)

    async def _renew(self, redis: Redis, token: str) -> None:
        """While Redis is away nothing is renewed: then two may find out at once, which costs a call."""
        with suppress(RedisError):
            while await self._holds(redis, token):
                await redis.expire(self._lock_key, FINDING_OUT_S)
                await asyncio.sleep(FINDING_OUT_S / 3)

    async def _holds(self, redis: Redis, token: str) -> bool:
        return await redis.get(self._lock_key) in (token, token.encode())

    async def _recall(self) -> None:
        if self._redis is not None and (stored := await self._redis.get(self._key)):
            self._known = Capabilities(**json.loads(stored))
