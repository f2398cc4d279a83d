"""Whether the server lives, and whether it can take lectures. Outside of /v1: for machines that watch."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from redis.asyncio import Redis

from api.errors import RedisDownError
from api.metrics import CONTENT_TYPE, exposed
from api.problems import answers
from shared.door import RedisUnfitError, check_redis
from shared.keys import PREFIX

router = APIRouter(tags=["server"])


_METRICS: dict[int | str, dict[str, Any]] = {
    200: {"description": "Prometheus's text format; docs/metrics.md.", "content": {"text/plain": {}}}
}


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    status: Literal["ready"] = "ready"


@router.get("/healthz", operation_id="isAlive")
async def healthz() -> Alive:
    """The process answers. Says nothing of Redis."""
    return Alive()


@router.get("/readyz", operation_id="isReady", responses=answers(RedisUnfitError, everywhere=(RedisDownError,)))
async def readyz(request: Request) -> Ready:
    """Redis is reachable, takes writes, and throws nothing away."""
    redis: Redis = request.app.state.redis
    await check_redis(redis, request.app.state.settings)
    await redis.set(f"{PREFIX}probe", "1", px=1_000)
    return Ready()


@router.get(
    "/metrics",
    operation_id="getMetrics",
    response_class=Response,
    responses={**_METRICS, **answers(everywhere=(RedisDownError,))},
)
async def metrics(request: Request) -> Response:
    """What waits, what was done, what models were called for."""
    state = request.app.state
    return Response(await exposed(state.redis, state.answered), media_type=CONTENT_TYPE)
