"""Outlines, in every format."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Response

from api.desk import Desk
from api.problems import ANSWERS, NotYetError
from shared.export import FORMATS, ExportOptions, export
from shared.export.archive import unique_name
from shared.export.from_outline import source_of
from shared.export.source import Source
from shared.ledger import LectureRecord, Ledger

router = APIRouter(tags=["outlines"])
_LONGEST_HEADER = 6_000
"""Bytes. Servers and proxies commonly refuse more than 8,000 for all of them."""


def chosen(
    depth: Annotated[int | None, Query(description="The most levels to write.")] = None,
    media_url: Annotated[str | None, Query(description="Where the recording is: times become links into it.")] = None,
    frame_rate: Annotated[float, Query(description="Frames a second, for formats that count in frames.")] = 25.0,
    language: Annotated[str | None, Query(description="The titles' language, where it was edited.")] = None,
) -> ExportOptions:
    """What may be chosen for an export. Raises ExportRefusedError for what makes no sense."""
    return ExportOptions(depth=depth, media_url=media_url, frame_rate=frame_rate, language=language)


Chosen = Annotated[ExportOptions, Depends(chosen)]


@router.get(
    "/lectures/{id}/outline", responses={200: {"content": {f.media_type: {} for f in FORMATS.values()}}, **ANSWERS}
)
async def outline(
    desk: Desk,
    id: str,
    options: Chosen,
    format: str = "json",
) -> Response:
    """The outline in any of the formats; `json` is a list of title, start_time and subsections, nothing more."""
    source = await source_from(desk.ledger, await desk.lecture(id))
    made = await asyncio.to_thread(export, source, format, options)
    name = unique_name(source.name, set())
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}{made.suffix}"}
    if made.warnings:
        headers["Kapitola-Warnings"] = _in_a_header(made.warnings)
    return Response(made.content, media_type=made.media_type, headers=headers)


async def source_from(ledger: Ledger, record: LectureRecord) -> Source:
    """What exports of the lecture are written from. Raises NotYetError if it has no outline."""
    outline, cues = await ledger.outline(record.id), await ledger.cues(record.id)
    if outline is None or cues is None:
        raise NotYetError(
            f"{record.name} is {record.state} and has no outline{': ' + record.problem if record.problem else ''}."
        )
    return source_of(record.name.rpartition(".")[0] or record.name, outline, cues.cues)


def _in_a_header(warnings: Sequence[str]) -> str:
    """The warnings as a JSON list, as many as a header holds."""
    kept = list(warnings)
    while len(header := json.dumps(kept)) > _LONGEST_HEADER:
        kept = [*kept[: len(kept) // 2], f"and {len(warnings) - len(kept) // 2} more"]
    return header
