"""An outline edited by hand: checked against the lecture, and laid over its cues again."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from api.errors import EditRefusedError
from shared.contract import check
from shared.cues import Cue
from shared.lecture import Outline
from shared.outline import Section, clock, stretched, walk
from shared.views import GivenSection

_MOST_BROKEN = 20


def edited(outline: Outline, given: Sequence[GivenSection], cues: Sequence[Cue]) -> Outline:
    """`outline` with the sections that were given in place of its own.

    Raises EditRefusedError, naming each place, where a time is none of the lecture's or the contract is broken.
    """
    places = _Places(outline, cues)
    broken = list(_not_in_the_lecture(given, places))
    if broken:
        raise EditRefusedError(broken[:_MOST_BROKEN])
    end = max(cue.end for cue in cues)
    sections = stretched([_section(each, places) for each in given], end, [hole.start for hole in outline.holes])
    new = outline.model_copy(update={"sections": sections})
    if broken := check(new, cues):
        raise EditRefusedError(broken[:_MOST_BROKEN])
    return new


class _Places:
    """Which cue a start time stands for: the one of the section that had it before, else the first of that second."""

    def __init__(self, before: Outline, cues: Sequence[Cue]) -> None:
        self._cues = cues
        self._times = sorted({cue.start for cue in cues})
        self._at: dict[str, int] = {}
        for position, cue in enumerate(cues):
            self._at.setdefault(clock(cue.start), position)
        known = [section for _, section in walk(before.sections)]
        self._sections = {(s.title, s.start_time): s for s in reversed(known)}
        self._at |= {s.start_time: s.cue for s in reversed(known)}

    def at(self, time: str) -> int | None:
        return self._at.get(time)

    def start(self, position: int) -> int:
        return self._cues[position].start

    def before(self, title: str, time: str) -> Section | None:
        """The section as it was, if it has stayed: what is known of it stays as well."""
        return self._sections.get((title, time))

    def nearest(self, time: str) -> str:
        hours, minutes, seconds = map(int, time.split(":"))
        place = bisect_left(self._times, (hours * 3600 + minutes * 60 + seconds) * 1000)
        return " and ".join(dict.fromkeys(clock(ms) for ms in self._times[max(0, place - 1) : place + 1]))


def _not_in_the_lecture(given: Sequence[GivenSection], places: _Places) -> Iterator[str]:
    for section in given:
        if places.at(section.start_time) is None:
            near = places.nearest(section.start_time)
            yield f"no cue begins at {section.start_time} (“{section.title}”): the nearest begin at {near}"
        yield from _not_in_the_lecture(section.subsections, places)


def _section(given: GivenSection, places: _Places) -> Section:
    cue = places.at(given.start_time) or 0
    start = places.start(cue)
    below = tuple(_section(each, places) for each in given.subsections)
    before = places.before(given.title, given.start_time)
    if before:
        return before.model_copy(update={"subsections": below})
    return Section(title=given.title, start=start, end=start, cue=cue, repairs=("edited",), subsections=below)
