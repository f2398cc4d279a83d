"""Topics: the tree of a whole lecture's topics, of which each chunk's outline is a part."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, sqrt

import numpy as np

from shared.cues import Cue
from shared.outline import MOST_SIBLINGS
from worker.model.offline.choice import Part
from worker.model.offline.cuts import Ground, cut, ground, usual_count
from worker.model.offline.number import AN_HOUR, expected
from worker.model.offline.titles import Titles, titles_of

NORMAL = "normal"
PER_HOUR = {"brief": 4, NORMAL: AN_HOUR, "fine": 15}
"""Topics an hour for each detail that a user may ask for."""
DEEPEST = 3
"""Levels of the longest lecture: parts, their topics, and subtopics."""
PARTS = 4
"""How many subtopics a topic of the usual length has; one of four times the length has twice as many."""
LONG = (MOST_SIBLINGS / PARTS) ** 2
"""A part of so many times the usual length has more subtopics than one level holds, and is cut into topics first."""
LEAST_MS = {"brief": 150_000, "normal": 90_000, "fine": 60_000}
"""No subtopic is planned shorter: without a least length there are slivers of 20 s, which nobody would click."""
NAMELESS = "§ {}"
"""For a topic whose words are all filler: a sign that is the same in any language, not a made-up title."""
_HOUR = 3_600_000

Plan = list[list[list[int]]]
"""The main parts; of each its topics, which are the part itself or, where it is long and all topics are too many for
one level, those that it is cut into first; of each the units where its subtopics begin, and, last, where it ends."""


@dataclass(frozen=True, slots=True)
class Topic:
    """The lecture's cues from position `first` up to, not including, `stop`."""

    first: int
    stop: int
    title: str = ""
    subtopics: tuple[Topic, ...] = ()
    opens: bool = True
    """Whether a main part begins with it; of a part that is not long, it is the whole."""


@dataclass(frozen=True, slots=True)
class Tree:
    """The lecture's topics in order, each with its subtopics; and what groups of topics are to be called that are too
    many for one level, by the cue where a group begins."""

    topics: tuple[Topic, ...]
    groups: Mapping[int, str]


def topics(
    cues: tuple[Cue, ...], language: str, detail: str, glossary: tuple[str, ...] = (), depth: int | None = None
) -> Tree:
    """The lecture's topics, all with titles; in so many levels at most, groups included."""
    land = ground(cues, language)
    plan = _planned(land, detail, depth or DEEPEST)
    found = [_topic(land, topic, opens=number == 0) for part in plan for number, topic in enumerate(part)]
    return _titled(found, titles_of(cues, language, glossary))


def groups(
    cues: Sequence[Cue],
    language: str,
    firsts: Sequence[int],
    stop: int,
    most: int,
    same: Collection[int],
    mains: Collection[int] = (),
) -> list[int]:
    """The numbers, from 0, of the sections that open a group, when sections begin at the cues `firsts`, the last ends
    before the cue `stop`, and those numbered in `same` only go on with the section before them.

    Sections that are few enough stay by themselves: a level that holds one or two sections a piece helps nobody. Where
    main parts are known to begin, at the cues `mains`, they are the groups.
    """
    own = [number for number in range(len(firsts)) if number == 0 or number not in same]
    if len(own) <= most:
        return own
    if 1 < len(opens := [number for number in own if number == 0 or firsts[number] in mains]) <= most:
        return opens
    land = ground(cues, language)
    units = {land.unit(firsts[number]): number for number in reversed(own)}
    first, end = land.unit(firsts[0]), land.unit(stop)
    wanted = min(most, expected(float(land.spoken[end] - land.spoken[first])))
    count = max(2, usual_count(land, wanted, first, end, units, most=most))
    return [0, *sorted(units[unit] for unit in cut(land, count, first, end, allowed=units)[1:])]


def _planned(land: Ground, detail: str, depth: int) -> Plan:
    """Who asks for other than normal detail sees what normal detail has, only less of it or more: at each level, a
    brief outline has some of its boundaries, and a fine one has all of them and others."""
    mains, tops, every = _boundaries(_planned(land, NORMAL, depth)) if _finer(detail) else ((), (), ())
    long_ms = LONG * _HOUR / PER_HOUR.get(detail, AN_HOUR)
    parts = _cut_as_usual(land, 0, len(land.firsts) - 1, detail, mains)
    within = []
    for first, stop in parts:
        least = ceil(float(land.spoken[stop] - land.spoken[first]) / long_ms)
        within.append(_cut_as_usual(land, first, stop, detail, tops, least) if least > 1 else [(first, stop)])
    if depth < DEEPEST or sum(map(len, within)) <= MOST_SIBLINGS:
        within = [[part] for part in parts]
    return [[_subtopics(land, first, stop, detail, every) for first, stop in part] for part in within]


