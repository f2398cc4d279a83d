"""Outlines, in every format."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from fastapi import APIRouter, Response

from api.desk import Desk
from api.problems import ANSWERS, NotYetError
from shared.export import FORMATS, ExportOptions, export
from shared.export.archive import unique_name
from shared.export.from_outline import source_of
from shared.export.source import Source
from shared.ledger import LectureRecord, Ledger

router = APIRouter(tags=["outlines"])


@router.get(
    "/lectures/{id}/outline", responses={200: {"content": {f.media_type: {} for f in FORMATS.values()}}, **ANSWERS}
)
async def outline(
    desk: Desk,
    id: str,
    format: str = "json",
    depth: int | None = None,
    media_url: str | None = None,
    frame_rate: float = 25.0,
) -> Response:
    """The outline in any of the formats; `json` is a list of title, start_time and subsections, nothing more."""
    options = ExportOptions(depth=depth, media_url=media_url, frame_rate=frame_rate)
    source = await source_from(desk.ledger, await desk.lecture(id))
    made = await asyncio.to_thread(export, source, format, options)
    name = unique_name(source.name, set())
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}{made.suffix}"}
    if made.warnings:
        headers["Kapitola-Warnings"] = "; ".join(w.encode("ascii", "replace").decode() for w in made.warnings)[:2_000]
    return Response(made.content, media_type=made.media_type, headers=headers)


async def source_from(ledger: Ledger, record: LectureRecord) -> Source:
    """What exports of the lecture are written from. Raises NotYetError if it has no outline."""
    outline, cues = await ledger.outline(record.id), await ledger.cues(record.id)
    if outline is None or cues is None:
        raise NotYetError(
            f"{record.name} is {record.state} and has no outline{': ' + record.problem if record.problem else ''}."
        )
    return source_of(record.name.rpartition(".")[0] or record.name, outline, cues.cues)
