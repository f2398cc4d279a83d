"""Quality: outlines of lectures whose chapters are known, measured and set beside the baselines.

    python bench/quality.py FOLDER [--model offline] [--part test] [--note "what was changed"]

FOLDER holds NAME.srt (or any transcript that Kapitola reads) and NAME.chapters.json, which has the shape of an
outline. docs/quality.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from baselines import c99, even_cuts, text_tiling, utiyama_isahara
from lectures import Chaptered, read_folder
from metrics import boundary_f1, interval, pk, title_similarity, window_difference
from outlined import Outlined, outlined
from title_rules import faults

from worker.model.offline.cuts import segment

TOLERANCES = (5, 15, 30)
HISTORY = Path(__file__).parent / "history" / "quality.jsonl"
OURS_ALONE = "offline, cut alone"
Cutter = Callable[[Chaptered, int | None], Sequence[int]]
BASELINES: dict[str, Cutter] = {
    "even cuts": lambda lecture, count: even_cuts(lecture.texts, count),
    "TextTiling": lambda lecture, count: text_tiling(lecture.texts, count),
    "C99": lambda lecture, count: c99(lecture.texts, count),
    "Utiyama–Isahara": lambda lecture, count: utiyama_isahara(lecture.texts, count),
    OURS_ALONE: lambda lecture, count: segment(lecture.cues, lecture.language, count)[1:],
}


GIVEN = ", number given"
BOUNDARY_COLUMNS = ("Pk" + GIVEN, "WD" + GIVEN, "Pk", "WD", *(f"F1 ±{within} s" for within in TOLERANCES))
OUTLINE_COLUMNS = ("sections/h", "depth", "title", "title faults", "grounded", "tokens", "seconds")


@dataclass
class Figures:
    """What one method scored, a value for each lecture under each measure's name."""

    method: str
    scores: dict[str, list[float]] = field(default_factory=dict)

    def add(self, scores: dict[str, float]) -> None:
        for name, score in scores.items():
            self.scores.setdefault(name, []).append(score)

    def mean(self, name: str) -> str:
        if name not in self.scores:
            return ""
        middle, low, high = interval(self.scores[name])
        return f"{middle:.3f} ({low:.2f}–{high:.2f})"


def boundary_scores(lecture: Chaptered, found: Sequence[int], suffix: str = "") -> dict[str, float]:
    """Every boundary measure for one lecture; found boundaries are positions of cues."""
    true, cues = lecture.boundaries, len(lecture.cues)
    seconds = [lecture.cues[at].start / 1000 for at in found]
    scores = {"Pk": pk(true, found, cues), "WD": window_difference(true, found, cues)}
    for within in TOLERANCES:
        scores[f"F1 ±{within} s"] = boundary_f1([lecture.cues[at].start / 1000 for at in true], seconds, within)
    return {f"{name}{suffix}": score for name, score in scores.items()}


def outline_scores(lecture: Chaptered, outline: Outlined) -> dict[str, float]:
    """Every measure of a whole outline."""
    position = {cue.start: at for at, cue in reversed(list(enumerate(lecture.cues)))}
    found = sorted({position[section.start] for section in outline.sections} - {0})
    titled = {"title": _title_score(lecture, outline)} if lecture.has_titles else {}
    return (
        boundary_scores(lecture, found)
        | titled
        | {
            "sections/h": len(outline.sections) / lecture.hours,
            "depth": float(outline.depth),
            "title faults": float(sum(1 for _ in faults(outline.sections, lecture.texts, lecture.language))),
            "grounded": outline.grounded_share,
            "tokens": float(outline.tokens),
            "seconds": outline.seconds,
        }
    )


def _title_score(lecture: Chaptered, outline: Outlined) -> float:
    """The mean similarity of each true title to the title of the section, at any level, that begins nearest to it."""
    every = outline.every
    best = [
        title_similarity(title, min(every, key=lambda section: abs(section.start - start)).title)
        for title, start in lecture.chapters
    ]
    return sum(best) / len(best)


