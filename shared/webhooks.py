"""Webhooks: signed messages that tell a client's address of an end. Written by the ledger, delivered by workers.

What they are, and what a receiver ought to do, is in docs/webhooks.md. `webhook:ID` is a hash:
id, client, url, type, told (JSON), created (ms), state, attempts; token while one is made; and of the last one:
attempted (ms), status, failure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from pydantic import BaseModel, Field
from redis.asyncio import Redis

from shared.keys import PREFIX


class WebhookState(StrEnum):
    """`waiting`: for its first attempt, or the next. `delivered`, or `given_up`: nothing more is tried."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Webhook(BaseModel):
    """One message to one address, and how its delivery went."""

    id: str = Field(description="The same in every attempt: a receiver knows by it what it has seen.")
    type: str = Field(examples=["lecture.done", "lecture.incomplete", "lecture.failed", "batch.done"])
    url: str
    told: dict[str, Any] = Field(description="What the message says, as its `data`.")
    created: datetime
    state: WebhookState
    attempts: int
    attempted: datetime | None = Field(None, description="When it was last tried.")
    status: int | None = Field(None, description="What the receiver answered then; null if it did not.")
    failure: str = Field("", description="Why the last attempt failed; empty if it did not.")

    @property
    def body(self) -> bytes:
        """The message, the same in every attempt."""
        message = {"type": self.type, "timestamp": self.created.isoformat(), "data": self.told}
        return json.dumps(message, separators=(",", ":")).encode()


class Webhooks:
    """A client's webhooks: reads them, and has one delivered again."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def newest(self, client: str, most: int, state: WebhookState | None = None) -> list[Webhook]:
        """Newest first. At most `most`, of the last 1,000."""
        ids = cast(list[bytes], await self._redis.zrevrange(f"{PREFIX}webhooks:of:{client}", 0, 999))
        async with self._redis.pipeline(transaction=False) as pipe:
            for id in ids:
                pipe.hgetall(f"{PREFIX}webhook:{id.decode()}")
            found = [read(row) for row in await pipe.execute() if row]
        return [webhook for webhook in found if state in (None, webhook.state)][:most]

    async def find(self, client: str, id: str) -> Webhook | None:
        row = cast(dict[bytes, bytes], await self._redis.hgetall(f"{PREFIX}webhook:{id}"))
        return read(row) if row.get(b"client") == client.encode() else None

    async def replay(self, client: str, webhook: Webhook) -> None:
        """Has it delivered again, now, with all its attempts before it; its address may be told things again."""
        now, micro = await self._redis.time()
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(f"{PREFIX}webhook:{webhook.id}", mapping={"state": WebhookState.WAITING.value, "attempts": 0})
            pipe.hdel(f"{PREFIX}webhook:{webhook.id}", "token")
            pipe.zadd(f"{PREFIX}webhooks", {webhook.id: now * 1000 + micro // 1000})
            pipe.hdel(f"{PREFIX}webhooks:disabled:{client}", webhook.url)
            await pipe.execute()


def read(row: Mapping[bytes, bytes]) -> Webhook:
    """From the fields of its hash, as Redis gives them."""
    text: dict[str, Any] = {name.decode(): value.decode() for name, value in row.items()}
    text["told"] = json.loads(text["told"])
    for name in ("created", "attempted"):
        if name in text:
            text[name] = datetime.fromtimestamp(int(text[name]) / 1000, UTC)
    text["status"] = text.get("status") or None
    return Webhook.model_validate(text)
