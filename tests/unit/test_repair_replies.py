"""Every reply under tests/replies/: what is wrong with it is its name, what was meant is truth.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.repair import GivenSection, repair, repair_groups, repair_titles

REPLIES = Path(__file__).parents[1] / "replies"
TRUTH = json.loads((REPLIES / "truth.json").read_text("utf-8"))
NO_SECTIONS = {
    "a-number", "an-error-object", "brackets-only", "empty", "empty-list", "null", "random-words", "refusal",
    "web-page", "white-space-loop",
}  # fmt: skip
ONLY_THE_START = {"truncated-after-a-comma", "truncated-after-a-key", "truncated-in-a-time", "truncated-in-a-title"}


def ms(time: str) -> int:
    return sum(int(part) * unit for part, unit in zip(time.split(":"), (3_600_000, 60_000, 1_000), strict=True))


def meant(sections: list[dict[str, Any]]) -> list[Any]:
    return [(quoteless(s["title"]), ms(s["start_time"]), meant(s["subsections"])) for s in sections]


def got(sections: Sequence[GivenSection]) -> list[Any]:
    return [(quoteless(s.title), s.start, got(s.subsections)) for s in sections]


def quoteless(title: str) -> str:
    """Which kind of quotes a title has is the one thing that a reply with the wrong ones cannot tell."""
    return title.replace('"', "'")


def flat(sections: Sequence[Any]) -> list[tuple[str, int | None]]:
    return [found for title, start, below in sections for found in ((title, start), *flat(below))]


@pytest.mark.parametrize("name", sorted(p.stem for p in REPLIES.glob("*.txt")))
def test_a_reply_is_read_as_it_was_meant(name: str) -> None:
    repaired = repair((REPLIES / f"{name}.txt").read_bytes().decode())
    if name in NO_SECTIONS:
        assert repaired.sections == ()
    elif name in ONLY_THE_START:
        given = flat(got(repaired.sections))
        assert len(given) >= 4
        assert [title for title, _ in given] == [title for title, _ in flat(meant(TRUTH))][: len(given)]
        assert repaired.truncated
    else:
        assert got(repaired.sections) == meant(TRUTH)
        assert bool(repaired.repairs) == (name not in AS_ASKED)


AS_ASKED = {
    name
    for name in (p.stem for p in REPLIES.glob("*.txt"))
    if name.startswith(("as-asked", "compact", "wrapped", "renamed", "time-", "keys-", "camel", "czech", "list-in"))
    or name
    in {"cue-numbers-as-well", "crlf-and-tabs", "double-encoded", "empty-string-subsections", "missing-subsections",
        "null-subsections"}
}  # fmt: skip
"""Well-formed JSON, only of another shape: nothing had to be mended in the text."""


def test_there_are_at_least_sixty_kinds() -> None:
    assert len(list(REPLIES.glob("*.txt"))) >= 60


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text() | st.text(alphabet='[]{}":,\\`\n titlestart_0123456789“”<>/#'))
def test_no_text_whatever_raises(text: str) -> None:
    repair(text)
    repair_groups(text)
    repair_titles(text)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.sampled_from(sorted(p.name for p in REPLIES.glob("*.txt"))), st.integers(0, 2_000), st.integers(0, 40))
def test_no_title_is_invented_wherever_a_reply_is_cut(name: str, at: int, out: int) -> None:
    text = (REPLIES / name).read_bytes().decode()
    text = text[:at] + text[at + out :]
    letters = {c for c in text if c.isalnum()}
    for title, _ in flat(got(repair(text).sections)):
        assert {c for c in title if c.isalnum()} <= letters


@pytest.mark.parametrize("hostile", ["[" * 100_000, '{"a":' * 50_000, '"' * 200_000, '[{"title": "' + "x" * 1_000_000])
def test_hostile_text_is_answered_without_a_crash(hostile: str) -> None:
    repair(hostile)


def test_groups_and_titles_are_read_out_of_prose_and_fences() -> None:
    groups = repair_groups('Sure:\n```json\n{"groups": [{"title": "One", "sections": ["1", 2]}], "same": [2]}\n```')
    assert [(g.title, g.numbers) for g in groups.groups] == [("One", (1, 2))]
    assert groups.joined == (2,)
    assert repair_titles('{"titles": ["A", "B"]}').titles == {1: "A", 2: "B"}
    assert repair_titles('[{"number": 2, "title": "B"}]').titles == {2: "B"}


def test_a_number_that_the_end_cut_short_is_not_taken() -> None:
    assert [g.numbers for g in repair_groups('{"groups": [{"title": "A", "sections": [1, 2, 1').groups] == [(1, 2)]


def test_an_example_before_the_answer_is_no_part_of_it() -> None:
    sections = [
        f'{{"title": "{title}", "start_time": "00:0{n}:00", "subsections": []}}' for n, title in enumerate("EFAB")
    ]
    text = f"Example output:\n[{sections[0]}, {sections[1]}]\n\nAnswer:\n[{sections[2]}, {sections[3]}]"
    assert [section.title for section in repair(text).sections] == ["A", "B"]


def test_an_outline_in_parts_is_put_together() -> None:
    sections = [
        f'{{"title": "{title}", "start_time": "00:0{n}:00", "subsections": []}}' for n, title in enumerate("ABC")
    ]
    text = f"Here is part one:\n[{sections[0]}, {sections[1]}]\nNow the rest:\n[{sections[2]}]"
    assert [section.title for section in repair(text).sections] == ["A", "B", "C"]


def test_an_outline_in_yaml_or_in_lines_is_read_too() -> None:
    yaml = "- title: One\n  start_time: 00:01:00\n  subsections:\n    - title: Two\n      start_time: 00:02:00\n"
    lines = "- [00:01:00] One\n    - [00:02:00] Two\n"
    for text in (yaml, lines):
        assert got(repair(text).sections) == [("One", 60_000, [("Two", 120_000, [])])]


@pytest.mark.parametrize(
    "title",
    [r"\beta", r"\frac{1}{2}", r"\theta", r"\nu", r"\rho", r"Gradients: \nabla f", r"\bar{x} \neq \tau",
     r"$\nu$ and $\rho$", r"\alpha with \beta", r"x \to 0, 2\times 3", r"\theta and \text{loss}", r"\begin{cases}",
     r"C:\temp\new", r"C:\Users\new"],
)  # fmt: skip
@pytest.mark.parametrize("end", [', "subsections": []}]', ', "subsections": []', ""])
def test_a_formula_or_a_path_is_read_as_it_was_typed_in_a_whole_reply_and_in_one_cut_short(
    title: str, end: str
) -> None:
    for typed in (title, title.replace("\\", "\\\\")):
        text = f'[{{"title": "{typed}", "start_time": "00:00:01"{end}'
        assert flat(got(repair(text).sections)) == [(title, 1_000)]
    assert repair_titles(f'["{title}", "B"]').titles == repair_titles(f'["{title}", "B"').titles == {1: title, 2: "B"}


@pytest.mark.parametrize(
    "written", [r"One\ntwo", r"1.\tOne", r"1.\tan example", r"Pohled\nu stromu", r"Analisi\ne sintesi", r"Q:\nwhat"]
)
def test_a_line_break_or_a_tab_in_a_title_is_a_space(written: str) -> None:
    for end in ("}]", ""):
        [section] = repair(f'[{{"title": "{written}", "start_time": "00:00:01"{end}').sections
        assert section.title == json.loads(f'"{written}"').replace("\n", " ").replace("\t", " ")
