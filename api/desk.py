"""What a request has at hand: the ledger, seen with the eyes of the client that asks."""

from __future__ import annotations

import asyncio
from typing import Annotated, cast

from fastapi import Depends, Request

from api.problems import NotFoundError
from api.views import lecture_view
from shared.ledger import LectureRecord, Ledger
from shared.settings import Settings
from shared.views import BatchView

CLIENT = "local"


class FrontDesk:
    """Finds a client's own lectures and batches; those of others are not there (404)."""

    def __init__(self, request: Request) -> None:
        state = request.app.state
        self.client = CLIENT
        self.ledger = cast(Ledger, state.ledger)
        self.settings = cast(Settings, state.settings)
        self._publish = state.publish

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
        return BatchView(id=id, lectures=[lecture_view(record) for record in await self.batch(id)])

    async def issue_tickets(self, count: int) -> None:
        """Tells the workers that there are `count` works more."""
        await asyncio.to_thread(self._publish, count)


Desk = Annotated[FrontDesk, Depends(FrontDesk)]
