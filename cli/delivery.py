"""Delivery: outlines to where the user wants them, the terminal, stdout or a folder."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from cli.client import Kapitola
from cli.tree import show
from shared.export import FORMATS
from shared.export.archive import unique_name
from shared.views import BatchView, LectureDocument


class Delivery:
    """Trees for people, unless files or a format are asked for; then those, and trees only if `show`n as well."""

    def __init__(
        self, client: Kapitola, output: Path | None, formats: Sequence[str], show: bool, as_json: bool
    ) -> None:
        self._client, self._as_json = client, as_json
        self._folder = None if output is None or str(output) == "-" else output
        self._trees = show or not (output or formats or as_json)
        self._formats = formats or (("json",) if output else ())
        self._console = Console()
        self._aside = Console(stderr=True, highlight=False)

    def of(self, batch: BatchView) -> None:
        """Delivers every lecture that has an outline, and says where, and of the others why they have none."""
        taken: set[str] = set()
        for view in batch.lectures:
            lecture = self._client.lecture(view.id)
            if self._as_json:
                sys.stdout.write(lecture.model_dump_json() + "\n")
            if self._trees:
                show(self._console, lecture)
            elif lecture.outline is None:
                self._aside.print(f"{lecture.name}: {lecture.problem or lecture.state}", style="red", markup=False)
            elif lecture.outline.is_patchy:
                for note in lecture.notes[1:]:  # the first says who made it
                    self._aside.print(f"{lecture.name}: {note}", style="yellow", markup=False)
            if lecture.outline is not None:
                self._write(lecture, unique_name(Path(lecture.name).stem, taken))
        if self._folder and taken:
            self._aside.print(f"Written to {self._folder}/: {len(taken)} outlines, each as {', '.join(self._formats)}.")

    def _write(self, lecture: LectureDocument, stem: str) -> None:
        for format in self._formats:
            content, warnings = self._client.outline(lecture.id, format)
            for warning in warnings:
                self._aside.print(f"{lecture.name}, {format}: {warning}", markup=False)
            if self._folder is None:
                sys.stdout.flush()
                sys.stdout.buffer.write(content.rstrip(b"\n") + b"\n")
            else:
                self._folder.mkdir(parents=True, exist_ok=True)
                (self._folder / f"{stem}{FORMATS[format].suffix}").write_bytes(content)