def measure(lectures: Sequence[Chaptered], model: str, detail: str, whole: bool) -> list[Figures]:
    """The model's figures first, then each baseline's."""
    ours = Figures(f"{model}, {'one prompt a lecture' if whole else 'whole pipeline'}, {detail}")
    for lecture in lectures:
        outline = asyncio.run(outlined(lecture, model, detail, whole))
        scores = outline_scores(lecture, outline)
        ours.add(scores)
        print(f"  {lecture.name[:48]:48}", " ".join(f"{k} {v:.2f}" for k, v in scores.items()), file=sys.stderr)
    return [ours, *(_baseline(name, cutter, lectures) for name, cutter in BASELINES.items())]


def _baseline(name: str, cutter: Cutter, lectures: Sequence[Chaptered]) -> Figures:
    figures = Figures(name)
    for lecture in lectures:
        began = time.process_time()
        given = cutter(lecture, len(lecture.boundaries) + 1)
        figures.add({"seconds": time.process_time() - began})
        figures.add(boundary_scores(lecture, given, GIVEN) | boundary_scores(lecture, cutter(lecture, None)))
    return figures


def table(figures: Sequence[Figures], columns: Sequence[str]) -> str:
    """Markdown: a row for each method that has any of the columns; means, and the intervals of the means."""
    head = ["| method | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    rows = [f"| {f.method} | " + " | ".join(map(f.mean, columns)) + " |" for f in figures if columns[0] in f.scores]
    return "\n".join([*head, *rows])


def remember(figures: Sequence[Figures], collection: str, note: str) -> str:
    """Adds the model's means to the history, and says how they differ from the last of the same collection."""
    alone = next(f for f in figures if f.method == OURS_ALONE)
    kept = {**figures[0].scores, **{name: alone.scores[name] for name in BOUNDARY_COLUMNS[:2]}}
    means = {name: round(sum(values) / len(values), 4) for name, values in kept.items() if name != "seconds"}
    entry: dict[str, Any] = {"commit": _commit(), "note": note, "method": figures[0].method}
    entry |= {"collection": collection, "lectures": len(kept["Pk"]), "means": means}
    lines = HISTORY.read_text("utf-8").splitlines() if HISTORY.exists() else []
    same = ("method", "collection", "lectures")
    before = next((e for e in map(json.loads, reversed(lines)) if all(e[k] == entry[k] for k in same)), None)
    HISTORY.parent.mkdir(exist_ok=True)
    HISTORY.write_text("\n".join([*lines, json.dumps(entry, ensure_ascii=False)]) + "\n", "utf-8")
    if before is None:
        return "no earlier run of these"
    changes = (f"{k} {means[k] - before['means'][k]:+.3f}" for k in means if k in before["means"])
    return f"since {before['commit']} ({before['note']}): " + ", ".join(changes)


def _commit() -> str:
    git = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(git, capture_output=True, text=True, check=True, cwd=HISTORY.parent.parent).stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure outlines against chapters that people set.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="offline", help="offline, or a model's name at OPENAI_BASE_URL")
    parser.add_argument("--detail", default="normal", choices=["brief", "normal", "fine"])
    parser.add_argument("--whole", action="store_true", help="one prompt over the whole lecture, without chunks")
    parser.add_argument(
        "--part", default="all", choices=["all", "development", "test"], help="docs/quality.md: the split"
    )
    parser.add_argument("--note", default="", help="what was changed; a run with a note goes into the history")
    parser.add_argument("--json", type=Path, help="write every lecture's figures to this file")
    chosen = parser.parse_args()
    collections = read_folder(chosen.folder, chosen.part)
    if not collections:
        sys.exit(f"{chosen.folder} has no NAME.srt with a NAME.chapters.json beside it.")
    everything = {}
    for collection, lectures in collections.items():
        figures = measure(lectures, chosen.model, chosen.detail, chosen.whole)
        everything[collection] = [asdict(f) for f in figures]
        print(f"\n## {collection}: {len(lectures)} lectures ({chosen.part})\n\n{table(figures, BOUNDARY_COLUMNS)}")
        print(f"\n{table(figures[:1], OUTLINE_COLUMNS)}")
        if chosen.note:
            print(f"\n{remember(figures, f'{collection}, {chosen.part}', chosen.note)}")
    if chosen.json:
        chosen.json.write_text(json.dumps(everything, indent=1), "utf-8")


if __name__ == "__main__":
    main()
