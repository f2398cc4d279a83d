"""A tree as a flat list of chapters, for the formats that know no nesting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from shared.export.source import Source, Warn
from shared.outline import Section, clock


@dataclass(frozen=True, slots=True)
class Chapter:
    """One entry of a flat list: `start` and `end` in milliseconds, `level` from 1."""

    start: int
    end: int
    title: str
    level: int = 1


def milliseconds(ms: int) -> int:
    return ms


def whole_seconds(ms: int) -> int:
    return ms // 1000


def flatten(source: Source, depth: int | None, warn: Warn, unit: Callable[[int], int] = milliseconds) -> list[Chapter]:
    """The sections of the upper `depth` levels (None: the top one) in reading order, each ending where the next starts.

    Those that start at the same tick of the format's `unit` become one: a section and its first subsection
    "Section: subsection", neighbours "One / other". So starts are strictly increasing in that unit.
    """
    chapters: list[Chapter] = []
    for chapter in _entries(source.sections, depth or 1):
        if chapters and unit(chapters[-1].start) == unit(chapter.start):
            chapters[-1] = join(chapters[-1], chapter)
            warn(f"merged: “{chapters[-1].title}” start together, at {clock(chapter.start)}")
        else:
            chapters.append(chapter)
    starts = [chapter.start for chapter in chapters]
    return [
        replace(chapter, end=min(chapter.end, following))
        for chapter, following in zip(chapters, [*starts[1:], source.duration], strict=False)
    ]


def join(first: Chapter, second: Chapter) -> Chapter:
    """`second` taken into `first`, from which it keeps the start."""
    between = ": " if second.level > first.level else " / "
    return replace(first, title=first.title + between + second.title, end=max(first.end, second.end))


def _entries(sections: Sequence[Section], depth: int, level: int = 1, top_end: int = 0) -> Iterator[Chapter]:
    """Each section with the end of the top-level section that it is part of."""
    for section in sections if level <= depth else ():
        end = section.end if level == 1 else top_end
        yield Chapter(section.start, end, section.title, level)
        yield from _entries(section.subsections, depth, level + 1, end)
