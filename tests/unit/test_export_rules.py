"""Rules that hold for every format, whatever the outline."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings

from shared.export import FORMATS, ExportOptions, ExportRefusedError, Source, export
from shared.export.flatten import flatten, whole_seconds
from shared.export.source import moment
from shared.export.tidy import distinct, tidy
from shared.outline import Section, walk
from tests.exports.hostile import sources

modest = settings(max_examples=50, derandomize=True, deadline=None)


def ignore(_: str) -> None:
    """For when the warnings are not what is tested."""


def section(title: str, start: int, end: int, *subsections: Section) -> Section:
    return Section(title=title, start=start, end=end, cue=0, subsections=subsections)


def lecture(*sections: Section, duration: int = 600_000) -> Source:
    return Source(name="Lecture", duration=duration, language="en", sections=sections)


@given(sources())
@modest
def test_a_tidied_outline_keeps_every_section_in_order_and_inside_the_lecture(source: Source) -> None:
    tidied = tidy(source, None, ignore)
    assert [path for path, _ in walk(tidied.sections)] == [path for path, _ in walk(source.sections)]
    for _, each in walk(tidied.sections):
        assert 0 <= each.start < tidied.duration
        assert all(each.start <= child.start for child in each.subsections)
        assert all(a.start <= b.start for a, b in pairwise(each.subsections))


@given(sources())
@modest
def test_a_tidied_title_is_one_line_of_nfc_without_control_characters(source: Source) -> None:
    for _, each in walk(tidy(source, None, ignore).sections):
        assert each.title == unicodedata.normalize("NFC", each.title)
        assert each.title == " ".join(each.title.split()) != ""
        assert not {"Cc", "Cs"} & {unicodedata.category(character) for character in each.title}
        assert not re.search("[\u202a-\u202e\u2066-\u2069\ufeff]", each.title)


@given(sources())
@modest
def test_distinct_sections_last_and_lie_within_their_parents(source: Source) -> None:
    def check(sections: tuple[Section, ...], floor: int, ceiling: int) -> None:
        for each in sections:
            assert floor <= each.start < each.end <= ceiling
            check(each.subsections, each.start, each.end)
            floor = each.end

    tidied = tidy(source, None, ignore)
    check(distinct(tidied.sections, ignore), 0, tidied.duration)


@given(sources())
@modest
def test_flat_chapters_start_one_after_the_other_and_none_is_lost(source: Source) -> None:
    tidied = tidy(source, None, ignore)
    for depth in (1, 3):
        chapters = flatten(tidied, depth, ignore, whole_seconds)
        assert all(a.start // 1000 < b.start // 1000 and a.end <= b.start for a, b in pairwise(chapters))
        titles = [each.title for path, each in walk(tidied.sections) if len(path) <= depth]
        joined = "\n".join(chapter.title for chapter in chapters)
        assert all(title in joined for title in titles)


@given(sources())
@modest
def test_every_format_writes_whatever_outline_it_is_given(source: Source) -> None:
    for name in FORMATS:
        written = export(source, name)
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\u202a-\u202e]", written.content.decode())
        assert all(warning.split(":")[0] in KINDS for warning in written.warnings), written.warnings


KINDS = {"dropped", "merged", "renamed", "moved", "added", "incomplete"}


def test_an_outline_without_fault_is_exported_without_a_warning() -> None:
    source = lecture(section("One", 0, 200_000), section("Two", 200_000, 400_000), section("Three", 400_000, 600_000))
    options = ExportOptions(media_url="https://example.org/lecture.mp4")
    told = {name: export(source, name, options).warnings for name in FORMATS if name != "html"}
    assert told == dict.fromkeys(told, ())


def test_an_incomplete_outline_says_so_in_every_format() -> None:
    source = Source("Lecture", 60_000, "en", (section("One", 0, 60_000),), incomplete=True)
    assert all(any("incomplete" in warning for warning in export(source, name).warnings) for name in FORMATS)


def test_depth_limits_the_levels_that_are_written() -> None:
    deep = lecture(section("One", 0, 9, section("One and a half", 5, 9, section("Deeper", 6, 9))))
    for name in FORMATS:
        one, two = (export(deep, name, ExportOptions(depth=depth)).content.decode() for depth in (1, 2))
        assert "One and a half" not in one
        if name != "youtube":  # which must join what lasts less than ten seconds
            assert "One and a half" in two
        assert "Deeper" not in two


def test_sections_that_start_together_are_joined_and_said_to_be() -> None:
    source = lecture(
        section("A", 0, 9, section("B", 0, 5), section("C", 5, 9)), section("D", 9, 9), section("E", 9, 20)
    )
    told: list[str] = []
    chapters = flatten(tidy(source, None, ignore), 2, told.append)
    assert [(c.start, c.end, c.title) for c in chapters] == [(0, 5, "A: B"), (5, 9, "C"), (9, 20, "D / E")]
    assert [warning.split(":")[0] for warning in told] == ["merged", "merged"]


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org",
        "http://",
        "https://a b",
        'https://a/"x',
        "https://[",
        "file:///etc",
    ],
)
def test_an_address_that_a_browser_must_not_follow_is_refused(address: str) -> None:
    with pytest.raises(ExportRefusedError, match="http"):
        ExportOptions(media_url=address)


@pytest.mark.parametrize(
    ("address", "at"),
    [
        ("https://example.org/a.mp4", "https://example.org/a.mp4#t=75"),
        ("https://www.youtube.com/watch?v=abc&t=5s", "https://www.youtube.com/watch?v=abc&t=75s"),
        ("https://youtu.be/abc", "https://youtu.be/abc?t=75s"),
    ],
)
def test_a_moment_is_an_address_within_the_recording(address: str, at: str) -> None:
    assert moment(address, 75_999) == at


def test_titles_that_were_edited_into_another_language_say_so_where_a_format_can() -> None:
    written = export(lecture(section("Nadpis", 0, 600_000)), "matroska", ExportOptions(language="cs")).content
    assert b"<ChapLanguageIETF>cs</ChapLanguageIETF>" in written


def test_options_that_make_no_sense_are_refused_with_the_remedy() -> None:
    for wrong in ({"depth": 0}, {"frame_rate": 0.0}, {"frame_rate": float("nan")}, {"language": "en'><script>"}):
        with pytest.raises(ExportRefusedError):
            ExportOptions(**wrong)
    with pytest.raises(ExportRefusedError, match="Choose one of json"):
        export(lecture(), "docx")
