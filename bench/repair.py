"""How well broken replies are read: ours beside the parsers that people use, on replies whose truth is known.

For all of them alike reasoning and fences are taken off before, and keys, times and wrappers are understood by our
own reading of values (`worker/repair/sections.py`): what is compared is the parsing.
exact: the outline as it was meant. partial: less than that, and nothing else. wrong: a section that was not meant, or
one in another place: worse than none. failed: no section. Times are of the processor: a busy machine counts less.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import json_repair
import more_replies  # noqa: F401 (its families are kept when it is imported)
import pydantic_core
from hostile import hostile
from replies import FAMILIES, Case, cases
from reply_forms import Node

from worker.repair import GivenSection, repair
from worker.repair.sections import sections_in
from worker.repair.titles import clean

ROOT = Path(__file__).parents[1]
FAST = ROOT / ".bench" / "fast-json-repair"
FIELDS = {"title": {"type": "string"}, "start_time": {"type": "string"}, "subsections": {"$ref": "#/$defs/level"}}
SECTION = {"type": "object", "required": list(FIELDS), "properties": FIELDS}
SHAPE = {"$ref": "#/$defs/level", "$defs": {"level": {"type": "array", "items": SECTION}}}
QUOTES = str.maketrans(dict.fromkeys('"“”„‟‘’`«»', "'"))
VERDICTS = ("exact", "partial", "wrong", "failed")
STOPPED_AFTER_S = 8
"""A reader that takes longer for one hostile text is interrupted, and not tried on the others."""

Read = Callable[[str], Sequence[GivenSection]]
Placed = list[tuple[int, str, int | None]]


@dataclass
class Score:
    verdicts: Counter[str] = field(default_factory=Counter)
    families: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ms: list[float] = field(default_factory=list)


class TooLongError(BaseException):
    """Raised by the alarm; no parser catches it as an error of its own."""


def values_read(parse: Callable[[str], Any]) -> Read:
    """A parser of values as a reader of sections; what it raises is a failure."""

    def read(text: str) -> Sequence[GivenSection]:
        try:
            return sections_in(parse(precleaned(text)))
        except (ValueError, TypeError, RecursionError, KeyError, IndexError, AttributeError, AssertionError):
            return ()

    return read


def precleaned(text: str) -> str:
    """Without reasoning, and of fenced text only what is in the last fence that holds JSON."""
    text = text.rpartition("</think>")[2].rpartition("</reasoning>")[2].strip("\ufeff")
    blocks = re.findall(r"(?:```|~~~)\w*\s?(.*?)(?:```|~~~|\Z)", text, re.DOTALL)
    fenced = [block for block in blocks if "[" in block or "{" in block]
    return fenced[-1] if fenced else text


def readers() -> dict[str, Read]:
    """Every parser by its name, ours first."""
    found: dict[str, Read] = {
        "ours": lambda text: repair(text).sections,
        "json-repair, stream-stable": values_read(
            lambda t: json_repair.repair_json(t, return_objects=True, stream_stable=True)
        ),
        "json-repair": values_read(lambda t: json_repair.repair_json(t, return_objects=True)),
        "json-repair, schema": values_read(lambda t: json_repair.repair_json(t, return_objects=True, schema=SHAPE)),
        "pydantic_core (jiter), partial": values_read(lambda t: pydantic_core.from_json(t, allow_partial=True)),
        "json.loads": values_read(json.loads),
    }
    if fast := fast_json_repair():
        found["fast-json-repair"] = values_read(lambda t: json.loads(fast.repair_json(t)))
    return found


def fast_json_repair() -> Any:
    """The parser in Rust, which is no dependency of ours; None where it cannot be installed."""
    if not FAST.exists():
        command = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        made = subprocess.run([*command, "--target", str(FAST), "fast-json-repair"], check=False, capture_output=True)
        if made.returncode:
            print("fast-json-repair could not be installed, and is left out.", file=sys.stderr)
            return None
    sys.path.append(str(FAST))
    return importlib.import_module("fast_json_repair")


def meant(nodes: Iterable[Node], depth: int = 0) -> Iterator[tuple[int, str, int | None]]:
    for node in nodes:
        yield depth, node.title, node.start
        yield from meant(node.below, depth + 1)


def given(sections: Iterable[GivenSection], depth: int = 0) -> Iterator[tuple[int, str, int | None]]:
    for section in sections:
        yield depth, section.title, None if section.start is None else section.start // 1000
        yield from given(section.subsections, depth + 1)


def told(rows: Iterable[tuple[int, str, int | None]], quotes_differ: bool) -> Placed:
    return [(depth, clean(title).translate(QUOTES if quotes_differ else {}), start) for depth, title, start in rows]


def verdict(truth: Placed, got: Placed) -> str:
    if truth == got:
        return "exact"
    if not got:
        return "failed"
    if Counter((title, start) for _, title, start in got) - Counter((title, start) for _, title, start in truth):
        return "wrong"
    moved = set(lineage(got)) - set(lineage(truth))
    return "wrong" if moved or len(got) == len(truth) else "partial"


def lineage(rows: Placed) -> Iterator[tuple[Any, Any]]:
    """Every section with each of those around it."""
    above: list[tuple[str, int | None]] = []
    for depth, title, start in rows:
        del above[depth:]
        yield from (((title, start), ancestor) for ancestor in above[-20:])
        above.append((title, start))


def scored(read: Read, corpus: Sequence[Case]) -> Score:
    score = Score()
    for case in corpus:
        begun = time.process_time()
        sections = read(case.text)
        score.ms.append((time.process_time() - begun) * 1000)
        found = verdict(told(meant(case.truth), case.quotes_differ), told(given(sections), case.quotes_differ))
        score.verdicts[found] += 1
        score.families[case.family][found] += 1
    return score


def worst_hostile(read: Read, size: int) -> tuple[float, str]:
    """The most milliseconds for 10 kB of the hostile texts, and which text it was; infinite if it went on."""
    worst = (0.0, "")
    signal.signal(signal.SIGALRM, _raise_too_long)
    for name, text in hostile(size).items():
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_REAL, STOPPED_AFTER_S)
        try:
            read(text)
            ms = (time.process_time() - begun) * 1000
        except TooLongError:
            ms = float("inf")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        worst = max(worst, (ms / (len(text) / 10_000), name))
        if ms == float("inf"):
            break
    return worst


def _raise_too_long(_signal: int, _frame: object) -> None:
    raise TooLongError


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--each", type=int, default=4, help="replies of every family")
    options.add_argument("--families", action="store_true", help="tell every family in which ours is not always exact")
    options.add_argument("--hostile-kb", type=int, default=200)
    asked = options.parse_args()
    corpus = cases(asked.seed, asked.each)
    print(f"{len(corpus)} broken replies in {len(FAMILIES)} families, seed {asked.seed}.\n")
    columns = (
        "parser",
        *(f"{v} %" for v in VERDICTS),
        "median ms",
        "worst ms",
        f"hostile ({asked.hostile_kb} kB): ms per 10 kB",
    )
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    scores: dict[str, Score] = {}
    for name, read in readers().items():
        scores[name] = score = scored(read, corpus)
        shares = [f"{100 * score.verdicts[v] / len(corpus):.1f}" for v in VERDICTS]
        times = [f"{statistics.median(score.ms):.2f}", f"{max(score.ms):.0f}"]
        print(f"| {' | '.join([name, *shares, *times, hostile_cell(read, asked.hostile_kb)])} |", flush=True)
    if asked.families:
        print_families(scores)


def hostile_cell(read: Read, size_kb: int) -> str:
    worst, text = worst_hostile(read, size_kb * 1000)
    if worst < float("inf"):
        return f"{worst:.0f} ({text})"
    return f"over {STOPPED_AFTER_S * 10_000 / size_kb:.0f}: stopped ({text})"


def print_families(scores: dict[str, Score]) -> None:
    print(f"\n| family | {' | '.join(scores)} |\n| --- |{' --- |' * len(scores)}")
    for name in FAMILIES:
        cells = [score.families[name] for score in scores.values()]
        print(f"| {name} | {' | '.join(', '.join(f'{v} {n}' for v, n in cell.most_common()) for cell in cells)} |")


if __name__ == "__main__":
    main()
