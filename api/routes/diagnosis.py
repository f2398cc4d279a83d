"""What the workers found out about the models."""

from __future__ import annotations

import json
from typing import Any, cast

from fastapi import APIRouter, Request
from redis.asyncio import Redis

router = APIRouter(tags=["server"])


@router.get("/diagnosis")
async def diagnosis(request: Request) -> list[dict[str, Any]]:
    """What the newest worker found out about each model when it started; empty if none has yet."""
    redis: Redis = request.app.state.redis
    return cast(list[dict[str, Any]], json.loads(await redis.get("kapitola:diagnosis") or "[]"))
