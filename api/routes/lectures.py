"""Lectures: seen, listed, cancelled, retried, removed."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response
from pydantic import Field

from api.desk import Desk
from api.polling import Wait, etag, waited
from api.problems import ANSWERS, NothingToRetryError
from api.views import lecture_document, lecture_view
from shared.lecture import ENDED
from shared.ledger import LectureRecord
from shared.views import LectureDocument, LectureView

Budget = Annotated[
    Annotated[float, Field(gt=0)] | Literal["none"] | None,
    Query(
        description="US dollars that the whole batch may cost from now on, in place of its budget; `none` for no limit."
    ),
]

router = APIRouter(prefix="/lectures", tags=["lectures"])


@router.get("", response_model=list[LectureView])
async def newest_lectures(desk: Desk, most: Annotated[int, Query(ge=1, le=500)] = 50) -> list[LectureView]:
    """The newest lectures, newest first."""
    return [lecture_view(record) for record in await desk.ledger.recent(desk.client, most)]


@router.get("/{id}", response_model=LectureDocument, responses=ANSWERS)
async def lecture(
    desk: Desk, id: str, wait: Wait = 0, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """A lecture, with its outline once it has ended. With `If-None-Match`, 304 until something changes."""

    async def look() -> tuple[bool, LectureRecord]:
        record = await desk.lecture(id)
        return (etag([record]) != if_none_match if if_none_match else record.state in ENDED), record

    record = await waited(look, wait)
    headers = {"ETag": etag([record])}
    if record.state not in ENDED:
        headers["Retry-After"] = "1"
    if if_none_match == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    document = lecture_document(record, await desk.ledger.outline(id))
    return Response(document.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/{id}/cancel", response_model=LectureView, responses=ANSWERS)
async def cancel(desk: Desk, id: str) -> LectureView:
    """Ends the lecture. One that has ended stays as it is."""
    await desk.lecture(id)
    await desk.ledger.cancel(id)
    return lecture_view(await desk.lecture(id))


@router.post("/{id}/retry", response_model=LectureView, status_code=202, responses=ANSWERS)
async def retry(desk: Desk, id: str, budget: Budget = None) -> LectureView:
    """Has the failed chunks of an ended lecture done again."""
    record = await desk.lecture(id)
    options = None
    if budget is not None:
        options = record.options.model_copy(update={"budget": None if budget == "none" else budget})
    again = await desk.ledger.retry(id, options)
    if again < 0:
        raise NothingToRetryError("Only a lecture that ended incomplete, failed or cancelled can be retried.")
    await desk.issue_tickets(max(1, again))
    return lecture_view(await desk.lecture(id))


@router.delete("/{id}", status_code=204, responses=ANSWERS)
async def remove(desk: Desk, id: str) -> None:
    """Forgets the lecture, its transcript and its outline, now."""
    await desk.ledger.remove(await desk.lecture(id))
