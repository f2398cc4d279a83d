"""The routes of the API, version 1."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import quote

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from api.problems import NotFoundError, NothingToRetryError, NotYetError, UnreadableRequestError
from api.submission import Transcript, digest, take_in
from api.views import lecture_document, lecture_view
from shared.export import FORMATS, ExportOptions, export
from shared.export.archive import unique_name, zip_stream
from shared.export.from_outline import source_of
from shared.export.source import Source
from shared.lecture import ENDED, Options
from shared.ledger import LectureRecord, Ledger
from shared.settings import Settings
from shared.views import Accepting, BatchView, LectureDocument, LectureView, Problem

router = APIRouter(prefix="/v1")

CLIENT = "local"
_LONGEST_WAIT = 60.0
T = TypeVar("T")
_LOOK_EVERY = 0.2
"""Seconds between two looks at a lecture that a client waits for."""
_PROBLEMS: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (404, 409, 422, 503)}


def _ledger(request: Request) -> Ledger:
    return cast(Ledger, request.app.state.ledger)


@router.post("/lectures", status_code=202, response_model=BatchView, responses={400: {"model": Problem}, **_PROBLEMS})
async def submit(request: Request, idempotency_key: Annotated[str, Header(max_length=255)] = "") -> Response:
    """Hands in many transcripts at once: as multipart `files`, or as JSON.

    A file that cannot be read is refused by itself; the others are accepted. 422 only if none is left.
    """
    transcripts, options, encoding = await _handed_in(request)
    settings = cast(Settings, request.app.state.settings)
    intake = await asyncio.to_thread(take_in, transcripts, options, encoding, settings)
    if not intake.lectures:
        problem = intake.refused[0]
        body = {
            **problem.model_dump(exclude_none=True),
            "refused": [r.model_dump(exclude_none=True) for r in intake.refused],
        }
        return JSONResponse(body, problem.status, media_type="application/problem+json")
    ledger = _ledger(request)
    batch = f"bat_{secrets.token_hex(10)}"
    accepted = await ledger.accept(CLIENT, batch, intake.lectures, idempotency_key, digest(transcripts, options))
    if not accepted.repeated:
        chunks = sum(len(lecture.chunks) for lecture in intake.lectures)
        await asyncio.to_thread(request.app.state.publish, chunks)
    view = await _batch(ledger, accepted.batch)
    view.refused = intake.refused
    headers = {"Location": f"/v1/batches/{accepted.batch}", "Retry-After": "1"}
    return JSONResponse(view.model_dump(mode="json", exclude_none=True), 202, headers)


async def _handed_in(request: Request) -> tuple[list[Transcript], Options, str | None]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            return await _from_form(request)
        if kind == "application/json":
            given = Accepting.model_validate_json(await request.body())
            files = [Transcript(t.name, t.text.encode("utf-8", "surrogatepass")) for t in given.transcripts]
            return files, given.options, given.encoding
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UnreadableRequestError(said) from error
    raise UnreadableRequestError(
        "Send transcripts as multipart/form-data with one or more `files`, or as application/json; "
        f"not as {kind or 'nothing in particular'}."
    )


async def _from_form(request: Request) -> tuple[list[Transcript], Options, str | None]:
    async with request.form(max_files=2_000, max_fields=50) as form:
        uploads = [upload for upload in form.getlist("files") if isinstance(upload, UploadFile)]
        if not uploads:
            raise UnreadableRequestError("The form has no `files`. Send each transcript as a part of that name.")
        files = [Transcript(upload.filename or "", await upload.read()) for upload in uploads]
        given = form.get("options")
        options = Options.model_validate_json(given) if isinstance(given, str) else Options()
        encoding = form.get("encoding")
        return files, options, encoding if isinstance(encoding, str) else None


@router.get("/lectures", response_model=list[LectureView])
async def newest_lectures(request: Request, most: Annotated[int, Query(ge=1, le=500)] = 50) -> list[LectureView]:
    """The newest lectures, newest first."""
    return [lecture_view(record) for record in await _ledger(request).recent(CLIENT, most)]


@router.get("/lectures/{id}", response_model=LectureDocument, responses=_PROBLEMS)
async def lecture(
    request: Request,
    id: str,
    wait: Annotated[float, Query(ge=0, le=_LONGEST_WAIT, description="Seconds to wait for a change.")] = 0,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """A lecture, with its outline once it has ended. With `If-None-Match`, 304 until something changes."""
    ledger = _ledger(request)
    seen = if_none_match

    async def look() -> tuple[bool, LectureRecord]:
        record = await _found(ledger, id)
        return (_etag(record) != seen if seen else record.state in ENDED), record

    record = await _waited(look, wait)
    headers = {"ETag": _etag(record)}
    if record.state not in ENDED:
        headers["Retry-After"] = "1"
    if seen == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    document = lecture_document(record, await ledger.outline(id))
    return Response(document.model_dump_json(), media_type="application/json", headers=headers)


@router.get(
    "/lectures/{id}/outline", responses={200: {"content": {f.media_type: {} for f in FORMATS.values()}}, **_PROBLEMS}
)
async def outline(
    request: Request,
    id: str,
    format: str = "json",
    depth: int | None = None,
    media_url: str | None = None,
    frame_rate: float = 25.0,
) -> Response:
    """The outline in any of the formats; `json` is a list of title, start_time and subsections, nothing more."""
    options = ExportOptions(depth=depth, media_url=media_url, frame_rate=frame_rate)
    ledger = _ledger(request)
    source = await _source(ledger, await _found(ledger, id))
    made = await asyncio.to_thread(export, source, format, options)
    name = unique_name(source.name, set())
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}{made.suffix}"}
    if made.warnings:
        headers["Kapitola-Warnings"] = "; ".join(w.encode("ascii", "replace").decode() for w in made.warnings)[:2_000]
    return Response(made.content, media_type=made.media_type, headers=headers)


@router.post("/lectures/{id}/cancel", response_model=LectureView, responses=_PROBLEMS)
async def cancel(request: Request, id: str) -> LectureView:
    """Ends the lecture. One that has ended stays as it is."""
    ledger = _ledger(request)
    await _found(ledger, id)
    await ledger.cancel(id)
    return lecture_view(await _found(ledger, id))


@router.post("/lectures/{id}/retry", response_model=LectureView, status_code=202, responses=_PROBLEMS)
async def retry(request: Request, id: str) -> LectureView:
    """Has the failed chunks of an ended lecture done again."""
    ledger = _ledger(request)
    await _found(ledger, id)
    again = await ledger.retry(id)
    if again < 0:
        raise NothingToRetryError("Only a lecture that ended incomplete, failed or cancelled can be retried.")
    await asyncio.to_thread(request.app.state.publish, max(1, again))
    return lecture_view(await _found(ledger, id))


@router.delete("/lectures/{id}", status_code=204, responses=_PROBLEMS)
async def remove(request: Request, id: str) -> None:
    """Forgets the lecture, its transcript and its outline, now."""
    ledger = _ledger(request)
    await ledger.remove(await _found(ledger, id))


@router.get("/batches/{id}", response_model=BatchView, responses=_PROBLEMS)
async def batch(
    request: Request,
    id: str,
    wait: Annotated[float, Query(ge=0, le=_LONGEST_WAIT)] = 0,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The lectures of one submission, without their outlines."""
    ledger = _ledger(request)

    async def look() -> tuple[bool, BatchView]:
        view = await _batch(ledger, id)
        return (_batch_etag(view) != if_none_match if if_none_match else view.ended), view

    view = await _waited(look, wait)
    headers = {"ETag": _batch_etag(view)}
    if headers["ETag"] == if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(view.model_dump_json(exclude_none=True), media_type="application/json", headers=headers)


