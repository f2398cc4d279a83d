"""Cue and Cues: what a transcript consists of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """One subtitle. `number` is the one the file gives it (counted where it gives none);
    `start` and `end` are integer milliseconds; `text` is one line of plain text, never empty.

    In a transcript numbers strictly grow, starts never fall, and no end is before its start."""

    number: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mending:
    """One kind of thing that was mended while the file was read: its name, how often, and where first."""

    name: str
    count: int
    line: int | None
    """The first line of the file where it was needed, from 1; None where it concerns the whole file."""


@dataclass(frozen=True, slots=True)
class Cues:
    """A transcript that has been read: its cues by start time, and what had to be mended to read them."""

    cues: tuple[Cue, ...]
    format: str
    """"srt", "vtt", "sbv", "whisper" or "json3"."""
    encoding: str
    mendings: tuple[Mending, ...] = ()
