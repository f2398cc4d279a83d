"""Quality history: what every change did to the figures, from bench/history/quality.jsonl.

    python bench/quality_history.py [--collection dtc]

`make bench-quality NOTE="what was changed"` adds a line for each collection.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

HISTORY = Path(__file__).parent / "history" / "quality.jsonl"
SHOWN = ("Pk", "WD", "F1 ±15 s", "title", "title faults", "cut alone, Pk, number given")
_SAME = ("method", "collection", "lectures")
Entry = dict[str, Any]


def remember(method: str, collection: str, note: str, scores: Mapping[str, Sequence[float]]) -> str:
    """Adds the means of a run to the history, and says how they differ from the last run of the same."""
    means = {name: round(sum(values) / len(values), 4) for name, values in scores.items() if name != "seconds"}
    entry: Entry = {"commit": _commit(), "note": note, "method": method, "collection": collection}
    entry |= {"lectures": len(scores["Pk"]), "means": means}
    entries = read()
    before = next((e for e in reversed(entries) if _kind(e) == _kind(entry)), None)
    HISTORY.parent.mkdir(exist_ok=True)
    HISTORY.write_text("".join(json.dumps(e, ensure_ascii=False) + "\n" for e in [*entries, entry]), "utf-8")
    return f"since {before['commit']} ({before['note']}): {change(before, entry)}" if before else "the first of these"


def read() -> list[Entry]:
    """The entries in the order in which they were made."""
    return [json.loads(line) for line in HISTORY.read_text("utf-8").splitlines()] if HISTORY.exists() else []


def change(before: Entry, after: Entry) -> str:
    """How the means of two entries differ, those that do."""
    old, new = before["means"], after["means"]
    moved = [
        f"{name} {new[name] - old[name]:+.3f}" for name in new if abs(new[name] - old.get(name, new[name])) >= 5e-4
    ]
    return ", ".join(moved) or "nothing"


def _kind(entry: Entry) -> tuple[Any, ...]:
    return tuple(entry[name] for name in _SAME)


def _commit() -> str:
    """What was measured; the history itself, which each collection adds to, does not make it dirty."""
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":/", ":!history")
    return _git("rev-parse", "--short", "HEAD") + ("-dirty" if changed else "")


def _git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], capture_output=True, text=True, check=True, cwd=Path(__file__).parent
    ).stdout.strip()


def main() -> None:
    parser = argparse.ArgumentParser(description="What every change did to the figures.")
    parser.add_argument("--collection", default="", help="only collections whose name begins so")
    chosen = parser.parse_args()
    kinds: dict[tuple[Any, ...], list[Entry]] = {}
    for entry in read():
        if entry["collection"].startswith(chosen.collection):
            kinds.setdefault(_kind(entry), []).append(entry)
    for (method, collection, lectures), entries in kinds.items():
        first = entries[0]
        told = ", ".join(f"{name} {first['means'][name]:.3f}" for name in SHOWN if name in first["means"])
        print(f"\n{collection}, {lectures} lectures, {method}\n  {first['commit']} {first['note']}: {told}")
        for before, after in pairwise(entries):
            print(f"  {after['commit']} {after['note']}: {change(before, after)}")


if __name__ == "__main__":
    main()
