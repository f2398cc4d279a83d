"""Valleys: how little the words just before a unit have in common with those just after it (Hearst's TextTiling).

Cohesion weighs whole parts against each other and hardly minds a boundary that is a few sentences off; this is what
puts it in its place.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from worker.model.offline.cohesion import Numbers, numbered

WINDOWS = (120, 240, 480)
"""How many terms before and after are compared. A single one of them is not worse by much."""
BLOCKS = 20
"""A term counts by how few of so many equal blocks of the lecture it is said in."""


def valleys(units: Sequence[str]) -> NDArray[np.float64]:
    """For each unit, how much less alike both sides of its beginning are than is usual in this lecture, in standard
    deviations; the mean over all windows."""
    ids, ends = numbered(units)
    if not ids.size:
        return np.zeros(len(units))
    begins = np.concatenate(([0], ends[:-1]))
    weights = _rarity(ids)
    depth: NDArray[np.float64] = np.mean([_unlikeness(ids, begins, weights, window) for window in WINDOWS], axis=0)
    depth[0] = 0.0
    return depth


def _rarity(ids: Numbers) -> NDArray[np.float64]:
    """The weight of each term: none for one that is said in every block."""
    said = np.zeros((int(ids.max()) + 1, BLOCKS), dtype=bool)
    said[ids, np.arange(len(ids)) * BLOCKS // len(ids)] = True
    return np.asarray(np.log((BLOCKS + 1) / said.sum(axis=1)))


def _unlikeness(ids: Numbers, begins: Numbers, weights: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    alike = np.zeros(len(begins))
    for unit, begin in enumerate(begins):
        before = np.bincount(ids[max(0, begin - window) : begin], minlength=len(weights)) * weights
        after = np.bincount(ids[begin : begin + window], minlength=len(weights)) * weights
        lengths = np.sqrt((before @ before) * (after @ after))
        alike[unit] = before @ after / lengths if lengths else 0.0
    return np.asarray((alike.mean() - alike) / (alike.std() + 1e-9))
