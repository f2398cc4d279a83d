"""Handing lectures in."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from api.desk import Desk
from api.problems import ANSWERS, UnreadableRequestError
from api.submission import HandedIn, Transcript, digest, take_in
from shared.lecture import Options
from shared.views import Accepting, BatchView, Problem

router = APIRouter(tags=["lectures"])


@router.post("/lectures", status_code=202, response_model=BatchView, responses={400: {"model": Problem}, **ANSWERS})
async def submit(
    desk: Desk, request: Request, idempotency_key: Annotated[str, Header(max_length=255)] = ""
) -> Response:
    """Hands in many transcripts at once: as multipart `files`, or as JSON.

    A file that cannot be read is refused by itself; the others are accepted. 422 only if none is left.
    """
    handed_in = await _handed_in(request)
    handed_in = replace(handed_in, webhook=await desk.checked_webhook(handed_in.webhook))
    intake = await asyncio.to_thread(take_in, handed_in, desk.settings)
    if not intake.lectures:
        return _all_refused(intake.refused)
    batch = f"bat_{secrets.token_hex(10)}"
    size = sum(len(transcript.content) for transcript in handed_in.transcripts)
    accepted = await desk.accept(batch, intake.lectures, size, idempotency_key, digest(handed_in))
    if not accepted.repeated:
        await desk.issue_tickets(sum(len(lecture.chunks) for lecture in intake.lectures))
    view = await desk.batch_view(accepted.batch)
    view.refused = intake.refused
    headers = {"Location": f"/v1/batches/{accepted.batch}", "Retry-After": "1"}
    return JSONResponse(view.model_dump(mode="json", exclude_none=True), 202, headers)


def _all_refused(refused: list[Problem]) -> JSONResponse:
    rows = [problem.model_dump(exclude_none=True) for problem in refused]
    return JSONResponse({**rows[0], "refused": rows}, refused[0].status, media_type="application/problem+json")


async def _handed_in(request: Request) -> HandedIn:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            return await _from_form(request)
        if kind == "application/json":
            given = Accepting.model_validate_json(await request.body())
            files = [Transcript(t.name, t.text.encode("utf-8", "surrogatepass")) for t in given.transcripts]
            return HandedIn(files, given.options, given.encoding, given.webhook)
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UnreadableRequestError(said) from error
    raise UnreadableRequestError(
        "Send transcripts as multipart/form-data with one or more `files`, or as application/json; "
        f"not as {kind or 'nothing in particular'}."
    )


async def _from_form(request: Request) -> HandedIn:
    async with request.form(max_files=2_000, max_fields=50) as form:
        uploads = [upload for upload in form.getlist("files") if isinstance(upload, UploadFile)]
        if not uploads:
            raise UnreadableRequestError("The form has no `files`. Send each transcript as a part of that name.")
        files = [Transcript(upload.filename or "", await upload.read()) for upload in uploads]
        given = form.get("options")
        options = Options.model_validate_json(given) if isinstance(given, str) else Options()
        encoding, webhook = form.get("encoding"), form.get("webhook")
        return HandedIn(
            files,
            options,
            encoding if isinstance(encoding, str) else None,
            webhook if isinstance(webhook, str) else "",
        )
