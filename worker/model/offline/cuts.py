"""Cuts: where the topics of a lecture change."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shared.cues import Cue
from shared.outline import MOST_SIBLINGS
from worker.model.offline.agreement import agreement
from worker.model.offline.cohesion import Numbers, Scores, cohesion, numbered, telling
from worker.model.offline.likeness import Pairs, common, likeness
from worker.model.offline.number import MOST_MARKS, expected, number
from worker.model.offline.partings import partings
from worker.model.offline.paths import best_path
from worker.model.offline.speech import speech
from worker.model.offline.turns import turns
from worker.model.offline.valleys import valleys

MOST_UNITS = 1_200
"""Time grows with the square of the units, and a boundary is no better for knowing it to the cue."""
MOST_SEAMS = 400
"""So many cues at which a lecture may end begin units of their own, the surest: a dozen for each of thirty lectures. Of
a transcript that greets in every line all of them did, and 9,000 cues took more than a gigabyte."""
SIGN = 0.3
"""How many standard deviations of what a cut gains a sign with one unit of log odds weighs. From 0.2 to 0.4 the
development lectures come out alike."""
VALLEY = 3.75
"""The log odds of a valley of one standard deviation."""
LEAST = 0.35
"""No part is shorter than this share of the average: without it single odd sentences are cut out."""
LONG, LONG_MS, TOO_LONG = 1.5, 25 * 60_000, 4.0
"""A part that is longer than so many times the average, and than so many ms of speech, has a price, which grows with
the square of the excess. People who make parts of an hour's lecture make them as uneven as they come, but nobody wants
one of three quarters of an hour beside others of ten minutes."""
UNLIKELY = 1e6
"""A price that nothing pays who has another choice."""
_LONGEST_MS = 20_000
"""A longer silence counts as this: nobody needs sections for a break, or for a last cue that is shown for hours."""
_SENTENCE_END = re.compile(r"[.?!…。！？।؟][\"'”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class Ground:
    """A lecture made ready for cutting."""

    firsts: Numbers
    """The position of every unit's first cue, and, last, the number of cues."""
    scores: Scores
    """The cohesion of the units i up to, not including, j."""
    telling: Scores
    """The same, by those terms only that are not said everywhere."""
    pairs: Pairs
    """How many terms the units i and j have in common."""
    lengths: Numbers
    """How many terms every unit has."""
    signs: NDArray[np.float64]
    """The log odds that a topic begins with each unit, by how it begins and what surrounds it."""
    spoken: Numbers
    """How much was spoken before every unit, in ms without long silences, and, last, in the whole lecture."""

    def unit(self, cue: int) -> int:
        """The unit that begins nearest to the cue at this position."""
        after = int(np.searchsorted(self.firsts, cue))
        if after and cue - self.firsts[after - 1] < self.firsts[after] - cue:
            return after - 1
        return after


def ground(cues: Sequence[Cue], language: str) -> Ground:
    """Joins cues to units, at ends of sentences where there are any, and scores every run of units."""
    return _ground(tuple(cues), language)


@lru_cache(maxsize=2)
def _ground(cues: tuple[Cue, ...], language: str) -> Ground:
    """A lecture is cut into topics, and they into groups, on the same ground."""
    parted = partings(cues, speech(language))
    surest = np.argsort(-parted, kind="stable")[: min(MOST_SEAMS, np.count_nonzero(parted))]
    firsts = np.union1d(_unit_starts(cues), surest)
    texts = [" ".join(c.text for c in cues[a:b]) for a, b in pairwise(firsts)]
    ids, ends = numbered(texts)
    signs = (turns(cues, speech(language)) + parted)[firsts[:-1]] + VALLEY * valleys(ids, ends)
    spoken = np.concatenate(([0], np.cumsum(np.diff([c.start for c in cues] + [cues[-1].end]).clip(0, _LONGEST_MS))))
    lengths = np.diff(ends, prepend=0)
    scores, by_telling = cohesion(ids, ends), cohesion(*telling(ids, ends))
    return Ground(firsts, scores, by_telling, common(ids, ends), lengths, signs, spoken[firsts])


def segment(cues: Sequence[Cue], language: str, count: int | None = None) -> list[int]:
    """The positions of the cues where the lecture's `count` main parts begin, the first cue included; without a count,
    as many as people usually make."""
    land = ground(cues, language)
    count = count or usual_count(land, expected(float(land.spoken[-1])))
    return [int(land.firsts[unit]) for unit in cut(land, count)]


