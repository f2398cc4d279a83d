"""An outline as a tree in the terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from rich.console import Console

from cli.tree import show
from shared.lecture import LectureState, Options, Outline
from shared.outline import Section
from shared.views import LectureDocument, Progress

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def section(title: str, minute: int, *below: Section) -> Section:
    return Section(title=title, start=minute * 60_000, end=600_000, cue=0, subsections=below)


SECTIONS = (
    section("Flour", 0, section("Gluten", 0), section("Water", 2, section("Salt", 3))),
    section("Yeast", 5),
)


def shown(depth: int | None) -> list[str]:
    """The lines of the tree, without what is drawn around the times and titles."""
    document = LectureDocument(
        id="lec_1", name="bread.srt", batch="bat_1", state=LectureState.DONE, version=1, created=NOW, updated=NOW,
        duration=600_000, length=600_000, mended=[], notes=[], options=Options(),
        progress=Progress(chunks=1, done=1, failed=0),
        outline=Outline(sections=SECTIONS, language="en", title_language="en", chunks=()),
    )  # fmt: skip
    out = io.StringIO()
    show(Console(file=out, width=100), document, depth)
    return [line.lstrip("│├└─ ") for line in out.getvalue().splitlines()]


def test_all_levels_are_shown_or_as_many_as_are_asked_for() -> None:
    name, flour, gluten, water, salt, yeast = (
        "bread.srt  10 min, done", "00:00:00  Flour", "00:00:00  Gluten", "00:02:00  Water", "00:03:00  Salt",
        "00:05:00  Yeast",
    )  # fmt: skip
    assert shown(None) == [name, flour, gluten, water, salt, yeast]
    assert shown(2) == [name, flour, gluten, water, yeast]
    assert shown(1) == [name, flour, yeast]
