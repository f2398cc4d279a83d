"""Delivery: outlines to where the user wants them, the terminal, stdout or a folder."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console

from cli.client import Kapitola
from cli.folder import OutlineFolder
from cli.tree import show
from shared.lecture import LectureState, terms_in_words
from shared.views import LectureDocument, LectureView


@dataclass(frozen=True, slots=True)
class Delivery:
    """Files as soon as each outline is there; what is printed comes at the end, in the order of the files given."""

    client: Kapitola
    aside: Console
    folder: OutlineFolder | None
    formats: Sequence[str]
    trees: bool
    as_json: bool

    def into_folder(self, lecture: LectureView, mark: str) -> None:
        """Writes what the folder does not have yet of a lecture that has ended."""
        if self.folder is None or lecture.state not in (LectureState.DONE, LectureState.INCOMPLETE):
            return
        for format in self.folder.missing(mark, self.formats):
            self.folder.write(mark, format, self._exported(lecture, format))
        if lecture.state is LectureState.DONE:
            self.folder.complete(mark)

    def printed(self, lectures: Iterable[LectureView]) -> None:
        """Prints what is wanted on stdout, and why lectures have no outline."""
        out = Console()
        had_no_effect: list[Sequence[str]] = []
        for view in lectures:
            document = self.client.lecture(view.id)
            if self.as_json:
                sys.stdout.write(document.model_dump_json() + "\n")
            lecture = document.model_copy(update={"name": view.name})
            if self.trees:
                show(out, lecture)
            elif lecture.outline is None:
                self.aside.print(f"{lecture.name}: {lecture.problem or lecture.state}", style="red", markup=False)
            else:
                # Of an outline that is as it should be, only what is odd about its transcript.
                for note in lecture.notes[1:] if lecture.outline.is_patchy else view.notes:
                    self.aside.print(f"{lecture.name}: {note}", style="yellow", markup=False)
            if self.folder is None:
                self._print_formats(lecture)
            if lecture.outline:
                had_no_effect.append(lecture.outline.terms_not_said)
        if len(had_no_effect) > 1 or not self.trees:  # a single tree has it below it
            self._tell_terms(had_no_effect)

    def _tell_terms(self, had_no_effect: Sequence[Sequence[str]]) -> None:
        """The terms that not one of the lectures has. Of a course's glossary few have all."""
        first, *others = had_no_effect or [()]
        if terms := [term for term in first if all(term in other for other in others)]:
            where = "any of these lectures" if others else "the lecture"
            why = f"in no title, and not said in {where}, as far as the spelling shows"
            told = f"--term {terms_in_words(terms)}: {why}."
            self.aside.print(told, style="yellow", markup=False)

    def _print_formats(self, lecture: LectureDocument) -> None:
        if lecture.outline is not None:
            for format in self.formats:
                sys.stdout.flush()
                sys.stdout.buffer.write(self._exported(lecture, format).rstrip(b"\n") + b"\n")

    def _exported(self, lecture: LectureView, format: str) -> bytes:
        content, warnings = self.client.outline(lecture.id, format)
        for warning in warnings:
            self.aside.print(f"{lecture.name}, {format}: {warning}", markup=False)
        return content
