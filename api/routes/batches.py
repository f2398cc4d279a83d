"""Batches: the lectures of one submission together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.desk import Desk
from api.documented import ETAG, RETRY_AFTER, UNCHANGED
from api.errors import BadCursorError, NotFoundError, NothingToRetryError, NotYetError
from api.paging import After, Cursor, Most, States, page
from api.polling import IfNoneMatch, Wait, changed, etag, matches, record_retry_after
from api.problems import answers
from api.routes.lectures import Budget, StandIns, retried
from api.routes.outlines import Chosen, Version, source_from
from api.views import batch_row
from shared.export import ExportRefusedError
from shared.export.archive import Archive
from shared.lecture import LectureState
from shared.ledger import BatchRecord, GoneError, LectureRecord, Ledger
from shared.views import BatchPage, BatchView

router = APIRouter(prefix="/batches", tags=["batches"])
_MISSING = (NotFoundError, GoneError)


@router.get("", operation_id="listBatches", response_model=BatchPage, responses=answers(BadCursorError))
async def batches(desk: Desk, state: States = [], most: Most = 50, after: After = None) -> BatchPage:  # noqa: B006
    """The client's batches, newest first; with `state`, those that have a lecture in one of the states."""
    cursor = Cursor("batches", desk.client)
    look = partial(desk.ledger.batches_before, desk.client)
    rows, place = await page(look, lambda row: _has(row, state), most, cursor.read(after))
    return BatchPage(batches=[batch_row(row) for row in rows], next=cursor.written(place) if place else None)


def _has(record: BatchRecord, states: Sequence[LectureState]) -> bool:
    return not states or any(getattr(record, state) for state in states)


@router.get(
    "/{id}",
    operation_id="getBatch",
    response_model=BatchView,
    responses={200: {"headers": {**ETAG, **RETRY_AFTER}}, **UNCHANGED, **answers(*_MISSING)},
)
async def batch(desk: Desk, id: str, wait: Wait = 0, if_none_match: IfNoneMatch = None) -> Response:
    """The lectures of one submission, without their outlines. With `If-None-Match`, 304 until something changes.

    With `wait`, the answer comes as soon as there is a change; without `If-None-Match`, as soon as all have ended.
    """
    record = await changed(desk.ledger, lambda: desk.batch(id), wait, if_none_match)
    headers = {"ETag": etag(record.version), "Cache-Control": "no-cache", **record_retry_after(record)}
    if matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    view = await desk.batch_view(id)
    headers["ETag"] = etag(view.version)
    return Response(view.model_dump_json(exclude_none=True), media_type="application/json", headers=headers)


@router.post("/{id}/cancel", operation_id="cancelBatch", response_model=BatchView, responses=answers(*_MISSING))
async def cancel(desk: Desk, id: str) -> BatchView:
    """Ends every lecture of the batch that has not ended."""
    await desk.batch(id)
    await desk.ledger.cancel_batch(id)
    return await desk.batch_view(id)


@router.post(
    "/{id}/retry",
    operation_id="retryBatch",
    response_model=BatchView,
    status_code=202,
    responses=answers(*_MISSING, NothingToRetryError),
)
async def retry(desk: Desk, id: str, budget: Budget = None, stand_ins: StandIns = False) -> BatchView:
    """Retries every lecture of the batch that ended incomplete, failed or cancelled."""
    record = await desk.batch(id)
    lectures = await desk.ledger.lectures(id)
    outcomes = [await retried(desk.ledger, lecture, budget, stand_ins) for lecture in lectures]
    if all(again < 0 for again in outcomes):
        or_stood_in = ", and no chunk was stood in for" if stand_ins else ""
        raise NothingToRetryError(f"No lecture of this batch ended incomplete, failed or cancelled{or_stood_in}.")
    await desk.issue_tickets(record.chunks)
    return await desk.batch_view(id)


@router.delete("/{id}", operation_id="removeBatch", status_code=204, responses=answers(*_MISSING))
async def remove(desk: Desk, id: str) -> None:
    """Forgets the batch and all its lectures, now; whatever they are doing is stopped."""
    await desk.ledger.remove_batch(await desk.batch(id))


@router.get(
    "/{id}/export",
    operation_id="exportBatch",
    responses={200: {"content": {"application/zip": {}}}, **answers(*_MISSING, NotYetError, ExportRefusedError)},
    response_class=StreamingResponse,
)
async def export_batch(
    desk: Desk,
    id: str,
    options: Chosen,
    format: Annotated[list[str], Query()] = ["json", "markdown", "html"],  # noqa: B006
    version: Version = "edited",
) -> Response:
    """A zip of all the outlines of a batch that there are, in the formats asked for, with an index."""
    await desk.batch(id)
    records = await desk.ledger.lectures(id)
    if not any(record.state in (LectureState.DONE, LectureState.INCOMPLETE) or record.edited for record in records):
        raise NotYetError(f"No lecture of batch {id} has an outline, or not yet.")
    pieces = _zipped(desk.ledger, records, Archive(format, options), version)
    headers = {"Content-Disposition": f'attachment; filename="{id}.zip"'}
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


async def _zipped(
    ledger: Ledger, records: Sequence[LectureRecord], archive: Archive, version: Version
) -> AsyncIterator[bytes]:
    """The zip while it is made. A lecture that has no outline, or was removed meanwhile, is not in it."""
    for record in records:
        try:
            source = await source_from(ledger, record, version)
        except NotYetError:
            continue
        yield await asyncio.to_thread(archive.add, source)
    yield await asyncio.to_thread(archive.finish)
