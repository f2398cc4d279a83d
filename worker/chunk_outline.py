"""Sections as a reply gave them → sections grounded in the chunk's cues."""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.chunks import Chunk
from shared.cues import Cue
from shared.lecture import Options, Repair
from shared.outline import Section
from worker.repair import GivenSection
from worker.wording import same, tidy

_DEEPEST = 8
"""Sections nested deeper are raised to this level: no lecture has more, and no reader follows them."""
_QUOTE_WORDS = 14
_EDGE_MS = 5_000
"""A time this little outside its chunk is a slip, not another chunk's."""
_APART_MS = 60_000
"""A cue and a time that are further apart than this are not of one place: times are shown twice a minute."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What became of one reply: its sections, what was mended, and what to ask for again (`faults`, for the model)."""

    sections: tuple[Section, ...] = ()
    grounded: int = 0
    repairs: tuple[Repair, ...] = ()
    faults: tuple[str, ...] = ()
    seams: tuple[int, ...] = ()
    """Positions in `sections` that open the second of two halves, where the chunk was asked in halves."""


@dataclass(slots=True)
class _Node:
    """A section on its way: `place` is its cue's position in the lecture, None while it is not known."""

    title: str
    place: int | None
    repairs: list[str]
    below: list[_Node]


def ground(given: Sequence[GivenSection], cues: Sequence[Cue], chunk: Chunk, options: Options) -> Draft:
    """Puts every section on a cue of the chunk: the one it names, or the nearest that fits between its neighbours.

    No section is invented; none is dropped but those without a title and those that repeat a neighbour.
    """
    repairs: list[Repair] = []
    nodes = _Reading(cues, chunk, min(options.depth or _DEEPEST, _DEEPEST), repairs).read(given)
    _sort(nodes)
    nodes = _fold(nodes, repairs)
    flat = _preorder(nodes)
    faults = _faults(flat)
    _order(flat, chunk)
    repairs += [Repair(name=name, detail=node.title) for node in flat for name in node.repairs]
    sections = _sections(nodes, cues, cues[chunk.stop - 1].end if chunk.stop == len(cues) else cues[chunk.stop].start)
    return Draft(sections, sum(not n.repairs for n in flat), tuple(repairs), faults)


class _Reading:
    """Finds the place of every section that a reply gave."""

    def __init__(self, cues: Sequence[Cue], chunk: Chunk, deepest: int, repairs: list[Repair]) -> None:
        self._chunk, self._deepest, self._repairs = chunk, deepest, repairs
        self._starts = [cue.start for cue in cues[chunk.first : chunk.stop]]
        self._end = cues[chunk.stop - 1].end
        self._has_cues = True

    def read(self, given: Sequence[GivenSection]) -> list[_Node]:
        self._has_cues = self._names_cues(given)
        if not self._has_cues:
            self._repairs.append(Repair(name="numbers-not-of-cues", detail="taken by their times instead"))
        return self._nodes(given, 1)

    def _names_cues(self, given: Sequence[GivenSection]) -> bool:
        """Whether the numbers in a reply are those of cues. A model may number its sections, under a key that sounds
        alike; then most of its times, if they are of this chunk, say otherwise."""
        chunk = self._chunk
        places = [
            (self._starts[s.cue - 1 - chunk.first], s.start)
            for s in _all(given)
            if s.cue is not None and chunk.first < s.cue <= chunk.stop and s.start is not None and self._has(s.start)
        ]
        return sum(abs(by_cue - by_time) > _APART_MS for by_cue, by_time in places) * 2 <= len(places)

    def _has(self, time: int) -> bool:
        return self._starts[0] - _EDGE_MS <= time <= self._end + _EDGE_MS

    def _nodes(self, given: Sequence[GivenSection], level: int) -> list[_Node]:
        nodes: list[_Node] = []
        for section in given:
            below = self._nodes(section.subsections, level + 1)
            title = tidy(section.title)
            if not title:
                self._repairs.append(Repair(name="untitled-section", detail="its subsections took its place"))
                nodes += below
                continue
            node = _Node(title, *self._place(section), below)
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


def _sort(nodes: list[_Node]) -> None:
    """Siblings whose places are all known are put in order of time."""
    for node in nodes:
        _sort(node.below)
    places = [node.place for node in nodes]
    known = [place for place in places if place is not None]
    if len(known) == len(places) and known != sorted(known):
        nodes.sort(key=lambda node: node.place or 0)
        for before, node in zip(places, nodes, strict=True):
            if before != node.place:
                node.repairs.append("siblings-put-in-order")


def _fold(nodes: list[_Node], repairs: list[Repair]) -> list[_Node]:
    """Neighbours of one title are one section, and so are a section and a first subsection of its own title."""
    kept: list[_Node] = []
    for node in nodes:
        if node.below and same(node.title, node.below[0].title):
            repairs.append(Repair(name="repeat-folded", detail=node.title))
            node.below[:1] = node.below[0].below
        if kept and same(kept[-1].title, node.title):
            repairs.append(Repair(name="repeat-folded", detail=node.title))
            kept[-1].below += node.below
        else:
            kept.append(node)
    for node in kept:
        node.below = _fold(node.below, repairs)
    return kept


def _preorder(nodes: Sequence[_Node]) -> list[_Node]:
    return [found for node in nodes for found in (node, *_preorder(node.below))]


def _faults(flat: Sequence[_Node]) -> tuple[str, ...]:
    """What is wrong beyond quiet mending: too many sections that are nowhere in the chunk."""
    lost = [node.title for node in flat if node.place is None]
    if not flat:
        return ("It held no sections.",)
    if len(lost) * 4 <= len(flat):
        return ()
    # In quotation marks that they cannot end: titles may be what somebody said to mislead the model.
    named = ", ".join(json.dumps(tidy(title, 80), ensure_ascii=False) for title in lost[:5])
    return (f"{len(lost)} of {len(flat)} sections have a cue number or start_time outside this chunk: {named}.",)


def _order(flat: Sequence[_Node], chunk: Chunk) -> None:
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


def _next_kept(flat: Sequence[_Node], kept: set[int], last: int) -> list[int]:
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


def _sections(nodes: Sequence[_Node], cues: Sequence[Cue], end: int) -> tuple[Section, ...]:
    made: list[Section] = []
    for n, node in enumerate(nodes):
        place = node.place or 0
        following = nodes[n + 1].place if n + 1 < len(nodes) else None
        until = cues[following].start if following is not None else end
        section = Section(
            title=node.title,
            start=cues[place].start,
            end=max(until, cues[place].start),
            cue=place,
            quote=" ".join(cues[place].text.split()[:_QUOTE_WORDS])[:200],
            repairs=tuple(node.repairs),
        )
        made.append(section.model_copy(update={"subsections": _sections(node.below, cues, section.end)}))
    return tuple(made)