@router.get("/batches/{id}/export", responses={200: {"content": {"application/zip": {}}}, **_PROBLEMS})
async def export_batch(
    request: Request,
    id: str,
    format: Annotated[list[str], Query()] = ["json", "markdown", "html"],  # noqa: B006
) -> Response:
    """A zip of all the outlines of a batch that there are, in the formats asked for, with an index."""
    ledger = _ledger(request)
    records = await ledger.lectures(id)
    if not records:
        raise NotFoundError(f"There is no batch {id}, or no longer.")
    sources = [await _source(ledger, record) for record in records if await ledger.outline(record.id)]
    stream = zip_stream(sources, format, ExportOptions())
    headers = {"Content-Disposition": f'attachment; filename="{id}.zip"'}
    return StreamingResponse(stream, media_type="application/zip", headers=headers)


async def _waited(look: Callable[[], Awaitable[tuple[bool, T]]], wait: float) -> T:
    """What `look` gives, as soon as it says that it is worth telling, or after `wait` seconds."""
    until = asyncio.get_running_loop().time() + wait
    while True:
        telling, value = await look()
        if telling or asyncio.get_running_loop().time() >= until:
            return value
        await asyncio.sleep(_LOOK_EVERY)


async def _found(ledger: Ledger, id: str) -> LectureRecord:
    record = await ledger.lecture(id)
    if record is None or record.client != CLIENT:
        raise NotFoundError(f"There is no lecture {id}, or it was kept as long as was promised and is gone.")
    return record


async def _batch(ledger: Ledger, id: str) -> BatchView:
    records = await ledger.lectures(id)
    if not records:
        raise NotFoundError(f"There is no batch {id}, or it was kept as long as was promised and is gone.")
    return BatchView(id=id, lectures=[lecture_view(record) for record in records])


async def _source(ledger: Ledger, record: LectureRecord) -> Source:
    outline, cues = await ledger.outline(record.id), await ledger.cues(record.id)
    if outline is None or cues is None:
        raise NotYetError(
            f"{record.name} is {record.state} and has no outline{': ' + record.problem if record.problem else ''}."
        )
    return source_of(record.name.rpartition(".")[0] or record.name, outline, cues.cues)


def _etag(record: LectureRecord) -> str:
    return f'"{record.version}"'


def _batch_etag(view: BatchView) -> str:
    return f'"{sum(lecture.version for lecture in view.lectures)}"'
