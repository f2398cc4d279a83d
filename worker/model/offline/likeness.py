"""Likeness: how much the units of a lecture have in common, pair by pair, and how much more those of one part should.

Cohesion asks which words each part is likely to have; likeness only asks whether its units use the same ones. The two
err in different places, and in languages whose words change their form a lot likeness errs less.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from worker.model.offline.cohesion import BLOCKS, Numbers, Scores, spread

Pairs = NDArray[np.float32]

NEAR = 0.07
"""A unit is compared together with those around it, as far as this share of the average part: single sentences have
too little in common even where the topic is one. From 0.03 to 0.1 the development lectures come out alike."""


def common(ids: Numbers, ends: Numbers) -> Pairs:
    """How many terms every two units share, the rarer ones counting more: a square matrix, a row for each unit."""
    if not ids.size:
        return np.zeros((len(ends), len(ends)), dtype=np.float32)
    said = np.zeros((len(ends), int(ids.max()) + 1), dtype=np.float32)
    np.add.at(said, (np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0)), ids), 1.0)
    said *= rarity(ids).astype(np.float32)
    return np.asarray(said @ said.T)


def rarity(ids: Numbers) -> NDArray[np.float64]:
    """The weight of each term: next to none for one that is said in every block."""
    return np.asarray(np.log((BLOCKS + 1) / spread(ids)))


def likeness(pairs: Pairs, lengths: Numbers, count: int) -> Scores:
    """How much more alike than is usual here the units i up to, not including, j are, when there are `count` parts:
    the same shape as the scores of cohesion, -inf for runs that hold nothing. `lengths` are the units' numbers of
    terms."""
    size = len(pairs)
    alike = _around(pairs, round(NEAR * size / count))
    alike -= alike.mean()
    weights = np.maximum(1, lengths) / np.maximum(1, lengths).mean()
    alike *= weights[:, None]
    alike *= weights
    total = np.zeros((size + 1, size + 1))
    total[1:, 1:] = alike.cumsum(axis=0).cumsum(axis=1)
    before = np.concatenate(([0.0], np.cumsum(weights)))
    corner = total.diagonal()
    inside = corner[None, :] - 2 * total[:size] + corner[:size, None]
    inside /= np.maximum(before[None, :] - before[:size, None], 1e-9)
    inside[np.tril_indices(size)] = -np.inf
    return inside


def _around(pairs: Pairs, near: int) -> Scores:
    """The square roots of the cosines of units, each taken together with `near` others before and after it."""
    at = np.arange(len(pairs))
    first, stop = np.maximum(0, at - near), np.minimum(len(pairs), at + near + 1)
    found: Scores = pairs.astype(np.float64)
    for _ in range(2):
        summed = np.concatenate((np.zeros((1, len(pairs))), found.cumsum(axis=0)))
        found = (summed[stop] - summed[first]).T
    sizes = np.sqrt(np.maximum(found.diagonal(), 1e-9))
    found /= sizes[:, None]
    found /= sizes
    return np.sqrt(np.maximum(found, 0.0))
