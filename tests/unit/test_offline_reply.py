"""The offline model answers like any other model, and only with what is in the lecture."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.chunks import Chunk
from shared.cues import Cue
from shared.edition import OFFLINE_MODEL
from shared.lecture import Options
from shared.outline import Section, clock
from worker.exchange import Material, Prompt, Purpose
from worker.model.offline import reply

TOPICS = {
    "Tea": "the tea leaves wither and the tea master rolls the green leaves before drying them in the pan",
    "Glaciers": "the glacier carries rock and ice down the valley and the moraine shows where the ice stood",
    "Violins": "the violin maker carves the spruce plate and the varnish changes how the violin sounds",
    "Harbours": "the harbour pilot boards the ship and brings the ship past the breakwater to the quay",
}


def lecture(repeats: int = 30) -> tuple[Cue, ...]:
    """Four topics one after the other, `repeats` cues of eight words each, five seconds a cue."""
    texts = []
    for sentence in TOPICS.values():
        words = sentence.split()
        texts += [" ".join(words[(i + shift) % len(words)] for i in range(8)) + "." for shift in range(repeats)]
    return tuple(Cue(n + 1, n * 5000, n * 5000 + 4800, text) for n, text in enumerate(texts))


def prompt(purpose: Purpose = "outline", options: Options | None = None, **material: Any) -> Prompt:
    return Prompt(purpose, "1", "", "", "en", options or Options(), Material(**material))


def walk(sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [s for top in sections for s in (top, *walk(top["subsections"]))]


def test_a_topic_begins_where_the_words_change() -> None:
    sections = json.loads(reply(prompt(cues=lecture(48))).text)
    assert [s["cue"] for s in sections] == [1, 49, 97, 145]


def test_every_section_starts_at_a_cue_and_says_which() -> None:
    cues = lecture(100)
    for section in walk(json.loads(reply(prompt(cues=cues)).text)):
        assert section["start_time"] == clock(cues[section["cue"] - 1].start)


def test_a_chunk_gets_the_sections_that_lie_in_it_and_starts_with_its_first_cue() -> None:
    cues = lecture(200)
    chunk = Chunk(1, 3, 290, 300, 600, 4000)
    sections = json.loads(reply(prompt(cues=cues, chunk=chunk)).text)
    assert sections[0]["cue"] == 301
    assert all(301 <= s["cue"] <= 600 for s in walk(sections))


def test_a_topic_over_a_seam_is_said_to_be_the_same() -> None:
    cues = lecture(200)
    sections: list[Section] = []
    seams = []
    for index, (first, stop) in enumerate([(0, 270), (270, 600), (600, 800)]):
        if index:
            seams.append(len(sections))
        for s in json.loads(reply(prompt(cues=cues, chunk=Chunk(index, 3, first, first, stop, 1))).text):
            sections.append(Section(title=s["title"], start=cues[s["cue"] - 1].start, end=0, cue=s["cue"] - 1))
    answer = json.loads(reply(prompt("group", cues=cues, sections=tuple(sections), seams=tuple(seams), most=4)).text)
    whole = {s["cue"] - 1 for s in json.loads(reply(prompt(cues=cues)).text)}
    assert answer["same"] == [seam + 1 for seam in seams if sections[seam].cue not in whole]
    numbers = [n for g in answer["groups"] for n in g["sections"]]
    assert numbers == list(range(1, len(sections) + 1))
    assert len(answer["groups"]) <= 4


def test_groups_begin_where_the_lecture_changes_most() -> None:
    cues = lecture(200)
    sections = tuple(Section(title=f"S{n}", start=cues[n].start, end=0, cue=n) for n in range(0, 800, 50))
    answer = json.loads(reply(prompt("group", cues=cues, sections=sections, most=4)).text)
    assert [g["sections"][0] for g in answer["groups"]] == [1, 5, 9, 13]


def test_groups_of_some_later_sections_keep_to_their_own_part_of_the_lecture() -> None:
    cues = lecture(200)
    sections = tuple(
        Section(title=f"S{n}", start=cues[n].start, end=cues[n + 33].start, cue=n) for n in range(330, 700, 33)
    )
    answer = json.loads(reply(prompt("group", cues=cues, sections=sections, most=10)).text)
    numbers = [g["sections"] for g in answer["groups"]]
    assert [n for group in numbers for n in group] == list(range(1, len(sections) + 1))
    assert 1 < len(numbers) <= 10
    assert {n for n, *_ in numbers} & {3, 4}  # tea ends at 200, glaciers at 400: sections 3 and 4 are around it
    titles = [g["title"] for g in answer["groups"]]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("texts", [["Hello."], ["1 2 3", "4 5 6", "…"], ["ano"] * 3, ["你好世界"] * 40, ["Tak."] * 200])
def test_a_lecture_with_next_to_nothing_in_it_still_gets_an_outline(texts: list[str]) -> None:
    cues = tuple(Cue(n + 1, n * 20_000, n * 20_000 + 900, text) for n, text in enumerate(texts))
    sections = json.loads(reply(prompt(cues=cues)).text)
    assert sections[0]["cue"] == 1
    assert all(s["title"] for s in walk(sections))


def test_titles_to_translate_come_back_as_they_are() -> None:
    sections = (Section(title="Kvantizace", start=0, end=1, cue=0), Section(title="Modely", start=1, end=2, cue=1))
    assert json.loads(reply(prompt("translate", sections=sections)).text) == {"titles": ["Kvantizace", "Modely"]}


def test_the_same_prompt_gets_the_same_reply_and_costs_nothing() -> None:
    first, second = (reply(prompt(cues=lecture(80))) for _ in range(2))
    assert first == second
    assert first.model == OFFLINE_MODEL
    assert (first.usage.calls, first.usage.tokens_in, first.usage.tokens_out) == (1, 0, 0)


def test_a_short_lecture_has_parts_as_well() -> None:
    assert [s["cue"] for s in json.loads(reply(prompt(cues=lecture(30))).text)] == [1, 31, 61, 91]


def test_a_depth_of_one_gives_no_subsections() -> None:
    sections = json.loads(reply(prompt(cues=lecture(200), options=Options(depth=1))).text)
    assert all(s["subsections"] == [] for s in sections)


words = st.sampled_from(["tea", "ice.", "Okay,", "the", "okno", "моде́ль", "神经网络", "ชา", "١٢", "—", "a-b", "x" * 90])
texts = st.lists(st.lists(words, min_size=1, max_size=9).map(" ".join), min_size=1, max_size=120)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(texts, st.lists(st.integers(0, 90_000), min_size=120, max_size=120), st.sampled_from(["en", "cs", "zh", "und"]))
def test_whatever_is_said_the_sections_are_in_order_inside_their_parents_and_at_most_ten(
    texts: list[str], pauses: list[int], language: str
) -> None:
    starts = [sum(pauses[:n]) for n in range(len(texts))]
    cues = tuple(Cue(n + 1, at, at + 700, text) for n, (at, text) in enumerate(zip(starts, texts, strict=True)))
    asked = Prompt("outline", "1", "", "", language, Options(), Material(cues=cues))
    sections = json.loads(reply(asked).text)
    assert sections[0]["cue"] == 1
    for siblings in [sections, *(s["subsections"] for s in sections)]:
        firsts = [s["cue"] for s in siblings]
        assert firsts == sorted(set(firsts))
        assert all(s["title"] and len(s["title"]) <= 60 for s in siblings)
    for section, after in zip(sections, [*sections[1:], {"cue": len(cues) + 1}], strict=True):
        assert len(section["subsections"]) <= 10
        assert all(section["cue"] <= s["cue"] < after["cue"] for s in section["subsections"])
