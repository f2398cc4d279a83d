"""Valleys: how little the words just before a unit have in common with those just after it (Hearst's TextTiling).

Cohesion weighs whole parts against each other and hardly minds a boundary that is a few sentences off; this is what
puts it in its place.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from worker.model.offline.cohesion import Numbers
from worker.model.offline.likeness import rarity

WINDOWS = (120, 240, 480)
"""How many terms before and after are compared. A single one of them is not worse by much."""


def valleys(ids: Numbers, ends: Numbers) -> NDArray[np.float64]:
    """For each unit, how much less alike both sides of its beginning are than is usual in this lecture, in standard
    deviations; the mean over all windows."""
    if not ids.size:
        return np.zeros(len(ends))
    begins = np.concatenate(([0], ends[:-1]))
    weights = rarity(ids)
    depth: NDArray[np.float64] = np.mean([_unlikeness(ids, begins, weights, window) for window in WINDOWS], axis=0)
    depth[0] = 0.0
    return depth


def _unlikeness(ids: Numbers, begins: Numbers, weights: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    alike = np.zeros(len(begins))
    for unit, begin in enumerate(begins):
        before = np.bincount(ids[max(0, begin - window) : begin], minlength=len(weights)) * weights
        after = np.bincount(ids[begin : begin + window], minlength=len(weights)) * weights
        lengths = np.sqrt((before @ before) * (after @ after))
        alike[unit] = before @ after / lengths if lengths else 0.0
    return np.asarray((alike.mean() - alike) / (alike.std() + 1e-9))
