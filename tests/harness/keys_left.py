"""What a Redis holds that shared/keys.py does not declare, or without the expiry that it promises."""

from __future__ import annotations

import re

from redis import Redis

from shared.keys import KEYS, PREFIX, Key

# The most literal first: `secret:{client}:before` is no secret of a client named "x:before".
_PATTERNS = [
    (re.compile(re.escape(PREFIX) + re.sub(r"\\{\w+\\}", ".+", re.escape(key.pattern)) + "$"), key)
    for key in sorted(KEYS, key=lambda key: -len(re.sub(r"\{\w+\}", "", key.pattern)))
]
# Celery's own: the queue and what is fetched from it, and what tells queues and Flower of each other.
_CELERYS = re.compile(r"kapitola$|unacked|_kombu\.|celery|[\w.@-]*\.pidbox$|\w+\.reply\.celery\.pidbox$|.*\x06\x16")


def undeclared(url: str) -> list[str]:
    """A line for each key that should not be there as it is."""
    with Redis.from_url(url) as redis, redis.pipeline(transaction=False) as pipe:
        names = [name for raw in redis.scan_iter("*", count=1000) if not _CELERYS.match(name := raw.decode())]
        for name in names:
            pipe.type(name).ttl(name)
        told = pipe.execute()
    found = (_wrong(name, told[2 * n].decode(), told[2 * n + 1]) for n, name in enumerate(names))
    return [line for line in found if line]


def _wrong(name: str, kind: str, left: int) -> str:
    if kind == "none" or left == -2:
        return ""  # it has expired meanwhile
    declared = _declaration(name)
    if declared is None:
        return f"{name} is not declared in shared/keys.py"
    if kind != declared.type:
        return f"{name} is a {kind}, not a {declared.type}"
    if (left == -1) != declared.permanent:
        return f"{name} {'expires' if declared.permanent else 'never expires'}, against its declaration"
    return ""


def _declaration(name: str) -> Key | None:
    return next((key for pattern, key in _PATTERNS if pattern.match(name)), None)
