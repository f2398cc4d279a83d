"""The transcripts that a command names: files, folders and patterns, each with the name that its outline gets."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click

from shared.export.archive import unique_name

_SUFFIXES = frozenset({".srt", ".vtt", ".sbv"})
_IN_TRANSCRIPTS = (b'"segments"', b'"events"')
"""What the JSON of Whisper and of YouTube holds. Folders are full of other JSON, exported outlines among it."""


@dataclass(frozen=True)
class TranscriptFile:
    """A file to hand in, the `number`th that was named. `stem` is where its outline goes below an output folder,
    without suffix."""

    number: int
    path: Path
    stem: Path

    @cached_property
    def digest(self) -> str:
        """Of place, name and content: what makes two files the same to a rerun."""
        place = f"{self.stem.parent}/{self.name}\0".encode()
        return hashlib.sha256(place + self.path.read_bytes()).hexdigest()

    @property
    def name(self) -> str:
        """The file's name as it can be shown and sent: bytes that are no UTF-8 are replaced."""
        return self.path.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def transcripts(given: Sequence[Path], but: Path | None = None) -> list[TranscriptFile]:
    """Files as they are named; of folders, the transcripts in them, at any depth, but none below `but`. Each file once.

    Raises UsageError for a name that nothing has, and for a file or folder that cannot be read.
    """
    found = {path.absolute(): (path, below) for path, below in _files(given, but)}
    for path, _ in found.values():
        if not os.access(path, os.R_OK):
            raise click.UsageError(f"{path} cannot be read: you have no permission to.")
    taken: dict[Path, set[str]] = {}
    return [TranscriptFile(n, path, _stem(path, below, taken)) for n, (path, below) in enumerate(found.values())]


def _files(given: Sequence[Path], but: Path | None) -> Iterator[tuple[Path, Path]]:
    """Each file, and the folder below which its outline keeps its place."""
    for path in given:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if _is_transcript(p) and not (but and _below(p, but)))
            if not inside:
                raise click.UsageError(f"{path} holds no transcripts (.srt, .vtt, .sbv, Whisper's .json).")
            yield from ((p, path) for p in inside)
        elif path.exists():
            yield path, path.parent
        elif matching := sorted(map(Path, glob.glob(str(path), recursive=True))):  # noqa: PTH207 - ** and absolute ones
            yield from ((p, p.parent) for p in matching if p.is_file())
        else:
            raise click.UsageError(f"There is no file {path}.")


def _is_transcript(path: Path) -> bool:
    if path.name.startswith(".") or not path.is_file():  # macOS leaves a ._NAME beside every NAME
        return False
    suffix = path.suffix.lower()
    return suffix in _SUFFIXES or (suffix == ".json" and any(mark in path.read_bytes() for mark in _IN_TRANSCRIPTS))


def _below(path: Path, folder: Path) -> bool:
    return path.absolute().is_relative_to(folder.absolute())


def _stem(path: Path, below: Path, taken: dict[Path, set[str]]) -> Path:
    folder = Path(*(unique_name(part, set()) for part in path.parent.relative_to(below).parts))
    return folder / unique_name(path.stem, taken.setdefault(folder, set()))
