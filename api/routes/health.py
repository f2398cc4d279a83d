"""Whether the server lives, and whether it can take lectures. Outside of /v1: for machines that watch."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel
from redis.asyncio import Redis

from api.errors import RedisDownError
from api.problems import answers
from shared.door import RedisUnfitError, check_redis
from shared.keys import PREFIX

router = APIRouter(tags=["server"])


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
