"""A shift: what one worker process does with the tickets it gets, on one asyncio loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable
from contextlib import suppress
from typing import assert_never

from redis.exceptions import RedisError

from shared.lecture import ChunkOutline, LectureState, Outline
from shared.ledger import GoneError, LectureRecord, Ledger
from worker.calls import Calls
from worker.claims import PATIENCE_MS, Alone, Claim, Claims, Wait
from worker.exchange import Ask, Prompt, Reply
from worker.limiter import Limiter, Permit
from worker.materials import Materials
from worker.model.errors import ModelBusyError, ModelError, ModelUnavailableError
from worker.model.offline import reply as offline_reply
from worker.pipeline import outline_chunk, outline_lecture
from worker.purse import BudgetError, Purses, UnpaidError

log = logging.getLogger(__name__)

_OUTAGE_DELAY_MS = (1_000, 15_000)
"""A chunk that met an outage comes back after this long at least, and at most where the server named a time."""


class Shift:
    """Claims works, does them under their leases, and commits what came of them."""

    def __init__(self, claims: Claims, limiter: Limiter, ledger: Ledger, calls: Calls, purses: Purses) -> None:
        self._claims, self._limiter, self._ledger = claims, limiter, ledger
        self._calls, self._purses = calls, purses
        self._materials = Materials(ledger)
        self._unused: dict[str, Permit] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._line = asyncio.Lock()
        self._room = asyncio.Event()
        self._asking: asyncio.Task[Claim | Alone | Wait | None] | None = None
        self._no_room_until = 0.0
        self._is_over = False

    async def use_ticket(self) -> bool:
        """One ticket: at most one work, from claim to commit. False if there was none to be had."""
        async with self._line:
            claim = await self._next()
            if claim and claim.is_alone:  # with the line held, this process takes nothing else
                await self._under_lease(claim)
                return True
        if claim:
            await self._under_lease(claim)
        return claim is not None

    async def keep_leases(self) -> None:
        """Stops the work whose lease was lost: somebody else does it, or it was cancelled."""
        for claim in await self._claims.renew():
            log.info("%s: lease lost, work stopped", claim.work)
            if doing := self._under_way.get(claim.token):
                doing.cancel()

    async def hand_back(self) -> None:
        """The end of the shift: stops every work and gives its lease back, so that nobody waits for it to expire."""
        self._is_over = True
        self._room.set()
        if self._asking:  # a claim whose answer nobody waits for would lie there until its lease expires
            await asyncio.wait([self._asking], timeout=1)
            self._asking.cancel()
        stopped = list(self._under_way.values())
        for doing in stopped:
            doing.cancel()
        if stopped:
            await asyncio.wait(stopped, timeout=3)
        held = list(self._claims.held.values())
        async with asyncio.timeout(3):
            await asyncio.gather(
                *(self._claims.release(claim, 0, "its worker was stopped", "nothing") for claim in held)
            )

    async def _next(self) -> Claim | None:
        """Waits for a model's room with a ticket in hand: one of the process asks, the others stand in line behind it.

        None if there is no work, or no room for so long that the ticket had better come back then.
        """
        while not self._is_over and time.monotonic() >= self._no_room_until:
            self._room.clear()
            match await self._ask_for_work():
                case Claim() as claim if self._is_over:
                    await self._claims.release(claim, 0, "its worker was stopped", "nothing")
                case Claim() as claim:
                    return claim
                case Alone():
                    await _at_most(PATIENCE_MS / 1000, self._room.wait())
                case Wait(ms) if ms <= PATIENCE_MS:
                    await _at_most(ms / 1000, self._room.wait())
                case Wait(ms):
                    self._no_room_until = time.monotonic() + (ms - PATIENCE_MS) / 1000
                case None:
                    return None
                case other:
                    assert_never(other)
        return None

    async def _ask_for_work(self) -> Claim | Alone | Wait | None:
        self._asking = asyncio.create_task(self._claims.take())
        await asyncio.wait([self._asking])
        return None if self._asking.cancelled() else self._asking.result()

    async def _under_lease(self, claim: Claim) -> None:
        doing = asyncio.create_task(self._do(claim))
        self._under_way[claim.token] = doing
        self._unused[claim.token] = claim.permit
        try:
            await asyncio.wait([doing])
            if not doing.cancelled() and (error := doing.exception()):
                await self._mishap(claim, error)
        finally:
            del self._under_way[claim.token]
            self._room.set()
            await self._give_back(self._unused.pop(claim.token, None))

    async def _give_back(self, permit: Permit | None) -> None:
        """The permit of a work that needed no call."""
        if permit is None:
            return
        try:
            await self._limiter.give_back(permit)
        except (RedisError, OSError) as error:
            log.warning("A permit could not be given back (%s): it expires by itself", error)

    async def _do(self, claim: Claim) -> None:
        record = await self._ledger.lecture(claim.lecture)
        if record is None:
            await self._claims.fail(claim, "the lecture has expired")
        elif claim.chunk is None:
            unpaid: list[str] = []
            outline = await self._merge(claim, record, unpaid)
            state = LectureState.INCOMPLETE if outline.holes or unpaid else LectureState.DONE
            await self._claims.commit(claim, outline.model_dump_json(), state, *unpaid[:1])
        else:
            chunk = await self._chunk(claim, record, claim.chunk)
            await self._claims.commit(claim, chunk.model_dump_json())

    async def _chunk(self, claim: Claim, record: LectureRecord, index: int) -> ChunkOutline:
        cues, chunks = await self._materials.of(record)
        return await outline_chunk(
            cues, chunks[index], record.name, record.options, self._asker(claim, record), _stand_in
        )

    async def _merge(self, claim: Claim, record: LectureRecord, unpaid: list[str]) -> Outline:
        """The chunks are paid for: where the budget does not reach for more, and `unpaid` says so, it goes without."""
        cues, chunks = await self._materials.of(record)
        outlines, failures = await self._ledger.chunk_outlines(record)
        ask = self._asker(claim, record)

        async def ask_if_paid(prompt: Prompt) -> Reply:
            try:
                return await ask(prompt)
            except BudgetError as error:
                unpaid.append(f"Grouped and joined without the model. {error}")
                raise UnpaidError(error) from error

        return await outline_lecture(cues, chunks, outlines, failures, record.name, record.options, ask_if_paid)

    def _asker(self, claim: Claim, record: LectureRecord) -> Ask:
        """The first call uses the permit that came with the claim; those after it ask for their own."""

        purse = self._purses.of(record)

        async def ask(prompt: Prompt) -> Reply:
            permit = self._unused.pop(claim.token, None)
            return await self._calls.ask(prompt, permit, record.client, purse, record.anew)

        return ask

    async def _mishap(self, claim: Claim, error: BaseException) -> None:
        """Decides by the error's type: outages and limits are nobody's fault and not an attempt."""
        match error:
            case ModelBusyError() | ModelUnavailableError():
                least, most = _OUTAGE_DELAY_MS
                delay = min(max(error.retry_after_ms, least), most)
                await self._claims.release(claim, delay, str(error), "outage")
            case ModelError() if error.transient:
                await self._claims.release(claim, 0, str(error), "attempt")
            case ModelError() | GoneError() | BudgetError():
                await self._claims.fail(claim, str(error))
            case RedisError() | OSError():
                log.warning("%s: %s; done again as soon as Redis answers", claim.work, error)
                await self._claims.release(claim, 1_000, "Redis was away", "nothing")
            case _:
                log.error("%s: a fault of Kapitola's own", claim.work, exc_info=error)
                reason = f"a fault of Kapitola's own: {type(error).__name__}"
                await self._claims.release(claim, 1_000, reason, "attempt")


async def _at_most(seconds: float, happening: Awaitable[object]) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(happening, seconds)


async def _stand_in(prompt: Prompt) -> Reply:
    return await asyncio.to_thread(offline_reply, prompt)
