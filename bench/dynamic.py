"""Dynamic programs as baselines: the likeliest cut of all, by the words of its parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from worker.model.offline.cohesion import cohesion, numbered, seen

Matrix = NDArray[np.float64]
LEAST_WORDS = 120
"""The divisive cut makes no part shorter."""


def utiyama_isahara(texts: Sequence[str], count: int | None) -> list[int]:
    """Utiyama and Isahara's dynamic program over whole words (ACL 2001), on stems of words.

    Without a count, a cut costs the logarithm of the number of words, as in the paper.
    """
    gain, ends = _gain(texts)
    return _best_cut(gain, count, _price(ends))


def divisive(texts: Sequence[str], count: int | None) -> list[int]:
    """The same likelihood, cut in two where that gains most, again and again, until there are `count` parts."""
    gain, ends = _gain(texts)
    before = np.concatenate(([0], ends))
    bounds = [0, len(texts)]
    while count is None or len(bounds) <= count:
        splits = [split for a, b in pairwise(bounds) if (split := _best_split(gain, before, a, b))]
        best = max(splits, default=(-np.inf, 0))
        if not splits or (count is None and best[0] < _price(ends)):
            break
        bounds = sorted([*bounds, best[1]])
    return bounds[1:-1]


def bayesian(texts: Sequence[str], count: int | None) -> list[int]:
    """The offline model's cohesion without its signs and its agreement: nearly Eisenstein and Barzilay's (EMNLP 2008),
    who have a prior that is the same for every word."""
    return _best_cut(cohesion(*numbered(texts)), count, _price(numbered(texts)[1]))


def _price(ends: NDArray[np.int64]) -> float:
    return float(np.log(max(2, ends[-1])))


def _best_split(gain: Matrix, before: NDArray[np.int64], first: int, stop: int) -> tuple[float, int] | None:
    at = np.arange(first + 1, stop)
    at = at[(before[at] - before[first] >= LEAST_WORDS) & (before[stop] - before[at] >= LEAST_WORDS)]
    if not at.size:
        return None
    gains = gain[first, at] + gain[at, stop] - gain[first, stop]
    return float(gains.max()), int(at[gains.argmax()])


def _gain(texts: Sequence[str]) -> tuple[Matrix, NDArray[np.int64]]:
    """The log likelihood of each run of cues, and where each cue's words end."""
    ids, ends = numbered(texts)
    begins, earlier = np.concatenate(([0], ends[:-1])), seen(ids)
    times = np.arange(len(ids) + 1, dtype=float)
    step = np.diff(times * np.log(times + 1))
    before = np.zeros(int(ids.max()) + 1, dtype=int)
    gain = np.full((len(texts), len(texts) + 1), -np.inf)
    for i, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        sums = np.concatenate(([0.0], np.cumsum(step[earlier[begin:] - before[ids[begin:]]])))
        length = ends[i:] - begin
        gain[i, i + 1 :] = sums[length] - length * np.log(length + len(before))
        before += np.bincount(ids[begin:end], minlength=len(before))
    return gain, ends


def _best_cut(gain: Matrix, count: int | None, price: float) -> list[int]:
    """The boundaries of the likeliest cut; without a count, of the one that is worth its price for every part."""
    size = len(gain)
    if count is not None:
        return _traced([*_steps(gain, count)], size)
    best, came = np.full(size + 1, -np.inf), np.zeros(size + 1, dtype=int)
    best[0] = 0.0
    for j in range(1, size + 1):
        sums = best[:j] + gain[:j, j] - price
        came[j], best[j] = sums.argmax(), sums.max()
    return _traced([came] * size, size)


def _steps(gain: Matrix, count: int) -> Iterator[NDArray[np.int64]]:
    best = np.concatenate(([0.0], np.full(len(gain), -np.inf)))
    for _ in range(count):
        sums = best[:-1, None] + gain
        best = sums.max(axis=0)
        yield sums.argmax(axis=0)


def _traced(steps: Sequence[NDArray[np.int64]], size: int) -> list[int]:
    path, at = set(), size
    for came in reversed(steps):
        at = int(came[at])
        path.add(at)
    return sorted(path - {0})
