"""Handing lectures in."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

from api.desk import Desk
from api.documented import SUBMISSION_BODY, SUBMISSION_HEADERS
from api.errors import (
    BusyError,
    MediaTypeError,
    TooLargeError,
    TooSlowError,
    UnreadableRequestError,
)
from api.problems import answers, response_with
from api.reading import Rules
from api.submission import HandedIn, Intake, digest, handed_in
from api.throttle import QuotaExceededError
from shared.addresses import WebhookRefusedError
from shared.errors import TranscriptRefusedError, TranscriptTooLargeError
from shared.ledger import Accepted, ConflictError
from shared.settings import Settings
from shared.views import BatchView, Problem

router = APIRouter(tags=["lectures"])
_ANSWERS = answers(
    UnreadableRequestError, MediaTypeError, TooLargeError, TranscriptTooLargeError, TooSlowError,
    TranscriptRefusedError, WebhookRefusedError, ConflictError, QuotaExceededError, BusyError,
)  # fmt: skip
_Key = Annotated[str, Header(max_length=255, description="A repeat with the same key gives the same batch.")]


@router.post(
    "/lectures",
    operation_id="submitLectures",
    status_code=202,
    response_model=BatchView,
    responses={202: {"headers": SUBMISSION_HEADERS}, **_ANSWERS},
    openapi_extra={"requestBody": SUBMISSION_BODY},
)
async def submit(desk: Desk, request: Request, idempotency_key: _Key = "") -> Response:
    """Hands in many transcripts at once, as one batch.

    A file that cannot be read is refused by itself, and named in `refused`; the others are accepted. Only if none is
    left is the whole request refused.
    """
    async with handed_in(request) as given:
        given = replace(given, webhook=await desk.checked_webhook(given.webhook))
        outcomes = await desk.readers.read(given.transcripts, _rules(desk.settings, given))
    intake = Intake.of(outcomes)
    if not intake.lectures:
        return _all_refused(intake.refused)
    batch = f"bat_{secrets.token_hex(10)}"
    accepted = await desk.accept(batch, intake.lectures, given.size, idempotency_key, digest(given, outcomes))
    view = await desk.batch_view(accepted.batch)
    view.refused = intake.refused
    chunks = 0 if accepted.repeated else sum(lecture.chunks for lecture in intake.lectures)
    # The answer does not wait for the tickets: what was accepted is written down, and lost tickets are issued again.
    issuing = BackgroundTask(desk.issue_tickets, chunks) if chunks else None
    return JSONResponse(view.model_dump(mode="json", exclude_none=True), 202, _headers(accepted), background=issuing)


def _rules(settings: Settings, given: HandedIn) -> Rules:
    return Rules(
        options=given.options,
        encoding=given.encoding,
        webhook=given.webhook,
        most_bytes=settings.transcript_bytes,
        chunk_tokens=settings.chunk_tokens,
        context_cues=settings.context_cues,
    )


def _headers(accepted: Accepted) -> dict[str, str]:
    replayed = {"Idempotency-Replayed": "true"} if accepted.repeated else {}
    return {"Location": f"/v1/batches/{accepted.batch}", "Retry-After": "1", **replayed}


def _all_refused(refused: list[Problem]) -> JSONResponse:
    """The first file's problem stands for the request; `refused` has each."""
    rows = [problem.model_dump(exclude_none=True) for problem in refused]
    return response_with({**rows[0], "refused": rows})
