"""What a request has at hand: the ledger, seen with the eyes of the client that asks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, cast

from fastapi import Depends, Request
from redis.asyncio import Redis

from api.clients import Caller
from api.problems import NotFoundError
from api.throttle import Charge, Quotas
from api.views import batch_view
from shared.addresses import AllowedHosts, WebhookRefusedError
from shared.clients import Clients
from shared.errors import KapitolaError
from shared.ledger import Accepted, LectureRecord, Ledger, Submission
from shared.settings import Settings
from shared.views import BatchView
from shared.webhooks import Webhooks


class FrontDesk:
    """Finds a client's own lectures and batches; those of others are not there (404)."""

    def __init__(self, request: Request) -> None:
        state = request.app.state
        self.caller = cast(Caller, request.state.caller)
        self.client = self.caller.client
        self.ledger = cast(Ledger, state.ledger)
        self.settings = cast(Settings, state.settings)
        self.quotas = cast(Quotas, state.quotas)
        self._publish = state.publish
        self._redis = cast(Redis, state.redis)

    @property
    def webhooks(self) -> Webhooks:
        return Webhooks(self._redis)

    async def lecture(self, id: str) -> LectureRecord:
        record = await self.ledger.lecture(id)
        if record is None or record.client != self.client:
            raise NotFoundError(f"There is no lecture {id}, or it was kept as long as was promised and is gone.")
        return record

    async def batch(self, id: str) -> list[LectureRecord]:
        """The lectures of the batch that are still kept, in the order in which they were handed in."""
        records = [record for record in await self.ledger.lectures(id) if record.client == self.client]
        if not records:
            raise NotFoundError(f"There is no batch {id}, or it was kept as long as was promised and is gone.")
        return records

    async def batch_view(self, id: str) -> BatchView:
        return batch_view(id, await self.batch(id))

    async def accept(
        self, batch: str, lectures: Sequence[Submission], size: int, key: str = "", digest: str = ""
    ) -> Accepted:
        """Records a batch of `size` bytes, out of the client's quotas. A repeat costs nothing, whatever is left."""
        if key and await self.ledger.knows(self.client, key):
            return await self.ledger.accept(self.client, batch, lectures, key, digest)
        charge = Charge(self.client, len(lectures), size)
        await self.quotas.charge(charge)
        try:
            accepted = await self.ledger.accept(self.client, batch, lectures, key, digest)
        except KapitolaError:
            await self.quotas.give_back(charge)
            raise
        if accepted.repeated:  # another request with the same key was quicker
            await self.quotas.give_back(charge)
        return accepted

    async def checked_webhook(self, url: str) -> str:
        """The address to tell: the one given, else the key's own. Raises WebhookRefusedError if it cannot be told."""
        url = url or self.caller.webhook
        if url:
            AllowedHosts(self.settings.webhook_hosts).destination(url)
            if not await Clients(self._redis).secret(self.client):
                remedy = f"`kapitola keys secret {self.client}` makes one."
                raise WebhookRefusedError(f"{self.client} has no secret to sign webhooks with. {remedy}")
        return url

    async def issue_tickets(self, count: int) -> None:
        """Tells the workers that there are `count` works more."""
        await asyncio.to_thread(self._publish, count)


Desk = Annotated[FrontDesk, Depends(FrontDesk)]
