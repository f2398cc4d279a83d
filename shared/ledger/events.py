"""Events: what happened to a lecture or a batch, one for each version, and how a process waits for the next."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.keys import PREFIX

log = logging.getLogger(__name__)

_CHANNEL = f"{PREFIX}changes"
_LOOK_AGAIN_S = 5.0
"""A waiter looks for itself after this long: a notification is a courtesy of Redis, and may be lost."""


class Event(BaseModel):
    """A lecture as it was right after a change. `id` counts the versions of what the stream is of, without a gap."""

    model_config = ConfigDict(frozen=True)

    id: int
    lecture: str
    state: str = Field(description="The lecture's state; `removed` if it was deleted.")
    version: int = Field(description="The lecture's version.")
    at: int = Field(description="Milliseconds since 1970, by Redis's clock.")
    chunks: int
    done: int
    failed: int


class Events:
    """The streams of one process. Waiting costs no connection: one subscription tells of all changes."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None

    async def after(self, of: str, id: int, block_s: float = 0, most: int = 500) -> list[Event]:
        """The events of a lecture or batch that follow event `id`, in order; after at most `block_s` there may be none.

        The oldest are dropped in time: a first id above `id + 1` says that the reader has missed some.
        """
        until = asyncio.get_running_loop().time() + block_s
        while True:
            changed = asyncio.Event()
            self._waiting[of].add(changed)
            try:
                entries = await self._redis.xrange(f"{PREFIX}events:{of}", f"({id}-0", "+", count=most)
                found = cast(list[tuple[bytes, dict[bytes, bytes]]], entries)
                left = until - asyncio.get_running_loop().time()
                if found or left <= 0:
                    return [_event(key, fields) for key, fields in found]
                await self._notified(changed, min(left, _LOOK_AGAIN_S))
            finally:
                self._waiting[of].discard(changed)
                if not self._waiting[of]:
                    del self._waiting[of]

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _notified(self, changed: asyncio.Event, seconds: float) -> None:
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        try:
            await asyncio.wait_for(changed.wait(), seconds)
        except TimeoutError:
            return

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=False) as subscription:
                    await subscription.subscribe(_CHANNEL)
                    while True:
                        self._wake(await subscription.get_message(timeout=_LOOK_AGAIN_S))
            except (RedisError, OSError) as error:
                log.warning("Redis does not tell of changes (%s): trying again", error)
                await asyncio.sleep(0.5)

    def _wake(self, message: dict[str, Any] | None) -> None:
        """Wakes who waits for what changed; everybody when a subscription begins: something may have been missed."""
        if message is None:
            return
        of = None if message["type"] == "subscribe" else message["data"].decode()
        concerned = list(self._waiting) if of is None else [of]
        for name in concerned:
            for changed in self._waiting.get(name, ()):
                changed.set()


def _event(key: bytes, fields: dict[bytes, bytes]) -> Event:
    return Event(id=int(key.partition(b"-")[0]), **json.loads(fields[b"event"]))
