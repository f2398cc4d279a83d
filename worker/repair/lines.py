"""An outline that is not JSON at all: YAML, or a list with a time in every line, nested by indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from worker.repair import times
from worker.repair.given import GivenSection
from worker.repair.keys import role
from worker.repair.sections import nested
from worker.repair.titles import clean

_LINE = re.compile(
    r"(?P<indent>[ \t]{0,60}+)(?P<mark>[-*•+][ \t]+|\d{1,3}(?:\.\d{1,3})*[.)][ \t]+|#{1,6}[ \t]+)?(?P<body>\S.*)"
)
_FIELD = re.compile(r"[\"'*]{0,2}([^\W\d_][\w -]{0,30}?)[\"'*]{0,2}\s*:(?!\d)\s*(.*)")
_LEAST = 2
"""Lines that are sections: one may be anything."""


@dataclass(slots=True)
class _Row:
    indent: int
    title: str = ""
    start: int | None = None
    cue: int | None = None


def sections_in_lines(text: str) -> tuple[GivenSection, ...]:
    """The sections of an outline that is written in lines; none if fewer than half of its entries have a time."""
    rows = [row for row in _rows(text) if row.title]
    timed = [row for row in rows if row.start is not None]
    if len(timed) < _LEAST or 2 * len(timed) < len(rows):
        return ()
    sections = [GivenSection(row.title, row.cue, row.start) for row in timed]
    return nested(sections, [row.indent for row in timed])


def _rows(text: str) -> Iterator[_Row]:
    row: _Row | None = None
    for line in text.splitlines():
        found = _LINE.match(line[:2_000].expandtabs(4))
        if found is None:
            continue
        mark, body = found["mark"] or "", found["body"]
        indent = mark.count("#") or len(found["indent"])
        field = _FIELD.match(body)
        what = role(field[1]) if field else ""
        if field and what in ("title", "time", "cue"):
            if row is None or mark or (what == "title" and row.title):
                if row:
                    yield row
                row = _Row(indent)
            _fill(row, what, field[1], field[2])
        elif mark:
            start, title = times.leading(body)
            if start is not None:
                yield _Row(indent, clean(title.strip("*_` ")), start)
    if row:
        yield row


def _fill(row: _Row, what: str, name: str, value: str) -> None:
    value = value.strip().rstrip(",")
    if value[:1] in ('"', "'") and value[-1:] == value[:1]:
        value = (
            value[1:-1].replace('\\"', '"').replace("\\\\", "\\") if value[0] == '"' else value[1:-1].replace("''", "'")
        )
    if what == "title":
        row.title = clean(value)
    elif what == "time":
        row.start = times.milliseconds(value, name)
    else:
        row.cue = times.cue_number(value)
