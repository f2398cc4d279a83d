"""Cohesion: how well each run of units hangs together by its words (Utiyama and Isahara, ACL 2001)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from worker.model.offline.terms import terms

Scores = NDArray[np.float64]


def cohesion(units: Sequence[str]) -> Scores:
    """How well units i up to, not including, j hang together: a matrix of len(units) × (len(units) + 1).

    The value is the logarithm of the likelihood of the run's terms under the run's own distribution of terms with one
    added to every count, so the values of neighbouring runs add up, and the best cut has the greatest sum.
    Runs that hold nothing (j ≤ i) are -inf.
    """
    ids, ends = _numbered(units)
    size, vocabulary = len(units), int(ids.max()) + 1 if ids.size else 1
    begins = np.concatenate(([0], ends[:-1]))
    rank = _rank(ids)
    counts = np.arange(len(ids) + 1, dtype=np.float64)
    step = np.diff(counts * np.log(counts + 1))
    before = np.zeros(vocabulary, dtype=np.int64)
    scores = np.full((size, size + 1), -np.inf)
    for i in range(size):
        rest = ids[begins[i] :]
        gained = np.concatenate(([0.0], np.cumsum(step[rank[begins[i] :] - before[rest]])))
        length = ends[i:] - begins[i]
        scores[i, i + 1 :] = gained[length] - length * np.log(length + vocabulary)
        before += np.bincount(ids[begins[i] : ends[i]], minlength=vocabulary)
    return scores


def _numbered(units: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every term of the units as a number, and where each unit's terms end."""
    known: dict[str, int] = {}
    ids: list[int] = []
    ends: list[int] = []
    for unit in units:
        ids.extend(known.setdefault(term, len(known)) for term in terms(unit))
        ends.append(len(ids))
    return np.asarray(ids, dtype=np.int64), np.asarray(ends, dtype=np.int64)


def _rank(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """How often each term was met before, at each place where it stands."""
    order = np.argsort(ids, kind="stable")
    changes = np.concatenate(([True], np.diff(ids[order]) != 0)) if ids.size else np.zeros(0, dtype=bool)
    place = np.arange(len(ids))
    rank = np.empty(len(ids), dtype=np.int64)
    rank[order] = place - np.maximum.accumulate(np.where(changes, place, 0))
    return rank