def _boundaries(plan: Plan) -> tuple[set[int], set[int], set[int]]:
    """The units where main parts begin, where topics do, and where anything does."""
    topics = [topic for part in plan for topic in part]
    return (
        {part[0][0] for part in plan},
        {topic[0] for topic in topics},
        {unit for topic in topics for unit in topic[:-1]},
    )


def _finer(detail: str) -> int:
    """1 for finer detail than normal, -1 for coarser, 0 for normal."""
    return int(np.sign(PER_HOUR.get(detail, AN_HOUR) - AN_HOUR))


def _cut_as_usual(
    land: Ground, first: int, stop: int, detail: str, known: Collection[int], least: int = 2
) -> list[tuple[int, int]]:
    """As many parts as such a length has at this detail, or as it shows by itself, at least `least` and at most ten."""
    usual = expected(float(land.spoken[stop] - land.spoken[first]))
    asked = max(min(2.0, usual), usual * PER_HOUR.get(detail, AN_HOUR) / AN_HOUR)
    count = usual_count(land, min(MOST_SIBLINGS, asked), first, stop, least=min(least, MOST_SIBLINGS))
    return list(pairwise([*_cut(land, first, stop, count, detail, known), stop]))


def _subtopics(land: Ground, first: int, stop: int, detail: str, known: Collection[int]) -> list[int]:
    """Where the subtopics of a topic begin, as many as one of such a length has, and, last, where it ends."""
    spoken_ms = float(land.spoken[stop] - land.spoken[first])
    usual = PARTS * sqrt(spoken_ms * PER_HOUR.get(detail, AN_HOUR) / _HOUR)
    count = min(MOST_SIBLINGS, round(usual), int(spoken_ms // LEAST_MS.get(detail, LEAST_MS[NORMAL])))
    return [*_cut(land, first, stop, count, detail, known), stop]


def _cut(land: Ground, first: int, stop: int, count: int, detail: str, known: Collection[int]) -> list[int]:
    """The units where parts begin: so many, with regard to the boundaries `known` that normal detail has."""
    if _finer(detail) < 0:
        return cut(land, count, first, stop, allowed=known)
    inside = sum(first < unit < stop for unit in known)
    return cut(land, max(count, min(inside + 1, MOST_SIBLINGS)), first, stop, kept=known)


def _topic(land: Ground, units: Sequence[int], opens: bool = True) -> Topic:
    first, *inner, stop = (int(land.firsts[unit]) for unit in units)
    below = tuple(Topic(a, b) for a, b in pairwise([first, *inner, stop])) if inner else ()
    return Topic(first, stop, subtopics=below, opens=opens)


def _titled(found: Sequence[Topic], titles: Titles) -> Tree:
    """The topics with titles; a subtopic with nothing of its own to say is left out, and then one that is left alone.

    The topics of long parts will be asked about again, to be grouped. What the groups are to be called is settled here,
    together with all that is below them, so that the best phrases are not used up by then.
    """
    parts, over = _groups(found)
    count = len(parts)
    parts += [Part(topic.first, topic.stop, over[n]) for n, topic in enumerate(found)]
    parts += [Part(t.first, t.stop, count + n) for n, topic in enumerate(found) for t in topic.subtopics]
    names = iter(titles.of(parts))
    above = {part.first: title for part, title in zip(parts[:count], names, strict=False) if title}
    named = [
        replace(t, title=title or NAMELESS.format(n)) for n, (t, title) in enumerate(zip(found, names, strict=False), 1)
    ]
    return Tree(tuple(replace(t, subtopics=_named(t.subtopics, names)) for t in named), above)


def _named(subtopics: Sequence[Topic], names: Iterator[str]) -> tuple[Topic, ...]:
    titled = [replace(topic, title=next(names)) for topic in subtopics]
    named = tuple(topic for topic in titled if topic.title)
    return named if len(named) > 1 else ()


def _groups(found: Sequence[Topic]) -> tuple[list[Part], list[int | None]]:
    """The groups of several topics, and for each topic the number of its group."""
    parts: list[Part] = []
    over: list[int | None] = []
    opens = [number for number, topic in enumerate(found) if topic.opens]
    for a, b in pairwise([*opens, len(found)]):
        over += [len(parts) if b - a > 1 else None] * (b - a)
        parts += [Part(found[a].first, found[b - 1].stop)] if b - a > 1 else []
    return parts, over
