"""Number: how many main parts a lecture has, by its length and by itself.

The length says what to expect; the lecture may say otherwise. Every further part makes the parts hang together better,
by less and less. Where that gain drops, because all that differ are parted and what follows only splits topics, the
lecture has shown its own number: of two lectures in one recording the first cut gains ten times as much as the second.
"""

from __future__ import annotations

import numpy as np

from shared.outline import MOST_SIBLINGS
from worker.model.offline.cohesion import Numbers, Scores

FIRST_PARTS, PARTS_AN_HOUR, LEAST_MINUTES = 3, 2.25, 1.5
"""Fitted to the development lectures of 5 to 110 minutes: their authors made 3 to 7 parts."""
AN_HOUR, ENOUGH = 8, 7.5
"""So many parts an hour are asked for, up to so many. More are only expected beyond two hours, by what was fitted."""
WORTH = 0.7
"""What the square of a drop's logarithm weighs against that of how far the number is from the expected one. From 0.4 to
0.8 the development lectures come out alike; recordings of several lectures ask for more rather than less."""
AROUND = 2
"""How many gains before and after a number are compared. A single one jumps about."""
LEAST = 0.35
"""No part counts that is shorter than this share of the shortest average: single odd sentences gain a lot."""
CHANCE = 10.0
"""How many nats any cut gains by chance, also where there is only one topic."""
MOST_MARKS = 400
"""Where a part may begin, for counting: the number is no better for knowing it finer, and the time grows with the
square."""


def expected(spoken_ms: float) -> float:
    """How many main parts to expect of so much speech, at normal detail."""
    hours = spoken_ms / 3_600_000
    usual = min(FIRST_PARTS + PARTS_AN_HOUR * hours, hours * 60 / LEAST_MINUTES)
    return max(usual, min(AN_HOUR * hours, ENOUGH))


def number(scores: Scores, spoken: Numbers, wanted: float, least: int = 2, most: int = MOST_SIBLINGS) -> int:
    """How many parts, from `least` to `most`, when about `wanted` are expected.

    `scores[i, j]` is the cohesion of what lies between the marks i and j + 1, and `spoken` how much was spoken before
    each mark, the last one included.
    """
    most = max(1, min(most, len(scores)))
    usual = max(1, min(most, round(wanted)))
    if usual == 1:  # Nothing at all is expected where all cues have one and the same time.
        return usual
    gains = _gains(scores, spoken, most)
    drops = [float(gains[max(0, n - AROUND) : n].mean() - gains[n : n + AROUND].mean()) for n in range(1, len(gains))]
    worth = {
        count: WORTH * drop * abs(drop) - np.log(count / wanted) ** 2
        for count, drop in enumerate(drops[: most - 1], start=2)
        if count >= least
    }
    return max(worth, key=worth.__getitem__) if worth else usual


def _gains(scores: Scores, spoken: Numbers, most: int) -> Scores:
    """The logarithms of what a second, a third … part gains, as far as there is room for more."""
    length = spoken[None, 1:] - spoken[:-1, None]
    gain = np.where(length < LEAST * (spoken[-1] - spoken[0]) / (most + AROUND), -np.inf, scores)
    best = np.concatenate(([0.0], np.full(len(gain), -np.inf)))
    whole = []
    for _ in range(most + AROUND):
        best = np.concatenate(([-np.inf], (best[:-1, None] + gain).max(axis=0)))
        whole.append(best[-1])
    gains = np.diff([w for w in whole if np.isfinite(w)])
    return np.log(np.maximum(gains, 0.0) + CHANCE)
