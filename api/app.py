"""`uvicorn api.app:app`: the front door. No work is done here."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, cast

from fastapi import FastAPI, Request
from redis.asyncio import Redis

from api import problems
from api.limit import BodyLimit
from api.routes import router
from shared.door import check_redis, connect
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
        app.state.publish = lambda count: publish_tickets(tickets, count)
        yield
        tickets.close()
        await redis.aclose()

    app = FastAPI(title="Kapitola", version=version("kapitola"), lifespan=lifespan, summary=__doc__)
    app.add_middleware(BodyLimit, most=configured.upload_bytes)
    problems.install(app)
    app.include_router(router)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers. Says nothing of Redis."""
        return {"status": "ok"}

    @app.get("/readyz", responses=problems.UNREADY)
    async def readyz(request: Request) -> dict[str, str]:
        """Redis is reachable, takes writes, and throws nothing away."""
        redis: Redis = request.app.state.redis
        await check_redis(redis, configured)
        await redis.set("kapitola:order:probe", "1", px=1_000)
        return {"status": "ready"}

    @app.get("/v1/diagnosis")
    async def diagnosis(request: Request) -> list[dict[str, Any]]:
        """What the newest worker found out about each model when it started; empty if none has yet."""
        redis: Redis = request.app.state.redis
        return cast(list[dict[str, Any]], json.loads(await redis.get("kapitola:diagnosis") or "[]"))

    return app


app = create(settings())
