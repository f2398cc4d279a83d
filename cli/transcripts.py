"""The transcripts that a command names: files, folders and patterns, each with the name that its outline gets."""

from __future__ import annotations

import glob
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click

from cli.names import printable
from shared.cues import read
from shared.errors import TranscriptRefusedError, TranscriptTooLargeError
from shared.export.archive import unique_name

_SUFFIXES = frozenset({".srt", ".vtt", ".sbv"})
_IN_TRANSCRIPTS = (b'"segments"', b'"events"')
"""What the JSON of Whisper and of YouTube holds. Folders are full of other JSON, exported outlines among it."""

_READ_AT_SIGHT = 2_000_000
"""Bytes: about a third of a second."""


@dataclass(frozen=True)
class TranscriptFile:
    """A file to hand in, the `number`th that was named. `stem` is where its outline goes below an output folder,
    without suffix; `label` is how it is shown: its name, behind as many folders as tell it from the others."""

    number: int
    path: Path
    stem: Path
    label: str

    @cached_property
    def digest(self) -> str:
        """Of place, name and content: what makes two files the same to a rerun."""
        place = f"{self.stem.parent}/{self.name}\0".encode()
        return hashlib.sha256(place + self.path.read_bytes()).hexdigest()

    @property
    def name(self) -> str:
        """The file's name as it can be shown and sent: bytes that are no UTF-8 are replaced."""
        return _sendable(self.path.name)


def transcripts(given: Sequence[Path], but: Path | None = None) -> list[TranscriptFile]:
    """Files as they are named; of folders, the transcripts in them, at any depth, but none below `but`. Each file once.

    Raises UsageError for a name that nothing has, and for a file or folder that cannot be read.
    """
    found = {path.absolute(): (path, below) for path, below in _files(given, but)}
    for path, _ in found.values():
        if not os.access(path, os.R_OK):
            raise click.UsageError(f"{path} cannot be read: you have no permission to.")
    taken: dict[Path, set[str]] = {}
    stems = [_stem(path, below, taken) for path, below in found.values()]
    files = zip(found.values(), stems, _labels(list(found)), strict=True)
    return [TranscriptFile(n, path, stem, label) for n, ((path, _), stem, label) in enumerate(files)]


def refused_at_sight(
    files: Iterable[TranscriptFile], encoding: str | None, most_bytes: int
) -> dict[TranscriptFile, str]:
    """What is wrong with those that no server would take: known at once, where a stack takes seconds to start.

    Beyond a few megabytes of files it is left to the server, which reads them anyway, and on every core.
    """
    refused: dict[TranscriptFile, str] = {}
    read_so_far = 0
    for file in files:
        size = file.path.stat().st_size
        if size > most_bytes:
            refused[file] = str(TranscriptTooLargeError(file.label, most_bytes))
        elif (read_so_far := read_so_far + size) <= _READ_AT_SIGHT:
            try:
                read(file.path.read_bytes(), file.label, encoding)
            except TranscriptRefusedError as error:
                refused[file] = str(error)
    return refused


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


def _labels(paths: Sequence[Path]) -> list[str]:
    """For each path the shortest end of it that no other has."""
    ends = Counter(path.parts[-n:] for path in paths for n in range(1, len(path.parts) + 1))
    shortest = (next(end for n in range(1, len(path.parts) + 1) if ends[end := path.parts[-n:]] == 1) for path in paths)
    return [printable(_sendable(str(Path(*end)))) for end in shortest]


def _sendable(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
