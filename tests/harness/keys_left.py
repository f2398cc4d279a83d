"""What a Redis holds that shared/keys.py does not declare, or without the expiry that it promises."""

from __future__ import annotations

import re

from redis.asyncio import Redis

from shared.keys import KEYS, PREFIX, Key

_PATTERNS = [
    (re.compile(re.escape(PREFIX) + re.sub(r"\\{\w+\\}", ".+", re.escape(key.pattern)) + "$"), key) for key in KEYS
]
# Celery's own: the queue and what is fetched from it, and what tells queues and Flower of each other.
_CELERYS = re.compile(r"kapitola$|unacked|_kombu\.|celery|[\w.@-]*\.pidbox$|\w+\.reply\.celery\.pidbox$|.*\x06\x16")


async def undeclared(redis: Redis) -> list[str]:
    """A line for each key that should not be there as it is."""
    found = []
    async for raw in redis.scan_iter("*", count=1000):
        name = raw.decode()
        if _CELERYS.match(name):
            continue
        declared, kind, left = _declaration(name), (await redis.type(name)).decode(), await redis.ttl(name)
        if kind == "none" or left == -2:
            continue  # it has expired meanwhile
        if declared is None:
            found.append(f"{name} is not declared in shared/keys.py")
        elif kind != declared.type:
            found.append(f"{name} is a {kind}, not a {declared.type}")
        elif (left == -1) != declared.permanent:
            found.append(f"{name} {'expires' if declared.permanent else 'never expires'}, against its declaration")
    return found


def _declaration(name: str) -> Key | None:
    return next((key for pattern, key in _PATTERNS if pattern.match(name)), None)
