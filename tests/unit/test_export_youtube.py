"""YouTube shows no chapters at all when one rule is broken, and says nothing: so a checker says it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.export import ExportOptions, Source, export
from shared.export.youtube import faults
from shared.outline import Section
from tests.exports.hostile import sources

GOOD = "0:00 One\n1:00 Two\n1:00:10 Three\n"
HOURS_2 = 7_200_000


def test_the_checker_accepts_what_youtube_documents() -> None:
    assert faults(GOOD, HOURS_2) == []


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("0:00 One\n1:00 Two\n", "2 chapters"),
        ("0:01 One\n1:00 Two\n2:00 Three\n", "not at 0:00"),
        ("0:00 One\n1:00 Two\n1:09 Three\n", "1:00 does not last"),
        ("0:00 One\n2:00 Two\n1:00 Three\n", "2:00 does not last"),
        ("0:00 One\n1:00 Two\n1:59:55 Three\n", "1:59:55 does not last"),
        ("0:00 One\n1:00 <b>\n2:00 Three\n", "“<” or “>”"),
        ("0:00 One\n1:00\n2:00 Three\n", "not one time and a title"),
        ("0:00 One\n1:00 from 12:30 on\n2:00 Three\n", "not one time and a title"),
        ("0:00 One\n61:00 Two\n2:00:00 Three\n", "not one time and a title"),
        (f"0:00 One\n1:00 Two\n2:00 {'x' * 5000}\n", "characters"),
    ],
)
def test_the_checker_refuses_what_youtube_would_silently_ignore(broken: str, fault: str) -> None:
    assert any(fault in found for found in faults(broken, HOURS_2)), faults(broken, HOURS_2)


@given(sources(), st.sampled_from([None, 1, 2, 3]))
@settings(max_examples=150, derandomize=True, deadline=None)
def test_an_export_passes_the_checker_or_says_that_it_cannot(source: Source, depth: int | None) -> None:
    written = export(source, "youtube", ExportOptions(depth=depth))
    found = faults(written.content.decode(), source.duration)
    assert bool(found) == any("YouTube will show none" in warning for warning in written.warnings), found


def chapters(*starts: int, title: str = "Title", inner: tuple[Section, ...] = ()) -> tuple[Section, ...]:
    return tuple(
        Section(title=f"{title} {start}", start=start, end=start, cue=0, subsections=inner if not start else ())
        for start in starts
    )


def written(sections: tuple[Section, ...], duration: int = HOURS_2) -> tuple[list[str], str]:
    made = export(Source("Lecture", duration, "en", sections), "youtube")
    assert faults(made.content.decode(), duration) == []
    return made.content.decode().splitlines(), "\n".join(made.warnings)


def test_a_late_first_chapter_gets_one_before_it_and_an_early_one_moves_to_zero() -> None:
    lines, told = written(chapters(60_000, 120_000, 180_000))
    assert lines[:2] == ["0:00 Start", "1:00 Title 60000"]
    assert "added" in told
    lines, told = written(chapters(4_000, 120_000, 180_000))
    assert lines[0] == "0:00 Title 4000"
    assert "moved" in told


def test_fewer_than_three_sections_are_filled_up_from_the_next_level() -> None:
    lines, told = written(chapters(0, 3_600_000, inner=chapters(600_000, 900_000, title="Inner")))
    assert lines == ["0:00 Title 0", "10:00 Inner 600000", "15:00 Inner 900000", "1:00:00 Title 3600000"]
    assert "level 2" in told


def test_three_hundred_long_titles_still_fit_a_description() -> None:
    lines, told = written(chapters(*range(0, 300 * 24_000, 24_000), title="A very long title indeed, " * 8))
    assert 50 <= len(lines) <= 100
    assert "dropped" in told
    assert "renamed" in told
