"""Paths: the best way through a lecture in a number of steps, each over one run of units."""

from __future__ import annotations

import numpy as np

from worker.model.offline.cohesion import Scores


def best_path(gain: Scores, count: int) -> list[int]:
    """The indices where the `count` runs begin whose gains have the greatest sum; gain[i, j] is that of
    marks i to j + 1."""
    size = len(gain)
    best = np.full(size + 1, -np.inf)
    best[0] = 0.0
    came_from = np.zeros((count, size + 1), dtype=np.int64)
    for part in range(count):
        sums = best[:-1, None] + gain
        came_from[part, 1:] = sums.argmax(axis=0)
        best = np.concatenate(([-np.inf], sums.max(axis=0)))
    starts: list[int] = []
    at = size
    for part in reversed(range(count)):
        at = int(came_from[part, at])
        starts.append(at)
    return starts[::-1]
