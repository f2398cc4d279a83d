"""What a request has at hand: the ledger, seen with the eyes of the client that asks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Annotated, cast

from fastapi import Depends, Request
from kombu.exceptions import KombuError
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.clients import Caller
from api.errors import NotFoundError
from api.readers import Readers
from api.reading import display_name
from api.streams import OpenStreams
from api.throttle import Charge, Quotas
from api.views import batch_view
from shared.addresses import AllowedHosts, WebhookRefusedError
from shared.clients import Clients
from shared.errors import KapitolaError
from shared.ledger import Accepted, BatchRecord, GoneError, LectureRecord, Ledger, Written
from shared.settings import Settings
from shared.views import BatchView
from shared.webhooks import Webhooks

log = logging.getLogger(__name__)

_MOST_TICKETS = 256
_NOUNS = {"lec_": "lecture", "bat_": "batch"}
_PREFIXES = {noun: prefix for prefix, noun in _NOUNS.items()}


class FrontDesk:
    """Finds a client's own lectures and batches; those of others are not there (404)."""

    def __init__(self, request: Request) -> None:
        state = request.app.state
        self.caller = cast(Caller, request.state.caller)
        self.client = self.caller.client
        self.ledger = cast(Ledger, state.ledger)
        self.settings = cast(Settings, state.settings)
        self.quotas = cast(Quotas, state.quotas)
        self.readers = cast(Readers, state.readers)
        self.streams = cast(OpenStreams, state.streams)
        self._publish = state.publish
        self._redis = cast(Redis, state.redis)

    @property
    def webhooks(self) -> Webhooks:
        return Webhooks(self._redis)

    async def lecture(self, id: str) -> LectureRecord:
        record = await self.ledger.lecture(id)
        if record is None or record.client != self.client:
            raise await self._missing("lecture", id)
        return record

    async def batch(self, id: str) -> BatchRecord:
        record = await self.ledger.batch(id)
        if record is None or record.client != self.client:
            raise await self._missing("batch", id)
        return record

    async def batch_view(self, id: str) -> BatchView:
        """The batch with all of its lectures. What changes meanwhile is another version's."""
        return batch_view(await self.batch(id), await self.ledger.lectures(id))

    async def _missing(self, noun: str, id: str) -> KapitolaError:
        """Gone, to the client whose it was; to all others it never was."""
        other = _NOUNS.get(id[:4], noun)
        if other != noun:
            return NotFoundError(f"There is no {noun} {display_name(id)}: that is the id of a {other}.")
        if await self.ledger.was_there(id) == self.client:
            return GoneError(f"{noun.capitalize()} {id}")
        kind = "" if id[:4] in _NOUNS else f": the id of a {noun} begins with {_PREFIXES[noun]}"
        return NotFoundError(f"There is no {noun} {display_name(id)}{kind}.")

    async def accept(
        self, batch: str, lectures: Sequence[Written], size: int, key: str = "", digest: str = ""
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
        """Tells the workers that there are `count` works more: as many tickets as make all of them start at once.

        The reconciler issues the others as these are used, and all of them if these cannot be issued now.
        """
        try:
            await asyncio.to_thread(self._publish, min(count, _MOST_TICKETS))
        except (KombuError, RedisError, OSError) as error:
            log.warning("No tickets were issued (%s): the workers' reconciler will see to it", error)


Desk = Annotated[FrontDesk, Depends(FrontDesk)]
