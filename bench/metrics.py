"""Metrics: how near a set of boundaries, and the titles over them, come to those that a person set.

docs/quality.md explains each of them to a reader who has never heard of it. Boundaries are positions of cues: 12 means
that a section begins with the thirteenth cue. The start of the lecture is never a boundary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

RESAMPLED = 2_000
SEED = 8


def window(true: Sequence[int], cues: int) -> int:
    """Half the average length of a true section, in cues, and at least 2: what Pk and WindowDiff look through."""
    return max(2, round(cues / (len(true) + 1) / 2))


def pk(true: Sequence[int], found: Sequence[int], cues: int) -> float:
    """The share of pairs of cues, `window` apart, of which one side says "same section" and the other does not
    (Beeferman, Berger and Lafferty 1999). 0 is perfect, even cuts are at about .45."""
    ours, theirs = _crossed(found, cues, window(true, cues)), _crossed(true, cues, window(true, cues))
    return float(np.mean((ours > 0) != (theirs > 0))) if ours.size else 0.0


def window_difference(true: Sequence[int], found: Sequence[int], cues: int) -> float:
    """The share of windows that hold another number of boundaries than they should (Pevzner and Hearst 2002)."""
    ours, theirs = _crossed(found, cues, window(true, cues)), _crossed(true, cues, window(true, cues))
    return float(np.mean(ours != theirs)) if ours.size else 0.0


def _crossed(boundaries: Sequence[int], cues: int, width: int) -> np.ndarray:
    """How many boundaries lie between each cue and the one `width` further on."""
    before = np.concatenate(([0], np.cumsum(np.bincount(np.asarray(boundaries, dtype=int), minlength=cues)[:cues])))
    return before[width + 1 :] - before[1:-width] if cues > width else np.zeros(0)


def boundary_f1(true: Sequence[float], found: Sequence[float], within: float) -> float:
    """The F1 of boundary times in seconds, where one counts as found within so many seconds of a true one.

    Each is matched once at most; going through both in order and taking the first that fits gives the most matches.
    """
    left, right = sorted(true), sorted(found)
    hits = a = b = 0
    while a < len(left) and b < len(right):
        if abs(left[a] - right[b]) <= within:
            hits, a, b = hits + 1, a + 1, b + 1
        elif left[a] < right[b]:
            a += 1
        else:
            b += 1
    return 2 * hits / (len(left) + len(right)) if left or right else 1.0


def title_similarity(true: str, found: str) -> float:
    """Lexical: the F1 of the titles' words, by their first five letters, without words of three letters and fewer."""
    ours, theirs = _stems(found), _stems(true)
    shared = len(ours & theirs)
    return 2 * shared / (len(ours) + len(theirs)) if shared else 0.0


def _stems(title: str) -> set[str]:
    return {word.casefold()[:5] for word in re.findall(r"[^\W_]+", title) if len(word) > 3 or not word.isascii()}


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """The mean, and where it lies in 95 of 100 draws of as many lectures from these (bootstrap, seeded)."""
    drawn = np.random.default_rng(SEED).choice(np.asarray(values), size=(RESAMPLED, len(values))).mean(axis=1)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(np.mean(values)), float(low), float(high)
