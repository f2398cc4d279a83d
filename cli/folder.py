"""The output folder: outlines as files, and a note of which lecture each file is, so that a rerun goes on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from cli.target import written
from cli.transcripts import TranscriptFile
from shared.export import FORMATS

_NOTES = ".kapitola.json"


class OutlineFolder:
    """Files named for their lectures. A file is there whole or not at all, and one that is there is never replaced
    unless its transcript, or what was wanted of it, has changed: it may have been corrected by hand.

    `.kapitola.json` maps the mark of a file and a wish to {"stem", "lecture", "batch", "server", "complete"}.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._notes: dict[str, dict[str, Any]] = self._read_notes()

    def has(self, mark: str, formats: Iterable[str]) -> bool:
        """Whether the outline is here, complete and in all these formats."""
        note = self._notes.get(mark)
        return bool(note and note["complete"] and all(self._file(note["stem"], f).exists() for f in formats))

    def lecture(self, mark: str, server: str) -> tuple[str, str] | None:
        """The batch and the lecture that an earlier run handed in at `server`."""
        note = self._notes.get(mark)
        return (note["batch"], note["lecture"]) if note and note["server"] == server else None

    def note(self, mark: str, file: TranscriptFile, lecture: str, batch: str, server: str) -> None:
        """Remembers what was handed in; `save` writes it down."""
        known = self._notes.get(mark)
        stem = known["stem"] if known else self._free(str(file.stem), file)
        self._notes = {m: note for m, note in self._notes.items() if note["stem"] != stem}
        self._notes[mark] = {
            "stem": stem, "file": file.name, "lecture": lecture, "batch": batch, "server": server,
            # A server that has forgotten it is asked for further formats only.
            "complete": bool(known and known["complete"]),
        }  # fmt: skip

    def save(self) -> None:
        """Writes the notes down, whole or not at all."""
        self.path.mkdir(parents=True, exist_ok=True)
        with written(self.path / _NOTES) as file:
            file.write(json.dumps(self._notes, ensure_ascii=False, indent=1).encode())

    def missing(self, mark: str, formats: Sequence[str]) -> list[str]:
        """The formats that are still to be written; all of them if the outline that is here is not complete."""
        note = self._notes[mark]
        return [f for f in formats if not (note["complete"] and self._file(note["stem"], f).exists())]

    def write(self, mark: str, format: str, content: bytes) -> None:
        """Writes one outline in one format."""
        target = self._file(self._notes[mark]["stem"], format)
        target.parent.mkdir(parents=True, exist_ok=True)
        with written(target) as file:
            file.write(content)

    def complete(self, mark: str) -> None:
        """Remembers that the outline is whole, so that a rerun leaves it alone."""
        self._notes[mark]["complete"] = True
        self.save()

    def _read_notes(self) -> dict[str, dict[str, Any]]:
        try:
            return dict(json.loads((self.path / _NOTES).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError):  # spoilt: everything is handed in again, and the server knows it again
            return {}

    def _free(self, stem: str, file: TranscriptFile) -> str:
        """`stem`, with a number if another transcript's outline has that name. A changed transcript keeps its own."""
        others = {note["stem"].casefold() for note in self._notes.values() if note["file"] != file.name}
        free, number = stem, 1
        while free.casefold() in others:
            number += 1
            free = f"{stem} ({number})"
        return free

    def _file(self, stem: str, format: str) -> Path:
        return self.path / f"{stem}{FORMATS[format].suffix}"
