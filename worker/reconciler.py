"""The reconciler: what makes lost messages harmless. Every worker runs one; a short lock lets one act at a time."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable

from redis.asyncio import Redis

from shared.keys import PREFIX
from shared.ledger import script
from shared.queue import QUEUE
from worker.claims import PATIENCE_MS
from worker.limiter import Limiter, limiter_script

log = logging.getLogger(__name__)

PERIOD_S = 0.5
"""Between two looks. A lost ticket, an expired lease or a due delay waits no longer than this."""
_LOCK_MS = 2_000
"""How long a reconciler that dies in the act holds up the others."""
_MOST = 1_000


class Reconciler:
    """Puts back what is due, and sees that there are as many tickets as there is work that a model has room for."""

    def __init__(self, redis: Redis, limiter: Limiter, publish: Callable[[int], None], attempts: int) -> None:
        self._redis, self._limiter, self._publish, self._attempts = redis, limiter, publish, attempts
        self._sweep = redis.register_script(script("sweep", limiter_script()))
        self._unlock = redis.register_script(script("unlock"))
        self._me = secrets.token_hex(8)

    async def reconcile(self) -> None:
        """One look, unless somebody else is at it."""
        if not await self._redis.set(f"{PREFIX}reconciler", self._me, nx=True, px=_LOCK_MS):
            return
        try:
            taken, given_up, _, wanted = await self._sweep(
                args=[PREFIX, self._attempts, _MOST, self._limiter.argument(), PATIENCE_MS]
            )
            if taken or given_up:
                log.warning("%d works taken from dead workers, %d given up", taken, given_up)
            missing = min(int(wanted), _MOST) - int(await self._redis.llen(QUEUE))
            if missing > 0:
                await asyncio.to_thread(self._publish, missing)
        finally:
            await self._unlock(args=[PREFIX, self._me])
