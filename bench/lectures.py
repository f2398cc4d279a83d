"""Lectures with known chapters: a folder of NAME.srt (or .vtt, .sbv) and NAME.chapters.json."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from shared.cues import Cue, read
from worker.language import detect

ENDINGS = (".srt", ".vtt", ".sbv")

COLLECTIONS = ("mit-ai", "mit-physics-manual", "mit-physics-asr", "nyu", "tinyrec", "dtc")
"""Names that begin alike are of one kind, and reported together; all others are one collection, "own"."""


@dataclass(frozen=True)
class Chaptered:
    """A lecture and the chapters that a person gave it."""

    name: str
    cues: tuple[Cue, ...]
    chapters: tuple[tuple[str, int], ...]
    """Title and start in ms of each top-level chapter."""
    language: str

    @property
    def texts(self) -> list[str]:
        return [cue.text for cue in self.cues]

    @property
    def boundaries(self) -> list[int]:
        """The positions of the cues at which chapters begin, without the first cue."""
        starts = [cue.start // 1000 * 1000 for cue in self.cues]
        return sorted({bisect_left(starts, start) for _, start in self.chapters} - {0, len(self.cues)})

    @property
    def has_titles(self) -> bool:
        """Whether a person named the chapters; where nobody did, they are called "Section 1" and so on."""
        return any(not re.fullmatch(r"Section \d+", title) for title, _ in self.chapters)

    @property
    def hours(self) -> float:
        return (self.cues[-1].end - self.cues[0].start) / 3_600_000


def read_folder(folder: Path, part: str) -> dict[str, list[Chaptered]]:
    """The lectures of each collection, in order of names; `part` is "all", "development" or "test"."""
    found: dict[str, list[Chaptered]] = {}
    for chapters in sorted(folder.glob("*.chapters.json")):
        name = chapters.name.removesuffix(".chapters.json")
        collection = next((c for c in COLLECTIONS if name.startswith(c)), "own")
        found.setdefault(collection, []).append(_read(chapters))
    return {c: chosen for c, lectures in found.items() if (chosen := list(_part(lectures, part)))}


def read_unchaptered(folder: Path) -> list[Chaptered]:
    """The transcripts of a folder that nobody gave chapters."""
    files = sorted(f for f in folder.iterdir() if f.suffix in ENDINGS and not f.with_suffix(".chapters.json").exists())
    found = [(file.stem, read(file.read_bytes(), file.name).cues) for file in files]
    return [Chaptered(name, cues, (), detect(cues)) for name, cues in found]


def _part(lectures: list[Chaptered], part: str) -> Iterator[Chaptered]:
    """Every second lecture, by name, is a test lecture: 1st, 3rd, 5th for development, 2nd, 4th, 6th for the test."""
    for number, lecture in enumerate(lectures):
        if part == "all" or (part == "test") == bool(number % 2):
            yield lecture


def _read(chapters: Path) -> Chaptered:
    name = chapters.name.removesuffix(".chapters.json")
    transcript = next((f for ending in ENDINGS if (f := chapters.with_name(name + ending)).exists()), None)
    if transcript is None:
        raise SystemExit(f"{chapters} has no transcript beside it: {name} with one of {', '.join(ENDINGS)}.")
    cues = read(transcript.read_bytes(), transcript.name).cues
    titled = tuple((c["title"], _milliseconds(c["start_time"])) for c in json.loads(chapters.read_text("utf-8")))
    return Chaptered(name, cues, titled, detect(cues))


def _milliseconds(clock: str) -> int:
    hours, minutes, seconds = (int(part) for part in clock.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000
