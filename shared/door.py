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

_OLDEST = (6, 2)
_NEARLY_FULL = 0.95


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
    """Raises RedisUnfitError if Redis may lose what it was given, lacks what is needed, or stands open to others."""
    _check_address(settings)
    told = await redis.info("everything")
    _check_version(str(told.get("redis_version", "0")))
    _check_policy(str(told.get("maxmemory_policy", "noeviction")))
    if not settings.redis_memory_only:
        await _check_persistence(redis, bool(told.get("aof_enabled")))
    _check_memory(int(told.get("used_memory", 0)), int(told.get("maxmemory", 0)))


def _check_version(found: str) -> None:
    numbers = tuple(int(part) for part in found.split(".")[:2] if part.isdigit())
    if numbers < _OLDEST:
        raise RedisUnfitError(f"Redis is of version {found}. Take 6.2 or newer, or any Valkey.")


def _check_policy(found: str) -> None:
    if found != "noeviction":
        raise RedisUnfitError(
            f"Redis may throw accepted lectures away when its memory is full (maxmemory-policy is {found}). "
            "Set it: redis-cli CONFIG SET maxmemory-policy noeviction, and the same in redis.conf."
        )


async def _check_persistence(redis: Redis, has_log: bool) -> None:
    if has_log:
        return
    try:
        snapshots = bool((await redis.config_get("save")).get("save"))
    except ResponseError:
        return  # a hosted Redis without CONFIG: what it keeps is its owner's business
    instead = "only snapshots are" if snapshots else "nothing is"
    raise RedisUnfitError(
        f"Redis would forget accepted lectures when it restarts: {instead} written to its disk. Turn its log on: "
        "redis-cli CONFIG SET appendonly yes, and the same in redis.conf; or, if they may be lost, set "
        "KAPITOLA_REDIS_MEMORY_ONLY=1."
    )


def _check_memory(used: int, most: int) -> None:
    if most and used > most * _NEARLY_FULL:
        raise RedisUnfitError(
            f"Redis has used {used / most:.0%} of its memory, and will soon refuse lectures. Give it more: redis-cli "
            "CONFIG SET maxmemory 2gb; or keep lectures and replies for less long: KAPITOLA_KEEP_DAYS, "
            "KAPITOLA_REPLY_CACHE_DAYS."
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
