"""Pages of a list, newest first, behind opaque cursors that hold while the list grows and shrinks."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, TypeVar

from fastapi import Query

from api.errors import BadCursorError
from shared.lecture import LectureState

T = TypeVar("T")

_LOOK = 200
"""So many are looked at together,"""
_MOST_LOOKS = 10
"""so many times: a filter that hardly anything passes gives short pages rather than long waits."""

Most = Annotated[int, Query(ge=1, le=500, description="The most on one page. There may be fewer on any but the last.")]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before; the first page without.")]
States = Annotated[list[LectureState], Query(alias="state", description="Only those in one of these states.")]


class Cursor:
    """A place in one client's list of one kind."""

    def __init__(self, noun: str, client: str) -> None:
        self._of = f"{noun} {hashlib.sha256(client.encode()).hexdigest()[:8]}"

    def written(self, order: int) -> str:
        return base64.urlsafe_b64encode(f"{self._of} {order}".encode()).decode().rstrip("=")

    def read(self, cursor: str | None) -> int | None:
        """The place that the cursor stands for; None for the beginning. Raises BadCursorError for any other list's."""
        if cursor is None:
            return None
        try:
            text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True).decode("ascii")
        except ValueError as error:
            raise BadCursorError from error
        of, _, order = text.rpartition(" ")
        if of != self._of or not order.isdecimal() or len(order) > 18:
            raise BadCursorError
        return int(order)


Look = Callable[[int | None, int], Awaitable[Sequence[tuple[int, T | None]]]]
"""Gives at most so many rows that were handed in before a place: each with its place, None if it is gone."""


async def page(look: Look[T], keep: Callable[[T], bool], most: int, before: int | None) -> tuple[list[T], int | None]:
    """At most `most` rows that `keep` likes, and the place where the next page begins; None if this is the last."""
    rows: list[T] = []
    last: int | None = None
    for _ in range(_MOST_LOOKS):
        seen = await look(before, _LOOK)
        for before, row in seen:
            if row is None or not keep(row):
                continue
            if len(rows) == most:
                return rows, last
            rows.append(row)
            last = before
        if len(seen) < _LOOK:
            return rows, None
    return rows, before
