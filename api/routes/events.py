"""Events: every change of a lecture or a batch, as it happens (server-sent events)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from api.desk import Desk, FrontDesk
from api.documented import EVENT_STREAM
from api.errors import NotFoundError
from api.problems import answers
from api.streams import EventStream
from shared.ledger import BatchRecord, Event, GoneError, LectureRecord, Ledger

router = APIRouter(tags=["events"])
_ANSWERS = {**EVENT_STREAM, **answers(NotFoundError, GoneError)}
_HEARTBEAT_S = 15.0
"""Proxies cut what is silent for a minute, and a client that is gone is noticed when it is written to."""
_RECONNECT_MS = 2_000

LastEventId = Annotated[
    str, Header(pattern="^[0-9]{0,15}$", description="The last event that was seen; browsers send it.")
]
AfterVersion = Annotated[
    int, Query(ge=0, le=10**15, description="Only what follows this version; for the first connection.")
]
Record = LectureRecord | BatchRecord


@router.get("/lectures/{id}/events", operation_id="followLecture", response_class=StreamingResponse, responses=_ANSWERS)
async def lecture_events(desk: Desk, id: str, last_event_id: LastEventId = "", after: AfterVersion = 0) -> Response:
    """What happens to a lecture, one event for each version; `id` is the version. Resumed by `Last-Event-ID`."""
    return _stream(desk, await desk.lecture(id), desk.ledger.lecture, _place(last_event_id, after))


@router.get("/batches/{id}/events", operation_id="followBatch", response_class=StreamingResponse, responses=_ANSWERS)
async def batch_events(desk: Desk, id: str, last_event_id: LastEventId = "", after: AfterVersion = 0) -> Response:
    """What happens to the lectures of a batch, one event for each version of the batch; `id` is that version."""
    return _stream(desk, await desk.batch(id), desk.ledger.batch, _place(last_event_id, after))


def _place(last_event_id: str, after: int) -> int:
    return int(last_event_id) if last_event_id else after


def _stream(desk: FrontDesk, record: Record, look: Callable[[str], Awaitable[Record | None]], place: int) -> Response:
    if record.ended and place >= record.version:
        return Response(status_code=204)  # this is how an EventSource is told not to come back
    return EventStream(_told(desk.ledger, record.id, look, place), desk.streams, desk.client)


async def _told(
    ledger: Ledger, id: str, look: Callable[[str], Awaitable[Record | None]], place: int
) -> AsyncIterator[str]:
    yield f"retry: {_RECONNECT_MS}\n\n"
    while True:
        events = await ledger.events(id, place, _HEARTBEAT_S)
        if not events:
            yield ": still here\n\n"
        for event in events:
            if event.id > place + 1:
                yield _written("missed", event.id - 1, json.dumps({"from": place + 1, "to": event.id - 1}))
            yield _written("change", event.id, _body(event))
            place = event.id
        record = await look(id)
        if record is None or (record.ended and record.version <= place):
            yield _written("end", place, json.dumps({"version": place, "removed": record is None}))
            return


def _body(event: Event) -> str:
    return event.model_dump_json(exclude={"id"})


def _written(kind: str, id: int, data: str) -> str:
    return f"id: {id}\nevent: {kind}\ndata: {data}\n\n"
