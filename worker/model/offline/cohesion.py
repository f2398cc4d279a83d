"""Cohesion: how well each run of units hangs together by its words.

Each run is taken to have words of its own: the score is the likelihood of its terms when their shares are unknown but
expected to be those of the whole lecture (a Dirichlet compound multinomial, as in Eisenstein and Barzilay's Bayesian
segmentation, EMNLP 2008, with the lecture's own shares for a prior). Words that are spread evenly, such as "the", thus
say nothing for any cut, without a list of stop words.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from worker.model.offline.terms import terms

Scores = NDArray[np.float64]
Numbers = NDArray[np.int64]

BLOCKS = 20
EVERYWHERE = 0.5
"""A term that is said in a greater share of the lecture's blocks tells no part from another, as "the" does not."""
PRIOR = 70.0
"""How many terms the expectation weighs as much as. From 50 to 100 the development lectures come out alike."""


def cohesion(ids: Numbers, ends: Numbers) -> Scores:
    """How well units i up to, not including, j hang together: a matrix of units × (units + 1).

    The units are given as their `numbered` terms. The values are logarithms of likelihoods: those of neighbouring runs
    add up, and the best cuts have the greatest sum. Runs that hold nothing (j ≤ i) are -inf.
    """
    begins = np.concatenate(([0], ends[:-1]))
    earlier = seen(ids)
    shares = np.bincount(ids) + 0.5 if ids.size else np.ones(1)
    expected = PRIOR * shares / shares.sum()
    normal = np.asarray([lgamma(PRIOR) - lgamma(n + PRIOR) for n in range(len(ids) + 1)])
    before = np.zeros(len(expected), dtype=np.int64)
    scores = np.full((len(ends), len(ends) + 1), -np.inf)
    for i, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        rest = ids[begin:]
        likelihood = np.concatenate(([0.0], np.cumsum(np.log(earlier[begin:] - before[rest] + expected[rest]))))
        length = ends[i:] - begin
        scores[i, i + 1 :] = likelihood[length] + normal[length]
        before += np.bincount(ids[begin:end], minlength=len(before))
    return scores


def numbered(units: Sequence[str]) -> tuple[Numbers, Numbers]:
    """Every term of the units as a number, and where each unit's terms end."""
    known: dict[str, int] = {}
    ids: list[int] = []
    ends: list[int] = []
    for unit in units:
        ids.extend(known.setdefault(term, len(known)) for term in terms(unit))
        ends.append(len(ids))
    return np.asarray(ids, dtype=np.int64), np.asarray(ends, dtype=np.int64)


def spread(ids: Numbers) -> Numbers:
    """In how many of `BLOCKS` equal blocks of the lecture each term is said."""
    said = np.zeros((int(ids.max(initial=-1)) + 1, BLOCKS), dtype=bool)
    said[ids, np.arange(len(ids)) * BLOCKS // max(1, len(ids))] = True
    return np.asarray(said.sum(axis=1))


def telling(ids: Numbers, ends: Numbers) -> tuple[Numbers, Numbers]:
    """The same terms, without those that are said everywhere."""
    kept = spread(ids)[ids] <= EVERYWHERE * BLOCKS
    return np.unique(ids[kept], return_inverse=True)[1], np.concatenate(([0], np.cumsum(kept)))[ends]


def seen(ids: Numbers) -> Numbers:
    """How often each term was met before, at each place where it stands."""
    order = np.argsort(ids, kind="stable")
    place = np.arange(len(ids))
    opens = np.ones(len(ids), dtype=bool)
    opens[1:] = np.diff(ids[order]) != 0
    earlier = np.empty(len(ids), dtype=np.int64)
    earlier[order] = place - np.maximum.accumulate(np.where(opens, place, 0))
    return earlier
