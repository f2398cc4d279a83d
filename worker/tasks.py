"""The one Celery task, and the loop thread that carries its work."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutting_down

from shared.door import check_redis, connect
from shared.endpoints import endpoints_from
from shared.ledger import Ledger
from shared.queue import TICKET, publish_tickets
from shared.settings import Settings
from worker.calls import Calls
from worker.claims import Claims
from worker.diagnosis import answer_questions
from worker.limiter import Limiter
from worker.reconciler import Reconciler
from worker.shift import Shift
from worker.webhooks import Deliveries

log = logging.getLogger(__name__)


class Loop:
    """One asyncio loop on a thread of its own: hundreds of calls to models wait in it at once."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, name="kapitola-loop", daemon=True).start()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` on the loop and waits for it."""
        asyncio.run_coroutine_threadsafe(work, self.loop).result()


def serve(app: Celery, settings: Settings) -> None:
    """Registers the task with `app`, and what happens when its worker starts and stops."""
    loop = Loop()
    redis = connect(settings)
    endpoints = endpoints_from(settings)
    limiter = Limiter(redis, endpoints)
    claims = Claims(redis, limiter, settings.lease_seconds, settings.attempts, settings.client_works)
    calls = Calls(redis, endpoints, limiter, settings)
    shift = Shift(claims, limiter, Ledger(redis, settings.keep_days), calls, settings.lease_seconds)
    reconciler = Reconciler(redis, limiter, lambda count: publish_tickets(app, count), settings.attempts)
    deliveries = Deliveries(redis, settings.webhook_hosts)
    background: list[asyncio.Task[None]] = []

    @app.task(name=TICKET)
    def work() -> None:
        loop.run(shift.use_ticket())

    async def begin() -> None:
        await check_redis(redis, settings)
        background.extend(
            asyncio.ensure_future(c)
            for c in (shift.keep_leases(), reconciler.run(), deliveries.run(), answer_questions(redis, endpoints))
        )

    async def end() -> None:
        for running in background:
            running.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*background)
        await shift.hand_back()
        await deliveries.close()
        await calls.close()

    @worker_ready.connect(weak=False)
    def on_ready(**_: object) -> None:
        loop.run(begin())

    @worker_shutting_down.connect(weak=False)
    def on_shutdown(**_: object) -> None:
        loop.run(end())
