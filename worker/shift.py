"""A shift: what one worker process does with the tickets it gets, on one asyncio loop."""

from __future__ import annotations

import asyncio
import logging
from typing import assert_never

from redis.exceptions import RedisError

from shared.lecture import ChunkOutline, LectureState, Outline
from shared.ledger import GoneError, LectureRecord, Ledger
from worker.calls import Calls
from worker.claims import PATIENCE_MS, Claim, Claims, Wait
from worker.exchange import Ask, Prompt, Reply
from worker.limiter import Limiter, Permit
from worker.model.errors import ModelBusyError, ModelError, ModelUnavailableError
from worker.model.offline import reply as offline_reply
from worker.pipeline import outline_chunk, outline_lecture

log = logging.getLogger(__name__)

_OUTAGE_DELAY_MS = (1_000, 15_000)
"""A chunk that met an outage comes back after this long at least, and at most where the server named a time."""


class Shift:
    """Claims works, does them under their leases, and commits what came of them."""

    def __init__(self, claims: Claims, limiter: Limiter, ledger: Ledger, calls: Calls, lease_seconds: float) -> None:
        self._claims, self._limiter, self._ledger, self._calls = claims, limiter, ledger, calls
        self._unused: dict[str, Permit] = {}
        self._renew_every = lease_seconds / 4
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def use_ticket(self) -> None:
        """One ticket: at most one work, from claim to commit."""
        claim = await self._claims.take()
        if isinstance(claim, Wait) and claim.ms <= PATIENCE_MS:
            await asyncio.sleep(claim.ms / 1000)
            claim = await self._claims.take()
        match claim:
            case Claim():
                await self._under_lease(claim)
            case Wait() | None:
                return
            case _:
                assert_never(claim)

    async def keep_leases(self) -> None:
        """Until cancelled. Stops the work whose lease was lost: somebody else does it, or it was cancelled."""
        while True:
            await asyncio.sleep(self._renew_every)
            try:
                lost = await self._claims.renew()
            except (RedisError, OSError) as error:
                log.warning("Leases could not be renewed (%s): trying again", error)
                continue
            for claim in lost:
                log.info("%s: lease lost, work stopped", claim.work)
                if doing := self._under_way.get(claim.work):
                    doing.cancel()

    async def hand_back(self) -> None:
        """The end of the shift: stops every work and gives its lease back, so that nobody waits for it to expire."""
        for doing in self._under_way.values():
            doing.cancel()
        for claim in list(self._claims.held.values()):
            await self._claims.release(claim, 0, "its worker was stopped", is_attempt=False)

    async def _under_lease(self, claim: Claim) -> None:
        doing = asyncio.create_task(self._do(claim))
        self._under_way[claim.work] = doing
        self._unused[claim.token] = claim.permit
        try:
            await asyncio.wait([doing])
            if not doing.cancelled() and (error := doing.exception()):
                await self._mishap(claim, error)
            if permit := self._unused.pop(claim.token, None):
                await self._limiter.give_back(permit)  # a work that needed no call
        finally:
            del self._under_way[claim.work]
            self._unused.pop(claim.token, None)

    async def _do(self, claim: Claim) -> None:
        record = await self._ledger.lecture(claim.lecture)
        if record is None:
            await self._claims.fail(claim, "the lecture has expired")
        elif claim.chunk is None:
            outline = await self._merge(claim, record)
            state = LectureState.INCOMPLETE if outline.holes else LectureState.DONE
            await self._claims.commit(claim, outline.model_dump_json(), state)
        else:
            chunk = await self._chunk(claim, record, claim.chunk)
            await self._claims.commit(claim, chunk.model_dump_json())

    async def _chunk(self, claim: Claim, record: LectureRecord, index: int) -> ChunkOutline:
        cues, chunks = await self._ledger.material(record)
        return await outline_chunk(
            cues, chunks[index], record.name, record.options, self._asker(claim, record), _stand_in
        )

    async def _merge(self, claim: Claim, record: LectureRecord) -> Outline:
        cues, chunks = await self._ledger.material(record)
        outlines, failures = await self._ledger.chunk_outlines(record)
        return await outline_lecture(
            cues, chunks, outlines, failures, record.name, record.options, self._asker(claim, record)
        )

    def _asker(self, claim: Claim, record: LectureRecord) -> Ask:
        """The first call uses the permit that came with the claim; those after it ask for their own."""

        async def ask(prompt: Prompt) -> Reply:
            return await self._calls.ask(prompt, self._unused.pop(claim.token, None), record.client)

        return ask

    async def _mishap(self, claim: Claim, error: BaseException) -> None:
        """Decides by the error's type: outages and limits are nobody's fault and not an attempt."""
        match error:
            case ModelBusyError() | ModelUnavailableError():
                least, most = _OUTAGE_DELAY_MS
                delay = min(max(error.retry_after_ms, least), most)
                await self._claims.release(claim, delay, str(error), is_attempt=False)
            case ModelError() if error.transient:
                await self._claims.release(claim, 0, str(error), is_attempt=True)
            case ModelError():
                await self._claims.fail(claim, str(error))
            case GoneError():
                await self._claims.fail(claim, str(error))
            case RedisError() | OSError():
                log.warning("%s: %s; the lease will expire and somebody does it again", claim.work, error)
            case _:
                log.error("%s: a fault of Kapitola's own", claim.work, exc_info=error)
                reason = f"a fault of Kapitola's own: {type(error).__name__}"
                await self._claims.release(claim, 1_000, reason, is_attempt=True)


async def _stand_in(prompt: Prompt) -> Reply:
    return await asyncio.to_thread(offline_reply, prompt)
