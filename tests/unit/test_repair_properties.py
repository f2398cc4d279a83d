"""What holds of reading replies whatever they are: no exception, nothing invented, work that grows with the length."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from worker.repair import GivenSection, repair, repair_groups, repair_titles
from worker.repair.scanner import Scan
from worker.repair.titles import clean

PIECES = st.sampled_from([
    '{"title": "', '", "start_time": "00:12:30"', ', "subsections": [', "[", "]", "{", "}", '"', "'", "“", "”", ",",
    ":", "\\", "\\n", "\n", " ", "title: ", "00:01:02", "12", "null", "None", "```json\n", "```", "<think>",
    "</think>", "// so", "/*", "#", "...", "Here is the outline", "- 00:02:03 ", "：", "，", "`", "&quot;", "\\u00e9",
    "\\ud800", "é", "\x00", "(", ")", "=", "data: ", "> ", '\\"title\\": ', "subsections", "Loading the model",
])  # fmt: skip
TEXTS = st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=200)
TITLES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=40).filter(clean)
OUTLINES = st.recursive(
    st.just([]),
    lambda below: st.lists(
        st.fixed_dictionaries({"title": TITLES, "start_time": st.integers(0, 359_999).map(
            lambda s: f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}"), "subsections": below}), min_size=1, max_size=4),
    max_leaves=8,
).filter(bool)  # fmt: skip


def walk(sections: Sequence[GivenSection]) -> Iterator[GivenSection]:
    for section in sections:
        yield section
        yield from walk(section.subsections)


def told(sections: Sequence[GivenSection]) -> list[Any]:
    return [(s.title, s.start, told(s.subsections)) for s in sections]


def meant(sections: list[dict[str, Any]]) -> list[Any]:
    return [(clean(s["title"]), _ms(s["start_time"]), meant(s["subsections"])) for s in sections]


def _ms(time: str) -> int:
    hours, minutes, seconds = map(int, time.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


@settings(max_examples=400, derandomize=True, deadline=None)
@given(TEXTS)
def test_whatever_the_text_nothing_is_raised_and_no_letter_is_invented(text: str) -> None:
    letters = {c for c in clean(text) + text if c.isalnum()} | {"é"}
    for section in walk(repair(text).sections):
        assert section.title
        assert {c for c in section.title if c.isalnum()} <= letters
    repair_groups(text)
    repair_titles(text)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(OUTLINES, st.sampled_from([None, 2]), st.booleans())
def test_an_outline_in_good_json_is_read_as_it_stands_within_prose_too(
    outline: list[dict[str, Any]], indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps(outline, indent=indent, ensure_ascii=is_ascii)
    assert told(repair(text).sections) == meant(outline)
    assert told(repair(f"It's the outline, as asked:\n\n```json\n{text}\n```\nThat's all.").sections) == meant(outline)


def one(title: str) -> list[dict[str, Any]]:
    return [{"title": title, "start_time": "00:00:01", "subsections": []}]


@settings(max_examples=300, derandomize=True, deadline=None)
@given(OUTLINES, st.integers(0, 999))
@example(one("\bA"), 1)
@example(one("\beta and \theta, \nabla \rho"), 1)
@example(one("\theta at 00:00:02"), 1)
@example(one("A:\nB"), 1)
@example(one("C:\temp\new"), 1)
@example(one("\\alpha, \beta"), 1)
def test_a_reply_that_is_cut_short_holds_no_section_that_the_whole_does_not(
    outline: list[dict[str, Any]], left_out: int
) -> None:
    text = json.dumps(outline, ensure_ascii=False)
    cut = text[: len(text) - left_out % (len(text) + 1)]
    whole = {(s.title, s.start) for s in walk(repair(text).sections)}
    for section in walk(repair(cut).sections):
        # A parent whose time comes behind its subsections may have been cut before it.
        is_before_its_time = section.start is None and section.subsections and section.title in {t for t, _ in whole}
        assert is_before_its_time or (section.title, section.start) in whole, cut


@pytest.mark.parametrize(
    "pattern", ["[", "{", '"', "\\", "[}{]", '{"a":', '"title": ', '"\n', '", "', "'", " ", "\n", ","]
)
def test_the_tokens_of_hostile_text_are_no_more_than_its_characters(pattern: str) -> None:
    def tokens(size: int) -> int:
        return sum(1 for _ in Scan('[{"title": ' + pattern * size, 0).tokens())

    assert tokens(4_000) <= 4_000 * len(pattern) + 3
    assert tokens(4_000) <= 2 * tokens(2_000) + 3


def test_ten_megabytes_are_read_to_the_cap_and_that_is_told() -> None:
    read = repair('[{"title": "A", "start_time": "00:00:01"}, ' + "[" * 10_000_000)
    assert [section.title for section in read.sections] == ["A"]
    assert "too-long" in {r.name for r in read.repairs}
