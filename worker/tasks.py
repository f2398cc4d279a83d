"""The one Celery task, and the process that carries its work."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from celery import Celery
from celery.signals import worker_init, worker_ready, worker_shutting_down
from redis.exceptions import RedisError

from shared.door import check_redis, connect
from shared.endpoints import endpoints_from
from shared.errors import KapitolaError
from shared.ledger import Ledger
from shared.queue import TICKET, publish_tickets
from shared.settings import Settings
from worker.calls import Calls
from worker.claims import Claims
from worker.diagnosis import answer_questions
from worker.limiter import Limiter
from worker.purse import Purses
from worker.reconciler import PERIOD_S, Reconciler
from worker.shift import Shift
from worker.webhooks import Deliveries

log = logging.getLogger(__name__)

_TOLD_WITHIN_S = 2.5
"""Leases are renewed at least this often: it is also how long a cancelled lecture's works go on unawares."""
_NO_TICKET_S = 5.0
"""After so long without a ticket a process looks for work by itself. Consumers of kombu's have been seen to stand still
after a restart of Redis, and a ticket is no more than a reason to look."""
_AGAIN_S = 0.5
"""After a step that Redis did not answer: when it is back, leases are renewed before they are taken for dead."""


class Loop:
    """One asyncio loop on a thread of its own: hundreds of calls to models wait in it at once."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="kapitola-loop", daemon=True).start()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` on the loop and waits for it."""
        asyncio.run_coroutine_threadsafe(work, self.loop).result()


class Process:
    """What one worker process does, from its start to its end: its shift, and what keeps all shifts going."""

    def __init__(self, app: Celery, settings: Settings) -> None:
        self._settings, self._redis, self._endpoints = settings, connect(settings), endpoints_from(settings)
        limiter = Limiter(self._redis, self._endpoints)
        claims = Claims(self._redis, limiter, settings.lease_seconds, settings.attempts, settings.client_works)
        self._calls = Calls(self._redis, self._endpoints, limiter, settings)
        self.shift = Shift(claims, limiter, Ledger(self._redis, settings.keep_days), self._calls, Purses(self._redis))
        self._reconciler = Reconciler(
            self._redis, limiter, lambda count: publish_tickets(app, count), settings.attempts
        )
        self._deliveries = Deliveries(self._redis, settings.webhook_hosts)
        self._background: list[asyncio.Task[None]] = []
        self._last_ticket = time.monotonic()

    async def use_ticket(self) -> None:
        """What a ticket is for: at most one work."""
        self._last_ticket = time.monotonic()
        await self.shift.use_ticket()

    async def look_for_work(self) -> None:
        """Without a ticket, one work after the other for as long as none comes."""
        while time.monotonic() - self._last_ticket > _NO_TICKET_S:
            if not await self.shift.use_ticket():
                return
            log.info("A work was done without a ticket: none has come for %.0f s", time.monotonic() - self._last_ticket)

    async def look_at_redis(self) -> None:
        """Raises RedisUnfitError. One that is not there yet is waited for."""
        try:
            await check_redis(self._redis, self._settings)
        except (RedisError, OSError) as error:
            log.warning("Redis is not there yet (%s): waiting for it", error)

    async def begin(self) -> None:
        renewed_every = min(self._settings.lease_seconds / 4, _TOLD_WITHIN_S)
        self._background = [
            asyncio.ensure_future(c)
            for c in (
                over_and_over(self.shift.keep_leases, renewed_every),
                over_and_over(self._reconciler.reconcile, PERIOD_S),
                over_and_over(self.look_for_work, _NO_TICKET_S / 2),
                self._deliveries.run(),
                answer_questions(self._redis, self._endpoints),
            )
        ]

    async def end(self) -> None:
        """Within a few seconds, whether Redis answers or not."""
        for running in self._background:
            running.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        try:
            await self.shift.hand_back()
        except (RedisError, OSError) as error:
            log.warning("Leases could not be handed back (%s): they will expire", error)
        await self._deliveries.close()
        await self._calls.close()


def serve(app: Celery, settings: Settings) -> None:
    """Registers the task with `app`, and what happens when its worker starts and stops."""
    loop = Loop()
    process = Process(app, settings)

    @app.task(name=TICKET)
    def work() -> None:
        loop.run(process.use_ticket())

    @worker_init.connect(weak=False)
    def on_init(**_: object) -> None:
        try:
            loop.run(process.look_at_redis())
        except KapitolaError as error:  # Celery only logs what is raised here, and would go on
            print(f"kapitola worker: {error}", file=sys.stderr)
            sys.exit(os.EX_CONFIG)

    @worker_ready.connect(weak=False)
    def on_ready(**_: object) -> None:
        loop.run(process.begin())

    @worker_shutting_down.connect(weak=False)
    def on_shutdown(**_: object) -> None:
        loop.run(process.end())


async def over_and_over(step: Callable[[], Awaitable[None]], pause_s: float) -> None:
    """Takes a step again and again, until cancelled. Whatever goes wrong with one, there is a next."""
    while True:
        pause = pause_s
        try:
            await step()
        except (RedisError, OSError) as error:
            log.warning("%s: %s; trying again", step.__qualname__, error)
            pause = min(pause_s, _AGAIN_S)
        except Exception:
            log.exception("%s: a fault of Kapitola's own", step.__qualname__)
        await asyncio.sleep(pause)
