"""Ledger records as the API shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from shared.export.from_outline import source_of
from shared.lecture import LectureState, Outline, Usage, terms_in_words
from shared.ledger import BatchRecord, LectureRecord
from shared.outline import Section
from shared.views import BatchRow, BatchView, LectureDocument, LectureView, Progress


def lecture_view(record: LectureRecord) -> LectureView:
    return LectureView(
        id=record.id,
        name=record.name,
        batch=record.batch,
        state=record.state,
        version=record.version,
        progress=Progress(chunks=record.chunks, done=record.done, failed=record.failed),
        created=_time(record.created),
        updated=_time(record.updated),
        duration=record.duration,
        length=record.length or record.duration,
        mended=[_mended(m) for m in json.loads(record.mendings)],
        notes=json.loads(record.remarks),
        problem=record.problem,
        edited=_time(record.edited) if record.edited else None,
        options=record.options,
        usage=record.usage,
        cost=record.usage.known_cost,
    )


def batch_view(record: BatchRecord, lectures: Sequence[LectureRecord]) -> BatchView:
    usage = sum((lecture.usage for lecture in lectures), Usage())
    return BatchView(
        **batch_row(record).model_dump(),
        lectures=[lecture_view(lecture) for lecture in lectures],
        usage=usage,
        cost=usage.known_cost,
    )


def lecture_document(record: LectureRecord, outline: Outline | None) -> LectureDocument:
    view = lecture_view(record).model_dump()
    if outline:
        given = source_of(record.name, outline, (), edited_sections(record, outline))
        terms = () if record.edited else _term_notes(outline)  # the editor may have written them
        view["notes"] = [*given.notes, *view["notes"], *terms, *_cost_notes(outline)]
    return LectureDocument(**view, outline=outline)


def edited_sections(record: LectureRecord, outline: Outline) -> tuple[Section, ...] | None:
    """The sections, where they were edited: an export says so."""
    return outline.sections if record.edited else None


def batch_row(record: BatchRecord) -> BatchRow:
    return BatchRow(
        id=record.id,
        version=record.version,
        created=_time(record.created),
        updated=_time(record.updated),
        handed_in=record.lectures,
        states={state: count for state in LectureState if (count := getattr(record, state))},
    )


def _term_notes(outline: Outline) -> Iterator[str]:
    """For whoever chose the terms: a reader of an export does not miss them."""
    if terms := outline.terms_not_said:
        yield f"Of the glossary, in no title and not said, as far as the spelling shows: {terms_in_words(terms)}."


def _cost_notes(outline: Outline) -> Iterator[str]:
    if outline.usage.was_free and not all(model.startswith("offline") for model in outline.models):
        yield "All replies were kept from an earlier run: this outline cost nothing."


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _mended(mending: dict[str, object]) -> str:
    """ "tags removed (12 times, first in line 6)", "empty cue (line 14)"."""
    once, line = mending["count"] == 1, mending["line"]
    where = "once" if once and not line else f"line {line}" if once else f"{mending['count']} times"
    return f"{mending['name']} ({where}{f', first in line {line}' if line and not once else ''})"
