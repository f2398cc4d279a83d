"""Topics: the tree of a whole lecture's topics, of which each chunk's outline is a part."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from shared.cues import Cue
from shared.outline import MOST_SIBLINGS
from worker.model.offline.choice import Part
from worker.model.offline.cuts import Ground, cut, ground, usual_count
from worker.model.offline.titles import Titles, titles_of

NORMAL = "normal"
PER_HOUR = {"brief": 4, "normal": 8, "fine": 15}
"""Topics an hour for each detail that a user may ask for."""
PARTS = 4
"""How many subtopics a topic has when there is room for them."""
LEAST_MS = {"brief": 150_000, "normal": 90_000, "fine": 60_000}
"""No subtopic is planned shorter: without a least length there are slivers of 20 s, which nobody would click."""
NAMELESS = "§ {}"
"""For a topic whose words are all filler: a sign that is the same in any language, not a made-up title."""
_HOUR = 3_600_000


@dataclass(frozen=True, slots=True)
class Topic:
    """The lecture's cues from position `first` up to, not including, `stop`."""

    first: int
    stop: int
    title: str = ""
    subtopics: tuple[Topic, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """The lecture's topics in order, each with its subtopics; and what groups of topics are to be called that are too
    many for one level, by the cue where a group begins."""

    topics: tuple[Topic, ...]
    groups: Mapping[int, str]


def topics(cues: tuple[Cue, ...], language: str, detail: str, glossary: tuple[str, ...] = ()) -> Tree:
    """The lecture's topics, all with titles."""
    land = ground(cues, language)
    parts = _parts(land, 0, len(land.firsts) - 1, _count(float(land.spoken[-1]), detail))
    found = []
    for first, stop in parts:
        length = land.spoken[stop] - land.spoken[first]
        count = min(PARTS, MOST_SIBLINGS, int(length // LEAST_MS.get(detail, LEAST_MS[NORMAL])))
        found.append(_topic(land, (first, stop), _parts(land, first, stop, count) if count > 1 else []))
    return _titled(cues, language, found, titles_of(cues, language, glossary))


def groups(
    cues: Sequence[Cue], language: str, firsts: Sequence[int], stop: int, most: int, same: Collection[int]
) -> list[int]:
    """The numbers, from 0, of the sections that open a group, when sections begin at the cues `firsts`, the last ends
    before the cue `stop`, and those numbered in `same` only go on with the section before them.

    Sections that are few enough stay by themselves: a level that holds one or two sections a piece helps nobody.
    """
    own = [number for number in range(len(firsts)) if number == 0 or number not in same]
    if len(own) <= most:
        return own
    land = ground(cues, language)
    units = {land.unit(firsts[number]): number for number in reversed(own)}
    first, end = land.unit(firsts[0]), land.unit(stop)
    count = max(2, min(most, usual_count(float(land.spoken[end] - land.spoken[first]))))
    return [0, *sorted(units[unit] for unit in cut(land, count, first, end, allowed=units)[1:])]


def _count(spoken_ms: float, detail: str) -> int:
    """How many topics so much speech has: so many an hour, but not fewer than people make of a short lecture."""
    an_hour = PER_HOUR.get(detail, PER_HOUR[NORMAL])
    least = usual_count(spoken_ms) * an_hour / PER_HOUR[NORMAL]
    return max(1, round(least), round(an_hour * spoken_ms / _HOUR))


def _parts(land: Ground, first: int, stop: int, count: int) -> list[tuple[int, int]]:
    starts = cut(land, count, first, stop)
    return list(zip(starts, [*starts[1:], stop], strict=True))


def _topic(land: Ground, units: tuple[int, int], parts: list[tuple[int, int]]) -> Topic:
    first, stop = (int(land.firsts[u]) for u in units)
    return Topic(first, stop, subtopics=tuple(_topic(land, part, []) for part in parts) if len(parts) > 1 else ())


def _titled(cues: tuple[Cue, ...], language: str, found: Sequence[Topic], titles: Titles) -> Tree:
    """The topics with titles; a subtopic with nothing of its own to say is left out.

    Topics that are too many for one level will be asked about again, to be grouped. What the groups are to be called is
    settled here, together with all that is below them, so that the best phrases are not used up by then.
    """
    parts, over = _groups(cues, language, found)
    count = len(parts)
    parts += [Part(topic.first, topic.stop, over[n]) for n, topic in enumerate(found)]
    parts += [Part(t.first, t.stop, count + n) for n, topic in enumerate(found) for t in topic.subtopics]
    names = iter(titles.of(parts))
    above = {part.first: title for part, title in zip(parts[:count], names, strict=False) if title}
    named = [
        replace(t, title=title or NAMELESS.format(n)) for n, (t, title) in enumerate(zip(found, names, strict=False), 1)
    ]
    return Tree(tuple(replace(t, subtopics=tuple(_named(t.subtopics, names))) for t in named), above)


def _named(subtopics: Sequence[Topic], names: Iterator[str]) -> Iterator[Topic]:
    for topic in subtopics:
        if title := next(names):
            yield replace(topic, title=title)


def _groups(cues: tuple[Cue, ...], language: str, found: Sequence[Topic]) -> tuple[list[Part], list[int | None]]:
    """The groups of several topics, and for each topic the number of its group."""
    parts: list[Part] = []
    over: list[int | None] = []
    opens = groups(cues, language, [topic.first for topic in found], len(cues), MOST_SIBLINGS, ())
    for a, b in pairwise([*opens, len(found)]):
        over += [len(parts) if b - a > 1 else None] * (b - a)
        parts += [Part(found[a].first, found[b - 1].stop)] if b - a > 1 else []
    return parts, over
