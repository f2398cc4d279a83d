"""An outline made fit for writing: plain titles, and times that no reader stumbles over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shared.export.source import Source, Warn
from shared.export.titles import UNTITLED, one_line
from shared.outline import Section, clock, down_to, walk


def tidy(source: Source, depth: int | None, warn: Warn) -> Source:
    """`source` with titles on one line, at most `depth` levels, and every time inside the lecture:
    siblings in order, children within their parents, `end` never before `start`."""
    whole = max(source.duration, 1)
    sections = source.sections if depth is None else down_to(source.sections, depth)
    sections = _with_plain_titles(sections, warn)
    fitted = _fit(sections, 0, whole)
    moved = sum(a.start != b.start for (_, a), (_, b) in zip(walk(sections), walk(fitted), strict=True))
    if moved:
        warn(f"moved: {moved} sections started outside the lecture or out of order; it ends at {clock(whole)}")
    return replace(
        source,
        name=one_line(source.name) or UNTITLED,
        duration=whole,
        language=one_line(source.language) or "und",
        sections=fitted,
        notes=tuple(one_line(note) for note in source.notes),
        spoken=one_line(source.spoken),
    )


def distinct(sections: Sequence[Section], warn: Warn) -> tuple[Section, ...]:
    """`sections` for formats in which everything must last: siblings that start together become one, with the
    children of both. Takes tidied sections."""
    joined: list[Section] = []
    for section in sections:
        if joined and joined[-1].start == section.start:
            before = joined.pop()
            title = f"{before.title} / {section.title}"
            children = (*before.subsections, *section.subsections)
            section = section.model_copy(update={"title": title, "subsections": children})
            warn(f"merged: “{title}” start at the same moment, {section.start_time}")
        joined.append(section)
    return tuple(s.model_copy(update={"subsections": distinct(s.subsections, warn)}) for s in joined)


def _with_plain_titles(sections: Sequence[Section], warn: Warn) -> tuple[Section, ...]:
    renamed = [s.title for _, s in walk(sections) if "".join(one_line(s.title).split()) != "".join(s.title.split())]
    if renamed:
        warn(f"renamed: {len(renamed)} titles were empty or not plain text, the first is “{_plain_title(renamed[0])}”")
    return _plain_titles(sections)


def _plain_titles(sections: Sequence[Section]) -> tuple[Section, ...]:
    return tuple(
        s.model_copy(
            update={
                "title": _plain_title(s.title),
                "quote": one_line(s.quote),
                "subsections": _plain_titles(s.subsections),
            }
        )
        for s in sections
    )


def _plain_title(title: str) -> str:
    return one_line(title) or UNTITLED


def _fit(sections: Sequence[Section], floor: int, ceiling: int) -> tuple[Section, ...]:
    """`sections` within [`floor`, `ceiling`), each ending no later than the next one starts."""
    starts = []
    for section in sections:
        floor = min(max(section.start, floor), ceiling - 1)
        starts.append(floor)
    fitted = []
    for section, start, limit in zip(sections, starts, [*starts[1:], ceiling], strict=False):
        end = section.end if start < section.end < limit else limit
        # Of siblings that start together all but the last have no time of their own; their children keep its start.
        children = _fit(section.subsections, start, max(end, start + 1))
        fitted.append(section.model_copy(update={"start": start, "end": end, "subsections": children}))
    return tuple(fitted)
