"""Title weights: learns what makes a phrase a good title, from the titles that people gave.

    python bench/title_weights.py FOLDER [--part development]

For every true section of every lecture, the phrases that could be its title are weighed; the weights are moved so that
those win that share most words with the true title (the expected overlap under a softmax, by gradient, with a price for
great weights). Prints the weights as worker/model/offline/worth.py holds them, and the overlap on lectures left out.
"""

from __future__ import annotations

import argparse
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from lectures import Chaptered, read_folder
from metrics import title_similarity
from numpy.typing import NDArray

from worker.model.offline.titles import Titles
from worker.model.offline.worth import FEATURES, features

FOLDS, STEPS, RATE, PRICE = 5, 400, 0.05, 0.005
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Section:
    """The phrases of one true section: their features, and how much each shares with the true title."""

    lecture: int
    rows: Matrix
    overlaps: Matrix
    texts: list[str]
    true: str
    weight: float


def sections(lecture: Chaptered, number: int, weight: float) -> Iterator[Section]:
    """The true sections that have a title and at least one phrase."""
    starts = [cue.start // 1000 * 1000 for cue in lecture.cues]
    named = {bisect_left(starts, start): title for title, start in lecture.chapters}
    titles = Titles(lecture.cues, lecture.language)
    for first, stop in pairwise([0, *lecture.boundaries, len(lecture.cues)]):
        found, around = titles.counted((first, stop), (0, len(lecture.cues)))
        if first in named and found:
            rows = np.asarray([features(k, count, around) for k, count in found.items()])
            texts = [count.form for count in found.values()]
            overlaps = np.asarray([title_similarity(named[first], text) for text in texts])
            yield Section(number, rows, overlaps, texts, named[first], weight)


def learnt(found: Sequence[Section], scale: Matrix) -> Matrix:
    """The weights with the greatest expected overlap (Adam)."""
    weights, mean, square = np.zeros(len(FEATURES)), np.zeros(len(FEATURES)), np.zeros(len(FEATURES))
    total = sum(s.weight for s in found)
    for step in range(1, STEPS + 1):
        slope = -2 * PRICE * weights
        for s in found:
            worth = (s.rows / scale) @ weights
            share = np.exp(worth - worth.max())
            share /= share.sum()
            slope += s.weight / total * ((share * (s.overlaps - share @ s.overlaps)) @ (s.rows / scale))
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights = weights + RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def overlap(found: Sequence[Section], weights: Matrix) -> float:
    """The mean overlap of the phrase that is worth most."""
    return float(np.mean([s.overlaps[int(np.argmax(s.rows @ weights))] for s in found])) if found else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn the weights of titles.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", default="development", choices=["all", "development", "test"])
    chosen = parser.parse_args()
    collections = read_folder(chosen.folder, chosen.part)
    titled = [(c, lecture) for c, lectures in collections.items() for lecture in lectures if lecture.has_titles]
    found = [s for n, (c, lec) in enumerate(titled) for s in sections(lec, n, len(collections[c]) ** -0.5)]
    scale = np.std(np.concatenate([s.rows for s in found]), axis=0) + 1e-9
    print(
        f"{len(titled)} lectures, {len(found)} sections; the best phrase of each would overlap by "
        f"{np.mean([s.overlaps.max() for s in found]):.3f}"
    )
    left_out = []
    for fold in range(FOLDS):
        weights = learnt([s for s in found if s.lecture % FOLDS != fold], scale) / scale
        left_out.append(overlap([s for s in found if s.lecture % FOLDS == fold], weights))
    weights = learnt(found, scale) / scale
    print(f"left out: {np.mean(left_out):.3f}; on these themselves: {overlap(found, weights):.3f}")
    for name, weight, size in zip(FEATURES, weights, scale, strict=True):
        print(f"{weight:8.2f}  {weight * size:6.2f}  {name}")


if __name__ == "__main__":
    main()
