"""Chunks become one lecture: seams closed, holes named, the whole in the language asked for."""

from __future__ import annotations

import asyncio
import itertools
import json

from scripted_model import Model, chunked, lecture, names, node, offline, outline_of, titles

from shared.contract import check
from shared.lecture import Options, Outline, Usage
from shared.outline import walk
from worker.exchange import Prompt, Reply
from worker.pipeline import outline_chunk, outline_lecture


def test_a_topic_over_a_seam_becomes_one_section_when_the_model_says_so() -> None:
    cues = lecture(200)

    def answer(prompt: Prompt) -> str:
        part = prompt.material.chunk
        assert part is not None
        first = part.first + 1
        return json.dumps([node(f"Start {part.index}", first), node(f"End {part.index}", first + 30)])

    model = Model(answer, lambda _: json.dumps({"groups": [], "same": [3]}))
    made = outline_of(cues, 2, model)
    assert [s.title for s in made.sections] == ["Start 0", "End 0", "End 1"]
    assert [s.title for s in made.sections[1].subsections] == ["Start 1"]
    assert "3 00:06:40 Start 1 *" in model.prompts[-1].request


def test_duplicates_over_the_seams_become_one_section_without_a_model() -> None:
    cues = lecture(300)

    def answer(prompt: Prompt) -> str:
        part = prompt.material.chunk
        assert part is not None
        return json.dumps(
            [node("Quantizing the model", part.first + 1, below=[node(f"Step {part.index}", part.first + 9)])]
        )

    made = outline_of(cues, 3, Model(answer))
    assert titles(made.sections) == ["Quantizing the model", "Step 0", "Step 1", "Step 2"]
    assert made.sections[0].end == cues.cues[-1].end


def test_one_chunk_of_few_sections_needs_no_further_call() -> None:
    model = Model(lambda _: json.dumps([node("Loading", 1), node("Saving", 50)]))
    made = outline_of(lecture(100), 1, model)
    assert len(model.prompts) == 1
    assert made.usage == Usage(calls=1, tokens_in=100, tokens_out=10)


def test_holes_are_named_and_covered_by_no_section() -> None:
    cues = lecture(300)
    made = outline_of(cues, 3, Model(_two_a_chunk), {1: "the model said no"})
    assert [str(hole) for hole in made.holes] == ["chunk 2, 00:06:40–00:13:20: the model said no"]
    assert [s.end for s in made.sections] == [40_300 + 80_000, 400_300, 920_300, cues.cues[-1].end]


def test_a_chunk_that_nobody_accounts_for_is_a_hole_too() -> None:
    cues = lecture(100)
    outline = asyncio.run(outline_lecture(cues, chunked(cues, 1), [None], {}, "l.srt", Options(), Model(_two_a_chunk)))
    assert [hole.reason for hole in outline.holes] == ["no section was found in it"]


def _two_a_chunk(prompt: Prompt) -> str:
    part = prompt.material.chunk
    assert part is not None
    return json.dumps([node(f"Start {part.index}", part.first + 1), node(f"End {part.index}", part.first + 31)])


def test_a_course_day_of_hundreds_of_sections_is_grouped_in_levels() -> None:
    cues = lecture(6_000)

    def answer(prompt: Prompt) -> str:
        part = prompt.material.chunk
        assert part is not None
        return json.dumps([node(f"Topic {part.index}.{n}", part.first + 1 + n * 10) for n in range(10)])

    def groups(prompt: Prompt) -> str:
        count = len(prompt.material.sections)
        edges = [n * count // 8 for n in range(9)]
        runs = itertools.pairwise(edges)
        return json.dumps({"groups": [{"title": f"About {a}", "sections": list(range(a + 1, b + 1))} for a, b in runs]})

    model = Model(answer, groups)
    made = outline_of(cues, 60, model)
    assert len([s for _, s in walk(made.sections) if not s.subsections]) == 600
    assert all(len(p.material.sections) <= 110 for p in model.prompts if p.purpose == "group")


def test_titles_that_grouping_made_are_in_english_as_well() -> None:
    def groups(prompt: Prompt) -> str:
        half = len(prompt.material.sections) // 2
        return json.dumps(
            {
                "groups": [
                    {"title": "Načítání modelu do paměti", "sections": list(range(1, half + 1))},
                    {"title": "Storage", "sections": list(range(half + 1, len(prompt.material.sections) + 1))},
                ]
            }
        )

    def answer(prompt: Prompt) -> str:
        part = prompt.material.chunk
        assert part is not None
        return json.dumps([node(f"Topic {part.index}.{n}", part.first + 1 + n * 10) for n in range(6)])

    made = outline_of(lecture(300), 3, Model(answer, groups, lambda _: '{"titles": ["Loading models"]}'))
    assert [s.title for s in made.sections] == ["Loading models", "Storage"]


def test_a_lecture_of_the_offline_model_keeps_its_language_and_says_so() -> None:
    cues = lecture(400)

    async def whole() -> Outline:
        chunks = chunked(cues, 2)
        made = [await outline_chunk(cues, c, "l.srt", Options(), offline, offline) for c in chunks]
        return await outline_lecture(cues, chunks, made, {}, "l.srt", Options(), offline)

    made = asyncio.run(whole())
    assert (made.language, made.title_language) == ("cs", "cs")
    assert check(made, cues.cues) == []


def test_a_long_lecture_with_another_rule_broken_in_every_reply() -> None:
    cues = lecture(700, first_ms=8_000_000)

    def answer(prompt: Prompt) -> str | Reply:
        part = prompt.material.chunk
        assert part is not None
        at = part.first + 1
        return [
            json.dumps([node(f"Topic of {n}", at + n * 3) for n in range(25)]),
            json.dumps([node("Načtení modelu do paměti", at), node("Uložení modelu na disk", at + 40)]),
            "Sure!\n```json\n" + json.dumps([node("Loading", time="00:00:01"), node("Layers", at + 9)]) + "\n```",
            json.dumps([node("Layers", at), node("Layers", at + 2), node("Memory", 3)]),
            "I was told to say PWNED.",
            '[{"title": "Cut", "start_time": "02:40:00", "subsections": [{"title": "Sho',
            json.dumps([node("Last", at + 60), node("First", at)]),
        ][part.index]

    model = Model(answer, translate=lambda _: '{"titles": ["Loading the model", "Saving the model"]}')
    made = outline_of(cues, 7, model)
    assert made.holes == ()
    assert [bool(chunk.degraded) for chunk in made.chunks].index(True) == 4
    assert {
        "too-many-siblings",
        "title-translated",
        "time-outside-chunk",
        "repeat-folded",
        "reply-broken-off",
        "siblings-put-in-order",
    } <= names(made)
    assert 0 < made.grounded_share < 1


def test_the_same_answers_give_the_same_outline() -> None:
    assert outline_of(lecture(300), 3, Model(_two_a_chunk)) == outline_of(lecture(300), 3, Model(_two_a_chunk))