def usual_count(
    ground: Ground,
    wanted: float,
    first: int = 0,
    stop: int | None = None,
    allowed: Iterable[int] | None = None,
    least: int = 2,
    most: int = MOST_SIBLINGS,
) -> int:
    """How many parts, from `least` to `most`, the units from `first` up to `stop` have, of which `wanted` are expected.

    With `allowed`, parts begin only at those units.
    """
    marks = _marks(first, len(ground.firsts) - 1 if stop is None else stop, allowed)
    marks = marks[np.unique(np.linspace(0, len(marks) - 1, min(len(marks), MOST_MARKS + 1)).round().astype(int))]
    return number(ground.scores[np.ix_(marks[:-1], marks[1:])], ground.spoken[marks], wanted, least, most)


def cut(
    ground: Ground,
    count: int,
    first: int = 0,
    stop: int | None = None,
    allowed: Iterable[int] | None = None,
    kept: Iterable[int] = (),
) -> list[int]:
    """The best `count` parts of the units from `first` up to `stop`: the units where parts begin, `first` included.

    With `allowed`, parts begin only at those units. Fewer parts come back where there is no room for as many. With
    `kept`, parts begin at all those units; where they are more than `count` lets in, only at the best of them.
    """
    stop = len(ground.firsts) - 1 if stop is None else stop
    inside = sorted({unit for unit in kept if first < unit < stop})
    marks = _marks(first, stop, inside if len(inside) >= count else allowed)
    count = min(count, len(marks) - 1)
    if count <= 1:
        return [first]
    scored = [
        ground.scores[first:stop, first : stop + 1],
        ground.telling[first:stop, first : stop + 1],
        likeness(ground.pairs[first:stop, first:stop], ground.lengths[first:stop], count),
    ]
    signs = SIGN * ground.signs[first:stop, None]
    right = agreement([scores / _deviation(scores, count) + signs for scores in scored], count)
    right = right[np.ix_(marks[:-1] - first, marks[1:] - first)]
    price = _price(ground.spoken[marks], count, (stop - first) / count)
    if inside:
        begun, over = np.searchsorted(inside, marks[:-1], "right"), np.searchsorted(inside, marks[1:])
        price = price + UNLIKELY * (over[None, :] > begun[:, None])
    return [int(marks[i]) for i in best_path(right - price, count)]


def _deviation(scores: Scores, count: int) -> float:
    """By how much it differs from place to place what a cut gains between two parts of the usual length: what makes
    scores of one kind comparable with those of another."""
    at = np.arange(1, len(scores))
    length = max(1, round(len(scores) / count))
    first, stop = np.maximum(0, at - length), np.minimum(len(scores), at + length)
    return max(1e-6, float(np.std(scores[first, at] + scores[at, stop] - scores[first, stop])))


def _marks(first: int, stop: int, allowed: Iterable[int] | None) -> Numbers:
    """The units where parts may begin, and, last, where they end."""
    inner = range(first + 1, stop) if allowed is None else sorted({u for u in allowed if first < u < stop})
    return np.asarray([first, *inner, stop])


def _price(spoken: Numbers, count: int, usual: float) -> Scores:
    """What the run from each mark to each later one costs, in what `agreement` counts, when an average part has
    `usual` units: nothing, unless it is too short, much too long, or no run at all."""
    average = max(1, spoken[-1] - spoken[0]) / count
    length = spoken[None, 1:] - spoken[:-1, None]
    over = np.maximum(0.0, length - max(LONG * average, LONG_MS)) / average
    price = np.where(length < LEAST * average, UNLIKELY, TOO_LONG * usual * over**2)
    marks = np.arange(len(spoken))
    return np.where(marks[None, 1:] <= marks[:-1, None], np.inf, price)


def _unit_starts(cues: Sequence[Cue]) -> list[int]:
    """Where units begin, and, last, the number of cues."""
    ends = [bool(_SENTENCE_END.search(c.text)) for c in cues]
    punctuated = sum(ends) > len(cues) / 20
    per_unit = sum(len(c.text) for c in cues) / MOST_UNITS
    starts, length = [0], 0
    for position, (cue, ended) in enumerate(zip(cues, ends, strict=True), start=1):
        length += len(cue.text)
        if length >= per_unit and (ended or not punctuated or length >= 4 * per_unit + 400):
            starts.append(position)
            length = 0
    if starts[-1] != len(cues):
        starts.append(len(cues))
    return starts
