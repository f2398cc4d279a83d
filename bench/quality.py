"""Quality: outlines of lectures whose chapters are known, measured and set beside the baselines.

    python bench/quality.py FOLDER [--model offline] [--part test] [--ways current whole] [--note "what was changed"]

FOLDER holds NAME.srt (or any transcript that Kapitola reads) and NAME.chapters.json, which has the shape of an
outline. docs/quality.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from baselines import c99, even_cuts, text_tiling
from dynamic import bayesian, divisive, utiyama_isahara
from lectures import Chaptered, read_folder
from metrics import boundary_f1, interval, pk, title_similarity, window_difference
from outlined import OFFLINE, Outlined, asking, outlined
from published import rows
from quality_history import remember
from title_rules import faults
from variants import Variant, variant, variants

from worker.exchange import Ask
from worker.model.offline.cuts import cut, ground, segment

TOLERANCES = (5, 15, 30)
OURS_ALONE = "offline, cut alone"
Cutter = Callable[[Chaptered, int | None], Sequence[int]]
BASELINES: dict[str, Cutter] = {
    "even cuts": lambda lecture, count: even_cuts(lecture.texts, count),
    "TextTiling": lambda lecture, count: text_tiling(lecture.texts, count),
    "C99": lambda lecture, count: c99(lecture.texts, count),
    "Utiyama–Isahara": lambda lecture, count: utiyama_isahara(lecture.texts, count),
    "the same, divisive": lambda lecture, count: divisive(lecture.texts, count),
    "Bayesian": lambda lecture, count: bayesian(lecture.texts, count),
    OURS_ALONE: lambda lecture, count: segment(lecture.cues, lecture.language, count)[1:],
}


GIVEN = ", number given"
BOUNDARY_COLUMNS = ("Pk" + GIVEN, "WD" + GIVEN, "Pk", "WD", *(f"F1 ±{within} s" for within in TOLERANCES))
OUTLINE_COLUMNS = (
    "sections/h",
    "depth",
    "title",
    "title faults",
    "grounded",
    "calls",
    "tokens in",
    "tokens out",
    "US$",
    "seconds",
)


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
        if middle >= 100:  # tokens
            return f"{middle:,.0f} ({low:,.0f}–{high:,.0f})"
        return f"{middle:.3f} ({low:.2f}–{high:.2f})"


def boundary_scores(lecture: Chaptered, found: Sequence[int], suffix: str = "") -> dict[str, float]:
    """Every boundary measure for one lecture; found boundaries are positions of cues."""
    true, cues = lecture.boundaries, len(lecture.cues)
    seconds = [lecture.cues[at].start / 1000 for at in found]
    scores = {"Pk": pk(true, found, cues), "WD": window_difference(true, found, cues)}
    for within in TOLERANCES:
        scores[f"F1 ±{within} s"] = boundary_f1([lecture.cues[at].start / 1000 for at in true], seconds, within)
    return {f"{name}{suffix}": score for name, score in scores.items()}


def outline_scores(lecture: Chaptered, outline: Outlined, extracted: bool) -> dict[str, float]:
    """Every measure of a whole outline; `extracted`: its titles are made of the lecture's own words."""
    position = {cue.start: at for at, cue in reversed(list(enumerate(lecture.cues)))}
    found = sorted({position[section.start] for section in outline.sections} - {0})
    every = sorted({position[section.start] for section in outline.every} - {0})
    titled = {"title": _title_score(lecture, outline)} if lecture.has_titles else {}
    paid = {"US$": outline.cost} if outline.cost is not None else {}
    return (
        boundary_scores(lecture, found)
        | boundary_scores(lecture, of_number(lecture, every), GIVEN)
        | titled
        | paid
        | {
            "sections/h": len(outline.sections) / lecture.hours,
            "depth": float(outline.depth),
            "title faults": float(
                sum(1 for _ in faults(outline.sections, lecture.texts if extracted else (), lecture.language))
            ),
            "grounded": outline.grounded_share,
            "calls": float(outline.calls),
            "tokens in": float(outline.tokens_in),
            "tokens out": float(outline.tokens_out),
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


def of_number(lecture: Chaptered, every: Sequence[int]) -> list[int]:
    """As many of an outline's starts, at any level, as there are true boundaries: those that part the lecture best.

    Nobody can tell a model how many sections to make and be sure of it, so its number is mended afterwards."""
    land = ground(lecture.cues, lecture.language)
    units = {land.unit(at): at for at in reversed(every)}
    units.pop(0, None)
    return [units[unit] for unit in cut(land, len(lecture.boundaries) + 1, allowed=units)[1:]]


async def measure(lectures: Sequence[Chaptered], ask: Ask, model: str, ways: Sequence[Variant]) -> list[Figures]:
    """The model's figures, for each way to ask it."""
    found = []
    for way in ways:
        figures = Figures(f"{model}, {way.what}")
        for lecture in lectures:
            outline = await outlined(lecture, ask, way)
            if outline:
                scores = outline_scores(lecture, outline, model == OFFLINE)
                figures.add(scores)
                print(f"  {lecture.name[:48]:48}", " ".join(f"{k} {v:.2f}" for k, v in scores.items()), file=sys.stderr)
        found += [figures] if figures.scores else []
    return found


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
    most = max(len(f.scores["Pk"]) for f in figures)
    head = ["| method | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    return "\n".join([*head, *(_row(f, columns, most) for f in figures if columns[0] in f.scores)])


def _row(figures: Figures, columns: Sequence[str], most: int) -> str:
    """A method that was left without some of the lectures says of how many it speaks."""
    count = len(figures.scores["Pk"])
    name = figures.method + (f" ({count} of {most})" if count < most else "")
    return f"| {name} | " + " | ".join(map(figures.mean, columns)) + " |"


def together(collections: Iterable[Sequence[Figures]]) -> list[Figures]:
    """Every method's figures over the lectures of all collections."""
    whole: dict[str, Figures] = {}
    for figures in collections:
        for part in figures:
            for name, scores in part.scores.items():
                whole.setdefault(part.method, Figures(part.method)).scores.setdefault(name, []).extend(scores)
    return list(whole.values())


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure outlines against chapters that people set.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default=OFFLINE, help="offline, or a model's name at OPENAI_BASE_URL")
    parser.add_argument("--ways", nargs="*", help="files of bench/prompts/, or all; users get `current`")
    parser.add_argument("--no-baselines", action="store_true", help="only the model")
    parser.add_argument(
        "--part", default="all", choices=["all", "development", "test"], help="docs/quality.md: the split"
    )
    parser.add_argument("--note", default="", help="what was changed; a run with a note goes into the history")
    parser.add_argument("--json", type=Path, help="write every lecture's figures to this file")
    parser.add_argument("--record", type=Path, help="keep the model's replies in this file")
    parser.add_argument("--replay", type=Path, help="take the replies from this file instead of a model")
    asyncio.run(_run(parser.parse_args()))


async def _run(chosen: argparse.Namespace) -> None:
    collections = read_folder(chosen.folder, chosen.part)
    if not collections:
        sys.exit(f"{chosen.folder} has no NAME.srt with a NAME.chapters.json beside it.")
    # The offline model reads no rules, so another version of them changes nothing.
    usual = ["current", "whole"] if chosen.model == OFFLINE else ["current", "whole", "rules-first"]
    ways = list(variants()) if chosen.ways == ["all"] else [variant(name) for name in chosen.ways or usual]
    everything: dict[str, list[Figures]] = {}
    async with asking(chosen.model, chosen.record, chosen.replay) as ask:
        for collection, lectures in collections.items():
            ours = await measure(lectures, ask, chosen.model, ways)
            baselines = {} if chosen.no_baselines else BASELINES
            figures = [*ours, *(_baseline(name, cutter, lectures) for name, cutter in baselines.items())]
            everything[collection] = figures
            reported = rows(collection, BOUNDARY_COLUMNS)
            _tell(f"{collection}: {len(lectures)} lectures ({chosen.part})", figures, reported)
            if chosen.note:
                kept = ours[0].scores | {f"cut alone, {name}": s for f in figures for name, s in _given(f).items()}
                print(f"\n{remember(ours[0].method, f'{collection}, {chosen.part}', chosen.note, kept)}")
    if len(everything) > 1:
        _tell(f"all collections ({chosen.part})", together(everything.values()))
    if chosen.json:
        told = {collection: [asdict(f) for f in figures] for collection, figures in everything.items()}
        chosen.json.write_text(json.dumps(told, indent=1), "utf-8")


def _given(figures: Figures) -> dict[str, list[float]]:
    """What the offline model's cut alone scored with the number given; nothing for the other methods."""
    return {name: figures.scores[name] for name in BOUNDARY_COLUMNS[:2] if figures.method == OURS_ALONE}


def _tell(title: str, figures: Sequence[Figures], reported: Sequence[str] = ()) -> None:
    outlines = [f for f in figures if OUTLINE_COLUMNS[0] in f.scores]
    boundaries = "\n".join([table(figures, BOUNDARY_COLUMNS), *reported])
    print(f"\n## {title}\n\n{boundaries}\n\n{table(outlines, OUTLINE_COLUMNS)}", flush=True)


if __name__ == "__main__":
    main()
