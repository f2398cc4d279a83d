"""Title weights: learns what makes a phrase a good title, from the titles that people gave.

    python bench/title_weights.py FOLDER [--part development] [--judged FILE]

For every true section of every lecture, the phrases that could be its title are weighed; the weights are moved so that
those win that share most words with the true title (the expected overlap under a softmax, by gradient, with a price for
leaving the present weights). Prints the weights as worker/model/offline/worth.py holds them, and the overlap on
lectures left out.

FILE holds what a reader thinks of the phrases of any parts: [{"lecture": "nyu-03-lecture", "part": [0, 120],
"whole": [0, 900], "good": ["hidden layers", "affine transformation"]}, ...], the parts as cue positions. A phrase that
is good counts as one that shares every word.
"""

from __future__ import annotations

import argparse
import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from lectures import Chaptered, read_folder
from metrics import title_similarity
from numpy.typing import NDArray

from worker.model.offline.titles import titles_of
from worker.model.offline.worth import FEATURES, WEIGHTS, features

FOLDS, STEPS, RATE, PRICE = 5, 300, 0.05, 0.002
JUDGED = 0.7
"""What judgements weigh beside true titles, which share few words with what is said."""
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Section:
    """The phrases of one true section: their features, and how much each shares with the true title."""

    lecture: int
    rows: Matrix
    overlaps: Matrix
    weight: float


def sections(lecture: Chaptered, number: int, weight: float) -> Iterator[Section]:
    """The true sections that have a title and at least one phrase."""
    starts = [cue.start // 1000 * 1000 for cue in lecture.cues]
    named = {bisect_left(starts, start): title for title, start in lecture.chapters}
    titles = titles_of(lecture.cues, lecture.language)
    for first, stop in pairwise([0, *lecture.boundaries, len(lecture.cues)]):
        found, around = titles.counted((first, stop), (0, len(lecture.cues)))
        if first in named and found:
            rows = np.asarray([features(k, count, around) for k, count in found.items()])
            overlaps = np.asarray([title_similarity(named[first], count.form) for count in found.values()])
            yield Section(number, rows, overlaps, weight)


def judged(file: Path, lectures: dict[str, Chaptered]) -> Iterator[Section]:
    """The parts that a reader judged, of the lectures at hand."""
    for judgement in json.loads(file.read_text("utf-8")):
        if lecture := lectures.get(judgement["lecture"]):
            titles = titles_of(lecture.cues, lecture.language)
            found, around = titles.counted(tuple(judgement["part"]), tuple(judgement["whole"]))
            rows = np.asarray([features(k, count, around) for k, count in found.items()])
            good = np.asarray([float(count.form in judgement["good"]) for count in found.values()])
            yield Section(list(lectures).index(lecture.name), rows, good, 1.0)


def learnt(found: Sequence[Section], scale: Matrix) -> Matrix:
    """The weights with the greatest expected overlap (Adam), from the present ones."""
    present = np.asarray(list(WEIGHTS.values())) * scale
    weights, mean, square = present.copy(), np.zeros(len(FEATURES)), np.zeros(len(FEATURES))
    total = sum(s.weight for s in found)
    for step in range(1, STEPS + 1):
        slope = -2 * PRICE * (weights - present)
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


def told(name: str, found: Sequence[Section], scale: Matrix) -> None:
    """Prints the mean overlap of the best phrases, of the present weights' choice, and of lectures left out."""
    chosen = overlap(found, np.asarray(list(WEIGHTS.values())))
    left_out = []
    for fold in range(FOLDS):
        weights = learnt([s for s in found if s.lecture % FOLDS != fold], scale) / scale
        left_out.append(overlap([s for s in found if s.lecture % FOLDS == fold], weights))
    best = np.mean([s.overlaps.max() for s in found])
    print(f"{name}: {len(found)} parts; best {best:.3f}, present {chosen:.3f}, left out {np.mean(left_out):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn the weights of titles.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", default="development", choices=["all", "development", "test"])
    parser.add_argument("--judged", type=Path, help="what a reader thinks of phrases")
    chosen = parser.parse_args()
    collections = read_folder(chosen.folder, chosen.part)
    lectures = [lecture for found in collections.values() for lecture in found]
    numbers = {lecture.name: n for n, lecture in enumerate(lectures)}
    true = {
        name: [s for lec in of if lec.has_titles for s in sections(lec, numbers[lec.name], len(of) ** -0.5)]
        for name, of in collections.items()
    }
    found = [s for of in true.values() for s in of]
    read = list(judged(chosen.judged, {lecture.name: lecture for lecture in lectures})) if chosen.judged else []
    if read:
        weight = JUDGED / (1 - JUDGED) * sum(s.weight for s in found) / len(read)
        read = [replace(s, weight=weight) for s in read]
    scale = np.std(np.concatenate([s.rows for s in (*found, *read)]), axis=0) + 1e-9
    for name, of in {**true, "judged": read}.items():
        if of:
            told(name, of, scale)
    weights = learnt([*found, *read], scale) / scale
    for name, present, weight in zip(FEATURES, WEIGHTS.values(), weights, strict=True):
        print(f"{present:8.2f} {weight:8.2f}  {name}")


if __name__ == "__main__":
    main()
