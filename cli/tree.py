"""An outline as a tree in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from shared.outline import Section, down_to
from shared.views import LectureDocument


def show(console: Console, lecture: LectureDocument, depth: int | None = None) -> None:
    """Prints the lecture's outline with its times, `depth` levels of it at most, under its name, and what a reader
    should know of it."""
    sections = lecture.outline.sections if lecture.outline else ()
    if depth:
        sections = down_to(sections, depth)
    console.print(tree(lecture.name, lecture.length, lecture.state, sections))
    notes = [*lecture.notes, f"Mended in the file: {', '.join(lecture.mended)}."] if lecture.mended else lecture.notes
    for note in notes:
        console.print(Text(f"  {note}", "dim"))
    if lecture.problem:
        console.print(Text(f"  {lecture.problem}", "red"))


def tree(name: str, length: int, state: str, sections: Sequence[Section]) -> Tree:
    """The outline of a lecture of `length` milliseconds, for rich to print."""
    minutes = max(1, round(length / 60_000))
    grown = Tree(Text.assemble((name, "bold"), (f"  {minutes} min, {state}", "dim")), guide_style="dim")
    _grow(grown, sections)
    return grown


def _grow(tree: Tree, sections: Sequence[Section]) -> None:
    for section in sections:
        # Text, not markup: a title such as "[/bold]" is only a title. Control characters never reach the terminal.
        title = "".join(c for c in section.title if c.isprintable())
        _grow(tree.add(Text.assemble((section.start_time, "cyan"), "  ", title)), section.subsections)
