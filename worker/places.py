"""Places: for every section that a reply gave the cue that it begins at, or the nearest that fits its neighbours."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shared.chunks import Chunk
from shared.cues import Cue
from shared.lecture import Repair
from worker.repair import GivenSection
from worker.wording import tidy

_EDGE_MS = 5_000
"""A time this little outside its chunk is a slip, not another chunk's."""
_APART_MS = 60_000
"""A cue and a time that are further apart than this are not of one place: times are shown twice a minute."""


@dataclass(slots=True)
class Node:
    """A section on its way: `place` is its cue's position in the lecture, None while it is not known."""

    title: str
    place: int | None
    repairs: list[str]
    below: list[Node]


class Reading:
    """Finds the place of every section that a reply gave."""

    def __init__(self, cues: Sequence[Cue], chunk: Chunk, deepest: int, repairs: list[Repair]) -> None:
        self._chunk, self._deepest, self._repairs = chunk, deepest, repairs
        self._starts = [cue.start for cue in cues[chunk.first : chunk.stop]]
        self._end = cues[chunk.stop - 1].end
        self._has_cues = True

    def read(self, given: Sequence[GivenSection]) -> list[Node]:
        self._has_cues = self._names_cues(given)
        if not self._has_cues:
            self._repairs.append(Repair(name="numbers-not-of-cues", detail="taken by their times instead"))
        return self._nodes(given, 1)

    def _names_cues(self, given: Sequence[GivenSection]) -> bool:
        """Whether the numbers in a reply are those of cues. A model may count its sections instead, under a key that
        sounds alike: then they follow one another, and most of its times, if they are of this chunk, say otherwise."""
        first, stop = self._chunk.first, self._chunk.stop
        numbers = [section.cue for section in given if section.cue is not None]
        if len(numbers) < 2 or any(after - before != 1 for before, after in pairwise(numbers)):
            return True
        both = [
            (self._starts[s.cue - 1 - first], s.start)
            for s in _all(given)
            if s.cue is not None and first < s.cue <= stop and s.start is not None and self._has(s.start)
        ]
        return sum(abs(by_cue - by_time) > _APART_MS for by_cue, by_time in both) * 2 <= len(both)

    def _has(self, time: int) -> bool:
        return self._starts[0] - _EDGE_MS <= time <= self._end + _EDGE_MS

    def _nodes(self, given: Sequence[GivenSection], level: int) -> list[Node]:
        nodes: list[Node] = []
        for section in given:
            below = self._nodes(section.subsections, level + 1)
            title = tidy(section.title)
            if not title:
                self._repairs.append(Repair(name="untitled-section", detail="its subsections took its place"))
                nodes += below
                continue
            node = Node(title, *self._place(section), below)
            if node.place is None and below and below[0].place is not None:
                node.place, node.repairs = below[0].place, ["placed-with-its-first-subsection"]
            nodes.append(node)
            if level >= self._deepest and below:
                self._repairs.append(Repair(name="nested-too-deep", detail=title))
                nodes += below
                node.below = []
        return nodes

    def _place(self, section: GivenSection) -> tuple[int | None, list[str]]:
        """The cue that the section names, by number or else by time; None if it names none in this chunk."""
        chunk = self._chunk
        if self._has_cues and section.cue is not None and chunk.first < section.cue <= chunk.stop:
            return section.cue - 1, []
        # The shape in the prompt has "cue": 0, and a model that knows only times copies that.
        mended = ["cue-outside-chunk"] if self._has_cues and section.cue else []
        if section.start is None:
            return None, [*mended, "place-unknown"]
        second = section.start - section.start % 1000
        # Times come in whole seconds, rounded down: the cue that starts within that second is the one meant.
        at = bisect_left(self._starts, second)
        if at < len(self._starts) and self._starts[at] < second + 1000:
            return chunk.first + at, mended
        if self._has(section.start):
            return chunk.first + self._nearest(section.start), [*mended, "time-moved-to-a-cue"]
        return None, [*mended, "time-outside-chunk"]

    def _nearest(self, time: int) -> int:
        at = bisect_right(self._starts, time)
        around = range(max(0, at - 1), min(at + 1, len(self._starts)))
        return min(around, key=lambda n: abs(self._starts[n] - time))


def _all(given: Sequence[GivenSection]) -> Iterator[GivenSection]:
    for section in given:
        yield section
        yield from _all(section.subsections)


def preorder(nodes: Sequence[Node]) -> list[Node]:
    return [found for node in nodes for found in (node, *preorder(node.below))]


def put_in_order(flat: Sequence[Node], chunk: Chunk) -> None:
    """Makes places grow in reading order, which puts siblings in order and children within parents.

    The longest run of places that already do is kept; the others move to the nearest place between their neighbours.
    """
    kept = _longest_rising([node.place for node in flat])
    place = chunk.first
    after = _next_kept(flat, kept, chunk.stop - 1)
    for n, node in enumerate(flat):
        if n not in kept:
            wanted = node.place if node.place is not None else (place + after[n]) // 2
            moved = min(max(wanted, place), after[n])
            if moved != node.place and not node.repairs:
                node.repairs.append("moved-between-neighbours")
            node.place = moved
        place = node.place if node.place is not None else place


def _next_kept(flat: Sequence[Node], kept: set[int], last: int) -> list[int]:
    """For each node the place of the next kept one."""
    bounds = [last] * len(flat)
    bound = last
    for n in range(len(flat) - 1, -1, -1):
        bounds[n] = bound
        if n in kept:
            bound = flat[n].place or 0
    return bounds


def _longest_rising(places: Sequence[int | None]) -> set[int]:
    """Indices of a longest non-decreasing run, places that are None left out (patience sorting, n log n)."""
    tops: list[int] = []
    holders: list[int] = []
    before: dict[int, int | None] = {}
    for n, place in enumerate(places):
        if place is None:
            continue
        at = bisect_right(tops, place)
        before[n] = holders[at - 1] if at else None
        tops[at : at + 1] = [place]
        holders[at : at + 1] = [n]
    found: set[int] = set()
    here = holders[-1] if holders else None
    while here is not None:
        found.add(here)
        here = before[here]
    return found
