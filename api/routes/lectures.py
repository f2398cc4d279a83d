"""Lectures: seen, listed, cancelled, retried, removed."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from api.desk import Desk
from api.documented import ETAG, RETRY_AFTER, UNCHANGED
from api.errors import BadCursorError, NotFoundError, NothingToRetryError
from api.paging import After, Cursor, Most, States, page
from api.polling import IfNoneMatch, Wait, changed, etag, matches, record_retry_after
from api.problems import answers
from api.views import lecture_document, lecture_view
from shared.ledger import GoneError, LectureRecord, Ledger
from shared.views import LectureDocument, LecturePage, LectureView

Budget = Annotated[
    Annotated[float, Field(gt=0)] | Literal["none"] | None,
    Query(
        description="US dollars that the whole batch may cost from now on, in place of its budget; `none` for no limit."
    ),
]

StandIns = Annotated[
    bool,
    Query(description="Once more as well: chunks that the offline model stood in for, no reply having been of use."),
]

router = APIRouter(prefix="/lectures", tags=["lectures"])
_MISSING = (NotFoundError, GoneError)


@router.get("", operation_id="listLectures", response_model=LecturePage, responses=answers(BadCursorError))
async def lectures(desk: Desk, state: States = [], most: Most = 50, after: After = None) -> LecturePage:  # noqa: B006
    """The client's lectures, newest first."""
    cursor = Cursor("lectures", desk.client)
    look = partial(desk.ledger.lectures_before, desk.client)
    rows, place = await page(look, lambda row: not state or row.state in state, most, cursor.read(after))
    return LecturePage(lectures=[lecture_view(row) for row in rows], next=cursor.written(place) if place else None)


@router.get(
    "/{id}",
    operation_id="getLecture",
    response_model=LectureDocument,
    responses={200: {"headers": {**ETAG, **RETRY_AFTER}}, **UNCHANGED, **answers(*_MISSING)},
)
async def lecture(desk: Desk, id: str, wait: Wait = 0, if_none_match: IfNoneMatch = None) -> Response:
    """A lecture, with its outline once it has ended. With `If-None-Match`, 304 until something changes.

    With `wait`, the answer comes as soon as there is a change; without `If-None-Match`, as soon as it has ended.
    """
    record = await changed(desk.ledger, lambda: desk.lecture(id), wait, if_none_match)
    headers = {"ETag": etag(record.version), "Cache-Control": "no-cache", **record_retry_after(record)}
    if matches(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    document = lecture_document(record, await desk.ledger.outline(id))
    return Response(document.model_dump_json(), media_type="application/json", headers=headers)


@router.post("/{id}/cancel", operation_id="cancelLecture", response_model=LectureView, responses=answers(*_MISSING))
async def cancel(desk: Desk, id: str) -> LectureView:
    """Ends the lecture. One that has ended stays as it is."""
    await desk.lecture(id)
    await desk.ledger.cancel(id)
    return lecture_view(await desk.lecture(id))


@router.post(
    "/{id}/retry",
    operation_id="retryLecture",
    response_model=LectureView,
    status_code=202,
    responses=answers(*_MISSING, NothingToRetryError),
)
async def retry(desk: Desk, id: str, budget: Budget = None, stand_ins: StandIns = False) -> LectureView:
    """Has the failed chunks of an ended lecture done again. Those that are done stay done."""
    record = await desk.lecture(id)
    again = await retried(desk.ledger, record, budget, stand_ins)
    if again < 0:
        raise NothingToRetryError(
            "No chunk of this lecture was stood in for, and none failed."
            if stand_ins and record.ended
            else "Only a lecture that ended incomplete, failed or cancelled can be retried."
        )
    await desk.issue_tickets(max(1, again))
    return lecture_view(await desk.lecture(id))


async def retried(ledger: Ledger, record: LectureRecord, budget: Budget, stand_ins: bool) -> int:
    """How many chunks of the lecture are done again, within another budget if one is given; -1 if there is nothing."""
    options = None
    if budget is not None:
        options = record.options.model_copy(update={"budget": None if budget == "none" else budget})
    return await ledger.retry(record.id, options, stand_ins=stand_ins)


@router.delete("/{id}", operation_id="removeLecture", status_code=204, responses=answers(*_MISSING))
async def remove(desk: Desk, id: str) -> None:
    """Forgets the lecture, its transcript and its outline, now; whatever it is doing is stopped."""
    await desk.ledger.remove(await desk.lecture(id))
