"""`uvicorn api.app:app`: the front door. No work is done here."""

from __future__ import annotations

import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from api import document, problems
from api.clients import Admission
from api.counted import Counted
from api.hardening import Hardening
from api.limit import BodyLimit
from api.metrics import Answered
from api.readers import Readers
from api.routes import health, page, router
from api.streams import OpenStreams
from api.throttle import Quotas
from api.unchanged import Unchanged
from shared.discretion import keep_tracebacks_discreet
from shared.door import connect
from shared.ledger import Ledger
from shared.queue import celery_app, publish_tickets
from shared.settings import Settings, settings


def create(configured: Settings) -> FastAPI:
    """The application over the Redis that `configured` names."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        redis = connect(configured)
        tickets = celery_app(configured)
        app.state.redis, app.state.settings = redis, configured
        app.state.ledger = Ledger(redis, configured.keep_days)
        app.state.quotas = Quotas(redis, configured)
        app.state.readers, app.state.answered = Readers(), answered
        app.state.streams = OpenStreams(configured.client_streams)
        app.state.publish = lambda count: publish_tickets(tickets, count)
        _settle()
        yield
        await app.state.readers.close()
        await app.state.ledger.close()
        tickets.close()
        await redis.aclose()

    answered = Answered()
    app = FastAPI(version=version("kapitola"), lifespan=lifespan, **document.described())
    # From the inside out: what is nearest to the routes comes first.
    # It warns of every byte that is out of place: whoever sends rubbish would fill the log with it.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    app.add_middleware(BodyLimit, settings=configured)
    app.add_middleware(Unchanged)
    app.add_middleware(Admission, settings=configured)
    app.add_middleware(Hardening)
    app.add_middleware(Counted, answered=answered)
    problems.install(app)
    document.install(app)
    app.include_router(router)
    app.include_router(health.router)
    app.include_router(page.router)
    return app


def _settle() -> None:
    """What is loaded by now stays for good: looking through all of it for cycles made every few hundredth poll wait
    for 50 ms."""
    gc.collect()
    gc.freeze()


keep_tracebacks_discreet()
app = create(settings())
