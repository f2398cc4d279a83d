"""Whether the server lives, and whether it can take lectures. Outside of /v1: for machines that watch."""

from __future__ import annotations

from fastapi import APIRouter, Request
from redis.asyncio import Redis

from api.problems import UNREADY
from shared.door import check_redis
from shared.keys import PREFIX

router = APIRouter(tags=["server"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers. Says nothing of Redis."""
    return {"status": "ok"}


@router.get("/readyz", responses=UNREADY)
async def readyz(request: Request) -> dict[str, str]:
    """Redis is reachable, takes writes, and throws nothing away."""
    redis: Redis = request.app.state.redis
    await check_redis(redis, request.app.state.settings)
    await redis.set(f"{PREFIX}probe", "1", px=1_000)
    return {"status": "ready"}
