"""The outline: a tree of sections over the lecture's cues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

MOST_SIBLINGS = 10
"""No level of an outline holds more sections than this."""


LONGEST_TITLE = 120
"""Characters of a title: what fits on one line of a page, and of every player."""


def clock(ms: int) -> str:
    """`ms` milliseconds as "HH:MM:SS", rounded down; hours may take more than two digits."""
    seconds = ms // 1000
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


class Section(BaseModel):
    """A node of an outline, with everything that is known of it.

    `start` is the start of the cue in which the topic is first spoken of; `end` is where the next
    section begins, or the lecture ends. Both are milliseconds from the start of the recording.
    """

    model_config = ConfigDict(frozen=True)

    title: str
    start: int
    end: int
    cue: int
    """Position of the first cue among the lecture's cues, from 0."""
    quote: str = ""
    """A few words that are said there, in the lecture's own language."""
    repairs: tuple[str, ...] = ()
    """The names of what was mended in this section; empty if it stands as the model gave it."""
    subsections: tuple[Section, ...] = ()

    @property
    def start_time(self) -> str:
        return clock(self.start)


def as_given(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """The seed's exact shape, as `outline.json` holds it: `title`, `start_time`, `subsections`, nothing more."""
    return [{"title": s.title, "start_time": s.start_time, "subsections": as_given(s.subsections)} for s in sections]


def walk(sections: Sequence[Section], path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Section]]:
    """Every section in reading order with its path: (0,) is the first, (0, 2) its third subsection."""
    for position, section in enumerate(sections):
        here = (*path, position)
        yield here, section
        yield from walk(section.subsections, here)


def down_to(sections: Sequence[Section], depth: int) -> tuple[Section, ...]:
    """The sections without what is below the level `depth`; 0 leaves none."""
    if depth == 0:
        return ()
    return tuple(s.model_copy(update={"subsections": down_to(s.subsections, depth - 1)}) for s in sections)


def stretched(sections: Sequence[Section], end: int, holes: Sequence[int] = ()) -> tuple[Section, ...]:
    """Each section's end where the next begins, or a hole (`holes` are their starts), and the last one's at `end`."""
    made = []
    for n, section in enumerate(sections):
        until = sections[n + 1].start if n + 1 < len(sections) else end
        until = min([until, *(hole for hole in holes if section.start < hole)])
        below = stretched(section.subsections, until, holes)
        made.append(section.model_copy(update={"end": max(until, section.start), "subsections": below}))
    return tuple(made)
