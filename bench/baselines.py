"""Baselines: what the offline model has to beat. Each takes the texts of a lecture's cues and returns boundaries.

`count` is how many sections there should be; None leaves it to the method where the method has a way to tell, and is
one for every 1,300 words, between 3 and 10, where it has none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from worker.model.offline.cohesion import numbered

Matrix = NDArray[np.float64]
BLOCK_WORDS, BLOCKS = 20, 10
"""TextTiling's own pseudo-sentence and block size (Hearst 1997)."""
RANK = 11
"""C99's own mask (Choi 2000)."""
MOST_UNITS = 400
"""C99's time grows with the square of what it compares, so longer lectures are joined to this many units."""


def usual_count(texts: Sequence[str]) -> int:
    """One section for every 1,300 words, between 3 and 10."""
    return min(10, max(3, round(sum(len(re.findall(r"\w+", text)) for text in texts) / 1300)))


def even_cuts(texts: Sequence[str], count: int | None) -> list[int]:
    """Sections of equal numbers of cues."""
    parts = count or usual_count(texts)
    return [round(len(texts) * part / parts) for part in range(1, parts)]


def text_tiling(texts: Sequence[str], count: int | None) -> list[int]:
    """Hearst's TextTiling: cut where the words before and after a gap have the least in common, by depth."""
    words, cue_of = _words(texts)
    starts = range(0, max(1, len(words) - BLOCK_WORDS + 1), BLOCK_WORDS)
    counts = np.asarray(
        [np.bincount(words[s : s + BLOCK_WORDS], minlength=words.max() + 1) for s in starts], dtype=float
    )
    total = np.concatenate((np.zeros((1, counts.shape[1])), np.cumsum(counts, axis=0)))
    gaps = np.arange(1, len(counts))
    before = total[gaps] - total[np.maximum(0, gaps - BLOCKS)]
    after = total[np.minimum(len(counts), gaps + BLOCKS)] - total[gaps]
    alike = np.sum(before * after, axis=1) / np.sqrt(np.sum(before**2, axis=1) * np.sum(after**2, axis=1))
    alike = np.convolve(np.pad(alike, 1, mode="edge"), np.ones(3) / 3, mode="valid")
    depth = np.asarray([_depth(alike, gap) for gap in range(len(alike))])
    order = [gap for gap in np.argsort(-depth, kind="stable") if depth[gap] > 0]
    wanted = int(np.sum(depth > depth.mean() - depth.std() / 2)) if count is None else count - 1
    chosen: list[int] = []
    for gap in order:
        if len(chosen) < wanted and all(abs(gap - other) >= 3 for other in chosen):
            chosen.append(int(gap))
    return sorted({int(cue_of[(gap + 1) * BLOCK_WORDS]) for gap in chosen} - {0})


def _depth(alike: Matrix, gap: int) -> float:
    """How deep the valley at a gap lies under the hills on both sides."""
    left = right = gap
    while left > 0 and alike[left - 1] >= alike[left]:
        left -= 1
    while right < len(alike) - 1 and alike[right + 1] >= alike[right]:
        right += 1
    return float(alike[left] + alike[right] - 2 * alike[gap])


def c99(texts: Sequence[str], count: int | None) -> list[int]:
    """Choi's C99: similarities of all units, replaced by their ranks among their neighbours, cut by halves."""
    firsts = np.unique(np.linspace(0, len(texts), min(len(texts), MOST_UNITS), endpoint=False).astype(int))
    units = [" ".join(texts[a:b]) for a, b in zip(firsts, [*firsts[1:], len(texts)], strict=True)]
    total = np.pad(np.cumsum(np.cumsum(_ranks(_similarities(units)), axis=0), axis=1), ((1, 0), (1, 0)))
    bounds, densities = [0, len(units)], [total[-1, -1] / len(units) ** 2]
    while len(bounds) <= min(len(units), 40):
        bounds = sorted([*bounds, _best_split(total, bounds)])
        densities.append(_density(total, bounds))
        if len(bounds) - 1 == count:
            break
    if count is None:
        bounds = _until_gain_falls(total, densities)
    return [int(firsts[b]) for b in bounds[1:-1]]


def _similarities(units: Sequence[str]) -> Matrix:
    words, unit_of = _words(units)
    counts = np.zeros((len(units), words.max() + 1))
    np.add.at(counts, (unit_of, words), 1)
    spread = np.count_nonzero(counts, axis=0)
    counts[:, spread > len(units) / 4] = 0  # stands for the stop list, which Choi has for English only
    norm = np.sqrt(np.sum(counts**2, axis=1, keepdims=True))
    counts /= np.where(norm, norm, 1)
    alike: Matrix = counts @ counts.T
    return alike


def _ranks(alike: Matrix) -> Matrix:
    """The share of each value's neighbours, in an 11 × 11 square, that are smaller."""
    half, size = RANK // 2, len(alike)
    padded = np.pad(alike, half, constant_values=np.nan)
    smaller, compared = np.zeros_like(alike), np.zeros_like(alike)
    for down in range(RANK):
        for right in range(RANK):
            other = padded[down : down + size, right : right + size]
            smaller += other < alike
            compared += ~np.isnan(other)
    shares: Matrix = smaller / (compared - 1).clip(1)
    return shares


def _inside(total: Matrix, a: int, b: int) -> float:
    return float(total[b, b] - total[a, b] - total[b, a] + total[a, a])


def _density(total: Matrix, bounds: Sequence[int]) -> float:
    runs = list(pairwise(bounds))
    return sum(_inside(total, a, b) for a, b in runs) / sum((b - a) ** 2 for a, b in runs)


def _best_split(total: Matrix, bounds: Sequence[int]) -> int:
    runs = list(pairwise(bounds))
    inside, area = sum(_inside(total, a, b) for a, b in runs), sum((b - a) ** 2 for a, b in runs)
    best, where = -1.0, bounds[-1]
    for a, b in runs:
        at = np.arange(a + 1, b)
        first = total[at, at] - total[a, at] - total[at, a] + total[a, a]
        second = total[b, b] - total[at, b] - total[b, at] + total[at, at]
        density = (inside - _inside(total, a, b) + first + second) / (
            area - (b - a) ** 2 + (at - a) ** 2 + (b - at) ** 2
        )
        if at.size and density.max() > best:
            best, where = float(density.max()), int(at[density.argmax()])
    return where


def _until_gain_falls(total: Matrix, densities: Sequence[float]) -> list[int]:
    """Choi's stop: where the gain of another cut, smoothed, falls below its mean and 1.2 deviations."""
    gains = np.convolve(np.diff(densities), np.asarray([1, 2, 4, 2, 1]) / 10, mode="same")
    parts = 1 + int(np.sum(gains > gains.mean() + 1.2 * sqrt(gains.var())))
    bounds = [0, len(total) - 1]
    while len(bounds) <= parts:
        bounds = sorted([*bounds, _best_split(total, bounds)])
    return bounds


def _words(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every term of the texts as a number, and the text that it stands in."""
    ids, ends = numbered(texts)
    return ids, np.repeat(np.arange(len(texts)), np.diff(ends, prepend=0))
