"""Ledger records as the API shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from shared.export.from_outline import source_of
from shared.lecture import Outline, Usage
from shared.ledger import LectureRecord
from shared.views import BatchView, LectureDocument, LectureView, Progress


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
        mended=[_mended(m) for m in json.loads(record.mendings)],
        notes=[],
        problem=record.problem,
        options=record.options,
        usage=record.usage,
        cost=record.usage.known_cost,
    )


def batch_view(id: str, records: Sequence[LectureRecord]) -> BatchView:
    usage = sum((record.usage for record in records), Usage())
    return BatchView(id=id, lectures=[lecture_view(record) for record in records], usage=usage, cost=usage.known_cost)


def lecture_document(record: LectureRecord, outline: Outline | None) -> LectureDocument:
    view = lecture_view(record).model_dump()
    if outline:
        view["notes"] = [*source_of(record.name, outline, ()).notes, *_cost_notes(outline)]
    return LectureDocument(**view, outline=outline)


def _cost_notes(outline: Outline) -> Iterator[str]:
    if outline.usage.was_free and not all(model.startswith("offline") for model in outline.models):
        yield "All replies were kept from an earlier run: this outline cost nothing."


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def _mended(mending: dict[str, object]) -> str:
    where = f", first in line {mending['line']}" if mending["line"] else ""
    return f"{mending['name']}: {mending['count']} times{where}"
