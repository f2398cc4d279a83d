"""Batches: the lectures of one submission together."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from api.desk import Desk
from api.polling import Wait, etag, waited
from api.problems import ANSWERS
from api.routes.outlines import source_from
from shared.export import ExportOptions
from shared.export.archive import zip_stream
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
    format: Annotated[list[str], Query()] = ["json", "markdown", "html"],  # noqa: B006
) -> Response:
    """A zip of all the outlines of a batch that there are, in the formats asked for, with an index."""
    records = await desk.batch(id)
    sources = [await source_from(desk.ledger, record) for record in records if await desk.ledger.outline(record.id)]
    stream = zip_stream(sources, format, ExportOptions())
    headers = {"Content-Disposition": f'attachment; filename="{id}.zip"'}
    return StreamingResponse(stream, media_type="application/zip", headers=headers)
