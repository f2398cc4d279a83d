"""Agreement: the cut that all the likely cuts agree with most.

The single likeliest cut of a lecture is often a fluke: many others are nearly as likely, and by another measure it is
another. So, for each measure, every cut into the wanted number of parts votes with its probability on whether two units
belong together, and the cut is chosen that is right about the most pairs. That is what Pk counts, and what a reader
notices: whether two moments that belong together stand under one heading.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from worker.model.offline.cohesion import Scores
from worker.model.offline.paths import best_path

TEMPERATURE = 0.12
"""How many standard deviations make a cut e times as likely. Words that follow one another are not independent, so
likelihoods are far too sure of themselves; from 0.08 to 0.16 the development lectures come out alike."""
DISTANCES = (0.25, 0.5, 1.0)
"""How far apart the pairs are, as shares of the average part."""


def agreement(measures: Sequence[Scores], count: int) -> Scores:
    """How right each run of units i up to j would be as one of `count` parts, by all `measures` of runs: the same shape
    as each of them, to be added up over the parts of a cut. They are in standard deviations of what a cut gains."""
    size = len(measures[0])
    together = np.mean([_together(scores, count) for scores in measures], axis=0)
    starts, stops = np.arange(size)[:, None], np.arange(size + 1)[None, :]
    right = np.zeros((size, size + 1))
    for distance in sorted({max(1, round(size / count * share)) for share in DISTANCES}):
        if distance < size:
            pairs = np.concatenate(([0.0], np.cumsum(2 * together.diagonal(distance) - 1)))
            last = np.clip(stops - distance, 0, size - distance)
            right += pairs[last] - pairs[np.minimum(starts, last)]
    return right


def _together(scores: Scores, count: int) -> Scores:
    """The probability that units i and j (i ≤ j) are in one part."""
    parts = _probabilities(scores, count)
    np.cumsum(parts, axis=0, out=parts)
    np.cumsum(parts[:, ::-1], axis=1, out=parts[:, ::-1])
    return parts[:, 1:]


def _probabilities(scores: Scores, count: int, temperature: float = TEMPERATURE) -> Scores:
    """The probability of each run of units to be a part, when there are `count` parts (forward-backward)."""
    size = len(scores)
    level = _level(scores, count)
    weights: Scores = np.exp(np.minimum((scores - (level[None, :] - level[:-1, None])) / temperature, 300.0))
    ahead, behind = np.zeros((count + 1, size + 1)), np.zeros((count + 1, size + 1))
    ahead[0, 0] = behind[0, size] = 1.0
    ahead_log, behind_log = np.zeros(count + 1), np.zeros(count + 1)
    for part in range(count):
        ahead[part + 1, 1:] = ahead[part, :-1] @ weights[:, 1:]
        behind[part + 1, :-1] = weights @ behind[part]
        for rows, logs in ((ahead, ahead_log), (behind, behind_log)):
            greatest = rows[part + 1].max()
            rows[part + 1] /= greatest
            logs[part + 1] = logs[part] + np.log(greatest)
    if ahead[count, size] < np.finfo(np.float64).tiny:
        return _probabilities(scores, count, temperature * 2)  # A lecture of many hours: the numbers ran out.
    whole = ahead_log[count] + np.log(ahead[count, size])
    shares = np.exp(np.clip(ahead_log[:count] + behind_log[:count][::-1] - whole, -700.0, 700.0))
    weights *= (ahead[:count, :-1].T * shares) @ behind[:count][::-1]
    return weights


def _level(scores: Scores, count: int) -> Scores:
    """What the best cut has scored up to each place. Measured from there, the numbers stay small: the likelihoods of a
    lecture of three hours are far beyond what a float can hold."""
    starts = best_path(scores[:, 1:], count)
    level = np.zeros(len(scores) + 1)
    for start, stop in zip(starts, [*starts[1:], len(scores)], strict=True):
        level[start + 1 : stop + 1] = level[start] + scores[start, start + 1 : stop + 1]
    return level
