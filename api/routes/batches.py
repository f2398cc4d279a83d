"""Batches: the lectures of one submission together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from api.desk import Desk
from api.polling import Wait, etag, waited
from api.problems import ANSWERS, NotYetError
from api.routes.outlines import Chosen, source_from
from shared.export.archive import Archive
from shared.ledger import LectureRecord, Ledger
from shared.views import BatchView

router = APIRouter(prefix="/batches", tags=["batches"])


@router.get("/{id}", response_model=BatchView, responses=ANSWERS)
async def batch(desk: Desk, id: str, wait: Wait = 0, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """The lectures of one submission, without their outlines."""

    async def look() -> tuple[bool, BatchView]:
        view = await desk.batch_view(id)
        return (etag(view.lectures) != if_none_match if if_none_match else view.ended), view

    view = await waited(look, wait)
    headers = {"ETag": etag(view.lectures)}
    if headers["ETag"] == if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(view.model_dump_json(exclude_none=True), media_type="application/json", headers=headers)


@router.get("/{id}/export", responses={200: {"content": {"application/zip": {}}}, **ANSWERS})
async def export_batch(
    desk: Desk,
    id: str,
    options: Chosen,
    format: Annotated[list[str], Query()] = ["json", "markdown", "html"],  # noqa: B006
) -> Response:
    """A zip of all the outlines of a batch that there are, in the formats asked for, with an index."""
    records = await desk.batch(id)
    pieces = _zipped(desk.ledger, records, Archive(format, options))
    headers = {"Content-Disposition": f'attachment; filename="{id}.zip"'}
    return StreamingResponse(pieces, media_type="application/zip", headers=headers)


async def _zipped(ledger: Ledger, records: Sequence[LectureRecord], archive: Archive) -> AsyncIterator[bytes]:
    """The zip while it is made. A lecture that has no outline, or was removed meanwhile, is not in it."""
    for record in records:
        try:
            source = await source_from(ledger, record)
        except NotYetError:
            continue
        yield await asyncio.to_thread(archive.add, source)
    yield await asyncio.to_thread(archive.finish)
