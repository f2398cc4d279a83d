"""Redis checked at the door: a server that would lose work is refused, with what to do about it."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any
from urllib.parse import urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.errors import KapitolaError
from shared.settings import Settings

_AWAY = ("OOM", "MISCONF", "READONLY", "LOADING", "MASTERDOWN", "NOREPLICAS", "BUSY")


class RedisUnfitError(KapitolaError):
    """This Redis cannot be trusted with lectures; the message says what to set."""

    code = "redis-unfit"
    remedy = "The operator sets what `detail` names. Until then nothing is accepted that could be lost."


def connect(settings: Settings) -> Redis:
    """A client for one process's loop. With all connections in use, callers wait for one instead of failing.

    A command is sent again once: after a restart of Redis every pooled connection is dead, and would fail somebody.
    The ledger's scripts may all be repeated.
    """
    pool = BlockingConnectionPool.from_url(
        settings.redis_url, max_connections=64, timeout=20, socket_timeout=10, socket_connect_timeout=3,
        health_check_interval=15, retry=Retry(NoBackoff(), 1, (RedisConnectionError,)),
    )  # fmt: skip
    pool.connection_class = type("Attentive", (_Attentive, pool.connection_class), {})
    return Redis.from_pool(pool)


def is_away(error: BaseException) -> bool:
    """Whether Redis cannot do at the moment what it could do before: it is down, loading, full or read-only."""
    if isinstance(error, ResponseError):
        return str(error).startswith(_AWAY) or isinstance(error, OutOfMemoryError | ReadOnlyError)
    return isinstance(error, RedisConnectionError | RedisTimeoutError | OSError)


class _Attentive:
    """redis-py sends within `asyncio.wait_for`, which in Python 3.11 forgets a cancellation that comes just as the
    sending ends: work that was cancelled went on to call the model."""

    async def send_packed_command(self, *given: Any, **named: Any) -> None:
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        await super().send_packed_command(*given, **named)  # type: ignore[misc]
        if task and task.cancelling() > before:
            await self.disconnect(nowait=True)  # type: ignore[attr-defined]  # the answer is nobody's
            raise asyncio.CancelledError


async def check_redis(redis: Redis, settings: Settings) -> None:
    """Raises RedisUnfitError if Redis may evict what it was given, or stands open to others."""
    _check_address(settings)
    try:
        found = (await redis.config_get("maxmemory-policy")).get("maxmemory-policy", "noeviction")
    except ResponseError:
        found = "noeviction"  # a hosted Redis without CONFIG: its INFO tells as well
        found = (await redis.info("memory")).get("maxmemory_policy", found)
    if found != "noeviction":
        raise RedisUnfitError(
            f"Redis may throw accepted lectures away when its memory is full (maxmemory-policy is {found}). "
            "Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf."
        )


def _check_address(settings: Settings) -> None:
    url = urlsplit(settings.redis_url)
    if url.scheme == "unix" or url.password or settings.redis_open or _is_here(url.hostname or ""):
        return
    raise RedisUnfitError(
        f"Redis at {url.hostname} has no password and is not on this machine: anybody who reaches it reads every "
        "transcript. Give it one (KAPITOLA_REDIS_URL=redis://:PASSWORD@HOST:6379/0), or, on a network that only "
        "Kapitola shares, set KAPITOLA_REDIS_OPEN=1."
    )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
