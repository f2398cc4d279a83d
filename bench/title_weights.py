"""Title weights: learns what makes a phrase a good title, from what readers think of phrases and from people's titles.

    python bench/title_weights.py FOLDER [--part development] [--judged FILE]

For every part that was judged, and every true section, all phrases that could be its title are weighed; the weights are
moved so that good phrases are worth more than the others (the cross entropy of a softmax over the phrases against their
grades, with a price for weights). Prints the weights as worker/model/offline/worth.py holds them, and how good the
phrase is that is worth most, on lectures left out.

FILE holds what a reader thinks of the phrases of any parts: [{"lecture": "nyu-03-lecture", "part": [0, 120],
"good": ["hidden layers"], "fair": ["affine transformation"]}, ...], the parts as cue positions. All phrases that are
neither count as bad. A phrase of a true section is as good as the share of its words in the true title.
"""

from __future__ import annotations

import argparse
import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from lectures import Chaptered, read_folder, read_unchaptered
from metrics import title_similarity
from numpy.typing import NDArray

from worker.model.offline.titles import titles_of
from worker.model.offline.worth import FEATURES, WEIGHTS, features

FAIR = 0.4
FOLDS, STEPS, RATE, PRICE = 6, 300, 0.05, 0.03
SHARPNESS = 1.5
"""The power of a grade that its phrase has to be worth."""
TRUE = 0.2
"""What the true titles weigh in all, of every collection the same, beside the judgements: they share few words with
what is said."""
SIZE = 6.0
"""How large the weights are written: so that those of the surest signs have one digit before the point."""
EXAMPLES = Path(__file__).parents[1] / "examples"
Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Weighed:
    """The phrases of one part: their features, and how good a title each would be."""

    lecture: str
    rows: Matrix
    grades: Matrix


def sections(lecture: Chaptered) -> Iterator[Weighed]:
    """The true sections that have a title and at least one phrase."""
    starts = [cue.start // 1000 * 1000 for cue in lecture.cues]
    named = {bisect_left(starts, start): title for title, start in lecture.chapters}
    for first, stop in pairwise([0, *lecture.boundaries, len(lecture.cues)]):
        if title := named.get(first):
            yield from weighed(lecture, first, stop, partial(title_similarity, title))


def judged(file: Path, lectures: Sequence[Chaptered]) -> Iterator[Weighed]:
    """The parts that a reader judged, of the lectures at hand."""
    by_name = {lecture.name: lecture for lecture in lectures}
    for judgement in json.loads(file.read_text("utf-8")):
        if lecture := by_name.get(judgement["lecture"]):
            grades = {**dict.fromkeys(judgement["fair"], FAIR), **dict.fromkeys(judgement["good"], 1.0)}
            yield from weighed(lecture, *judgement["part"], lambda form, of=grades: of.get(form, 0.0))


def weighed(lecture: Chaptered, first: int, stop: int, grade: Callable[[str], float]) -> Iterator[Weighed]:
    """The phrases of one part, if it has any."""
    found, around = titles_of(lecture.cues, lecture.language).counted(first, stop)
    if found:
        rows = np.asarray([features(k, count, around) for k, count in found.items()])
        yield Weighed(lecture.name, rows, np.asarray([grade(count.form) for count in found.values()]))


def learnt(found: Sequence[tuple[Weighed, float]], scale: Matrix) -> Matrix:
    """The weights by which good phrases win (Adam), from parts and what each of them weighs."""
    parts = [(part.rows / scale, part.grades**SHARPNESS, weight) for part, weight in found if part.grades.any()]
    total = sum(weight for *_, weight in parts)
    weights, mean, square = np.zeros(len(FEATURES)), np.zeros(len(FEATURES)), np.zeros(len(FEATURES))
    for step in range(1, STEPS + 1):
        slope = -2 * PRICE * weights
        for rows, wanted, weight in parts:
            worth = rows @ weights
            share = np.exp(worth - worth.max())
            slope += weight / total * ((wanted / wanted.sum() - share / share.sum()) @ rows)
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights = weights + RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights / scale


def best(found: Sequence[Weighed], weights: Matrix) -> Matrix:
    """How good the phrase is, in each part, that is worth most."""
    return np.asarray([part.grades[int(np.argmax(part.rows @ weights))] for part in found])


def told(name: str, grades: Matrix) -> None:
    print(f"  {name}: mean {grades.mean():.3f}, good {np.mean(grades == 1):.3f}, nothing {np.mean(grades == 0):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn the weights of titles.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--part", default="development", choices=["all", "development", "test"])
    parser.add_argument("--judged", type=Path, help="what a reader thinks of phrases")
    chosen = parser.parse_args()
    collections = read_folder(chosen.folder, chosen.part)
    groups = {
        name: [part for lecture in of if lecture.has_titles for part in sections(lecture)]
        for name, of in collections.items()
    }
    lectures = [lecture for of in collections.values() for lecture in of]
    read = list(judged(chosen.judged, [*lectures, *read_unchaptered(EXAMPLES)])) if chosen.judged else []
    groups = {name: parts for name, parts in {**groups, "judged": read}.items() if parts}
    share = TRUE / max(1, len(groups) - bool(read)) if read else 1.0
    found = [(p, (1.0 if n == "judged" else share) / len(of)) for n, of in groups.items() for p in of]
    scale = np.std(np.concatenate([part.rows for part, _ in found]), axis=0) + 1e-9
    names = sorted({part.lecture for part, _ in found})
    left_out = {
        fold: learnt([(p, w) for p, w in found if names.index(p.lecture) % FOLDS != fold], scale)
        for fold in range(FOLDS)
    }
    for name, parts in groups.items():
        print(f"{name}: {len(parts)} parts")
        told("best of all phrases", np.asarray([part.grades.max() for part in parts]))
        told("present weights", best(parts, np.asarray(list(WEIGHTS.values()))))
        told("lectures left out", np.concatenate([best([p], left_out[names.index(p.lecture) % FOLDS]) for p in parts]))
    for name, present, weight in zip(FEATURES, WEIGHTS.values(), SIZE * learnt(found, scale), strict=True):
        print(f"{present:8.2f} {weight:8.2f}  {name}")


if __name__ == "__main__":
    main()
