"""Outlines: in every format, as given or as edited; and edited."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import Field, TypeAdapter, ValidationError

from api.accept import chosen_format
from api.desk import Desk, FrontDesk
from api.documented import EDIT_BODY, ETAG, UNCHANGED
from api.edit import edited
from api.errors import (
    EditedMeanwhileError,
    EditRefusedError,
    EditUnguardedError,
    MediaTypeError,
    NotAcceptableError,
    NotFoundError,
    NotYetError,
    TooLargeError,
)
from api.polling import IfNoneMatch, etag, matches, versions_in
from api.problems import answers, places
from api.views import edited_sections, lecture_document
from shared.export import FORMATS, ExportOptions, ExportRefusedError, export
from shared.export.archive import unique_name
from shared.export.from_outline import source_of
from shared.export.source import Source
from shared.ledger import GoneError, LectureRecord, Ledger
from shared.outline import MOST_SIBLINGS
from shared.views import GivenSection, LectureDocument

router = APIRouter(prefix="/lectures/{id}/outline", tags=["outlines"])
_MISSING = (NotFoundError, GoneError, NotYetError)
_SECTIONS = TypeAdapter(Annotated[list[GivenSection], Field(min_length=1, max_length=MOST_SIBLINGS)])
_LONGEST_HEADER = 6_000
"""Bytes. Servers and proxies commonly refuse more than 8,000 for all of them."""

Version = Literal["given", "edited"]
"""`given`: as the model gave it. `edited`: as it was edited by hand, where it was."""


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
    "",
    operation_id="getOutline",
    response_class=Response,
    responses={
        200: {"headers": ETAG, "content": {f.media_type.partition(";")[0]: {} for f in FORMATS.values()}},
        **UNCHANGED,
        **answers(*_MISSING, NotAcceptableError, ExportRefusedError),
    },
)
async def outline(
    desk: Desk,
    id: str,
    options: Chosen,
    format: Annotated[str | None, Query(description="By name; docs/exports.md lists them.")] = None,
    version: Version = "edited",
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The outline in any of the formats; `json` is a list of title, start_time and subsections, nothing more.

    The format is the one named by `format`, else one that `Accept` asks for.
    """
    kind = chosen_format(format, accept)
    record = await desk.lecture(id)
    headers = {"ETag": etag(record.version, f"{version}.{kind.name}"), "Cache-Control": "no-cache", "Vary": "Accept"}
    source = await source_from(desk.ledger, record, version)
    if matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    made = await asyncio.to_thread(export, source, kind.name, options)
    name = unique_name(source.name, set())
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}{made.suffix}"
    if made.warnings:
        headers["Kapitola-Warnings"] = _in_a_header(made.warnings)
    return Response(made.content, media_type=made.media_type, headers=headers)


@router.put(
    "",
    operation_id="editOutline",
    response_model=LectureDocument,
    responses={
        200: {"headers": ETAG},
        **answers(*_MISSING, EditedMeanwhileError, EditUnguardedError, EditRefusedError, MediaTypeError, TooLargeError),
    },
    openapi_extra={"requestBody": EDIT_BODY},
)
async def edit(
    desk: Desk,
    id: str,
    request: Request,
    if_match: Annotated[str | None, Header(description="The ETag of the outline that was edited.")] = None,
) -> Response:
    """Puts an outline that was edited by hand in the place of the one that is shown.

    No worker ever overwrites it, a retry included; the one that the model gave stays at `?version=given`. The lecture
    is then kept as long as if it had been submitted now.
    """
    record = await desk.lecture(id)
    given = await _given_sections(request)
    if if_match is None:
        raise EditUnguardedError
    if record.version not in versions_in(if_match) and if_match.strip() != "*":
        raise EditedMeanwhileError(
            f"{record.name} is at version {record.version} by now. {EditedMeanwhileError.remedy}"
        )
    version = await _put(desk, record, given)
    document = lecture_document(await desk.lecture(id), await desk.ledger.outline(id))
    headers = {"ETag": etag(version)}
    return Response(document.model_dump_json(), media_type="application/json", headers=headers)


async def _given_sections(request: Request) -> list[GivenSection]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise MediaTypeError(f"An outline is put as application/json, not as {kind or 'nothing in particular'}.")
    try:
        return _SECTIONS.validate_json(await request.body())
    except ValidationError as error:
        raise EditRefusedError(places(list(error.errors(include_url=False)))) from error


async def _put(desk: FrontDesk, record: LectureRecord, given: Sequence[GivenSection]) -> int:
    shown, cues = await desk.ledger.outline(record.id), await desk.ledger.cues(record.id)
    if shown is None or cues is None:
        raise _no_outline(record)
    new = await asyncio.to_thread(edited, shown, given, cues.cues)
    version = await desk.ledger.edit(record.id, new, record.version)
    if version == 0:
        raise _no_outline(record)
    if version < 0:
        raise EditedMeanwhileError(f"{record.name} has changed in this very moment. {EditedMeanwhileError.remedy}")
    return version


async def source_from(ledger: Ledger, record: LectureRecord, version: Version = "edited") -> Source:
    """What exports of the lecture are written from. Raises NotYetError if it has no outline."""
    wanted = ledger.outline_given if version == "given" else ledger.outline
    outline, cues = await wanted(record.id), await ledger.cues(record.id)
    if outline is None or cues is None:
        raise _no_outline(record)
    sections = edited_sections(record, outline) if version == "edited" else None
    return source_of(record.name.rpartition(".")[0] or record.name, outline, cues.cues, sections)


def _no_outline(record: LectureRecord) -> NotYetError:
    why = f": {record.problem}" if record.problem else ""
    return NotYetError(f"{record.name} is {record.state} and has no outline{why}.")


def _in_a_header(warnings: Sequence[str]) -> str:
    """The warnings as a JSON list, as many as a header holds."""
    kept = list(warnings)
    while len(header := json.dumps(kept)) > _LONGEST_HEADER:
        kept = [*kept[: len(kept) // 2], f"and {len(warnings) - len(kept) // 2} more"]
    return header
