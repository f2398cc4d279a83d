"""Claims: a worker's leases on works in the ledger, taken, kept alive, and given back or committed."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, field
from typing import Any, Literal

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from shared.door import is_away
from shared.keys import PREFIX
from shared.ledger import script
from worker.limiter import Limiter, Permit, limiter_script

log = logging.getLogger(__name__)

PATIENCE_MS = 2_000
"""Worth waiting for with a ticket in hand; while no model has room within it, no tickets are issued."""
_PAUSES_S = (0.05, 0.2, 0.5, 1.0)
"""Between the tries of a step while Redis is away; the last one over and over."""


Mishap = Literal["attempt", "outage", "nothing"]
"""Why a work is given back: it failed; its model was away, which counts only if other works are done meanwhile;
or nothing was wrong with either."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on a work; `token` fences it: once another worker holds the lease, nothing of ours is written."""

    work: str
    token: str
    attempt: int
    permit: Permit = field(repr=False)
    """The leave to make the first call to a model, which was given with the lease."""
    is_alone: bool = False
    """Its workers died again and again: nothing else may be at risk beside it."""

    @property
    def lecture(self) -> str:
        return self.work.rpartition("/")[0]

    @property
    def chunk(self) -> int | None:
        """The chunk's index; None if the work is the lecture's merge."""
        index = self.work.rpartition("/")[2]
        return None if index == "merge" else int(index)


@dataclass(frozen=True, slots=True)
class Wait:
    """There is work, but no model has room for it within `ms` milliseconds."""

    ms: int


@dataclass(frozen=True, slots=True)
class Alone:
    """There is work that is to be done alone: ask again when nothing is under way."""


class Claims:
    """All the leases that this process holds."""

    def __init__(
        self, redis: Redis, limiter: Limiter, lease_seconds: float, attempts: int, most_of_a_client: int = 0
    ) -> None:
        self._limiter, self._lease, self._attempts = limiter, int(lease_seconds * 1000), attempts
        self._most_of_a_client = most_of_a_client
        self._process = secrets.token_hex(8)
        self.held: dict[str, Claim] = {}
        """By token: a work that was lost may be claimed again before the first claim has ended."""
        register = redis.register_script
        self._claim = register(script("claim", limiter_script()))
        self._commit, self._release = register(script("commit")), register(script("release"))
        self._fail, self._renew = register(script("fail")), register(script("renew"))

    async def take(self) -> Claim | Alone | Wait | None:
        """The next work that is due, fairly chosen; None if there is none."""
        token = secrets.token_hex(8)
        answer = await self._answered(
            self._claim, token, self._lease, self._limiter.argument(), self._most_of_a_client,
            self._process, len(self.held),
        )  # fmt: skip
        match answer[0]:
            case b"work":
                return self._claimed(token, *answer[1:])
            case b"wait":
                return Wait(int(answer[1]))
            case b"alone":
                return Alone()
            case _:
                return None

    def _claimed(self, token: str, work: bytes, attempt: int, endpoint: bytes, tokens: int, is_alone: int = 0) -> Claim:
        permit = Permit(token, endpoint.decode(), int(tokens))
        claim = Claim(work.decode(), token, int(attempt), permit, bool(is_alone))
        self.held[claim.token] = claim
        return claim

    async def commit(self, claim: Claim, result: str, state: str = "", problem: str = "") -> bool:
        """Stores `result`; False, and nothing is stored, if the lease was lost. A merge ends the lecture in `state`,
        with `problem` if something is wrong with it all the same."""
        return bool(await self._ended(claim, self._commit, result, state, problem))

    async def release(self, claim: Claim, delay_ms: int, reason: str, after: Mishap) -> str:
        """Gives the work back: "waiting", "failed" if its attempts are used up, "stale" if the lease was lost."""
        outcome = await self._ended(claim, self._release, delay_ms, after, self._attempts, reason)
        return str(outcome.decode())

    async def fail(self, claim: Claim, reason: str) -> bool:
        """Gives the work up for good; False if the lease was lost."""
        return bool(await self._ended(claim, self._fail, reason))

    async def _ended(self, claim: Claim, step: AsyncScript, *given: str | int) -> Any:
        """The end of a claim. A reply may have cost money: while Redis is away it is kept, and its lease with it."""
        try:
            return await self._answered(step, claim.work, claim.token, *given)
        finally:
            self.held.pop(claim.token, None)

    async def _answered(self, step: AsyncScript, *given: str | int) -> Any:
        """Every step may be repeated: one whose answer was lost says the same again, or that it came too late."""
        pauses = iter(_PAUSES_S)
        while True:
            try:
                return await step(args=[PREFIX, *given])
            except (RedisError, OSError) as error:
                if not is_away(error):
                    raise
                pause = next(pauses, _PAUSES_S[-1])
                log.debug("Redis is away (%s): again in %.1f s", error, pause)
            await asyncio.sleep(pause)

    async def renew(self) -> list[Claim]:
        """Keeps every lease alive in one step; gives those that were lost: expired meanwhile, or cancelled."""
        held = list(self.held.values())
        if not held:
            return []
        pairs: list[str | int] = [part for claim in held for part in (claim.work, claim.token)]
        lost = {token.decode() for token in await self._renew(args=[PREFIX, self._lease, *pairs])}
        return [self.held.pop(claim.token) for claim in held if claim.token in lost and claim.token in self.held]
