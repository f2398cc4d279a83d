"""Too many siblings become groups, and titles in another language are sent back: whatever a model answers to it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from scripted_model import Model, lecture, names, node, outline_of, outline_of_chunk, titles

from shared.chunks import Chunk
from shared.cues import Cue, Cues
from shared.lecture import Options
from shared.outline import Section, walk
from worker.exchange import Prompt


def test_twenty_five_siblings_are_grouped_by_the_model_by_number() -> None:
    cues, chunk = lecture(100), Chunk(0, 1, 0, 0, 100, 0)
    given = [node(f"Topic of {n}", 1 + n * 3) for n in range(25)]
    groups = {"groups": [{"title": f"About {c}", "sections": list(range(c * 5 + 1, c * 5 + 6))} for c in range(5)]}
    model = Model(lambda _: json.dumps(given), lambda _: json.dumps(groups))
    made = outline_of_chunk(cues, chunk, model)
    assert [s.title for s in made.sections] == [f"About {c}" for c in range(5)]
    assert [s.title for top in made.sections for s in top.subsections] == [f"Topic of {n}" for n in range(25)]
    assert (made.grounded, model.asked("group")) == (25, 1)


def test_levels_that_grouping_adds_to_those_asked_for_are_left_out_and_said_to_be() -> None:
    def three_topics(prompt: Prompt) -> str:
        first = prompt.material.chunk.first if prompt.material.chunk else 0
        return json.dumps([node(f"About {first + n}", first + n + 1) for n in (0, 15, 30)])

    def by_fours(prompt: Prompt) -> str:
        numbers = range(1, len(prompt.material.sections) + 1)
        return json.dumps(
            {"groups": [{"title": f"From {n}", "sections": [n, n + 1, n + 2, n + 3]} for n in numbers[::4]]}
        )

    made = outline_of(lecture(200), 4, Model(three_topics, by_fours), options=Options(depth=1))
    assert titles(made.sections) == ["From 1", "From 5", "From 9"]
    assert "levels-left-out" in names(made)


@pytest.mark.parametrize(
    "answer",
    [
        "no",
        json.dumps({"groups": [{"title": "All", "sections": list(range(1, 26))}]}),
        json.dumps({"groups": [{"title": "Half", "sections": list(range(1, 12))}]}),
        json.dumps({"groups": [{"title": "Mixed", "sections": [1, 3, 2]}, {"title": "Rest", "sections": [999]}]}),
        json.dumps({"groups": [{"title": f"One {n}", "sections": [n]} for n in range(1, 26)]}),
    ],
)
def test_groups_that_do_not_hold_every_section_once_are_made_by_what_is_said(answer: str) -> None:
    cues, chunk = lecture(100), Chunk(0, 1, 0, 0, 100, 0)
    made = outline_of_chunk(
        cues,
        chunk,
        Model(lambda _: json.dumps([node(f"Topic of {n}", 1 + n * 3) for n in range(25)]), lambda _: answer),
    )
    leaves = [s.title for _, s in walk(made.sections) if not s.subsections]
    assert leaves == [f"Topic of {n}" for n in range(25)]
    assert not any("part" in title.casefold() for title in titles(made.sections))
    assert "too-many-siblings" in names(made)


def _grouped_into(*groups: tuple[str, Sequence[int]]) -> list[Section]:
    """What becomes of twenty-five sections when a model groups them so."""
    answer = json.dumps({"groups": [{"title": title, "sections": list(numbers)} for title, numbers in groups]})
    given = json.dumps([node(f"Topic of {n}", 1 + n * 3) for n in range(25)])
    cues, chunk = lecture(100), Chunk(0, 1, 0, 0, 100, 0)
    made = outline_of_chunk(cues, chunk, Model(lambda _: given, lambda _: answer))
    assert [s.title for _, s in walk(made.sections) if not s.subsections] == [f"Topic of {n}" for n in range(25)]
    return list(made.sections)


def test_a_number_that_the_model_left_out_goes_to_the_group_before() -> None:
    made = _grouped_into(("One", [1, 2, 3, 4, 5, 6, 8]), ("Two", range(10, 18)), ("Three", range(18, 26)))
    assert [(s.title, len(s.subsections)) for s in made] == [("One", 9), ("Two", 8), ("Three", 8)]


def test_a_group_titled_part_two_is_titled_by_what_is_in_it() -> None:
    titled = _grouped_into(("Loading", range(1, 9)), ("Part 2", range(9, 17)), ("Continued", range(17, 26)))
    assert [s.title for s in titled] == ["Loading", "Topic of 8 … Topic of 15", "Topic of 16 … Topic of 24"]


def test_more_groups_than_a_level_holds_are_grouped_once_more() -> None:
    top = _grouped_into(*((f"Pair {n}", [2 * n - 1, 2 * n]) for n in range(1, 12)), ("Rest", [23, 24, 25]))
    assert len(top) <= 10
    assert {s.title for section in top for s in (section, *section.subsections)} >= {"Pair 1", "Pair 11", "Rest"}


def test_three_hundred_siblings_at_one_cue_keep_the_contract() -> None:
    cues, chunk = lecture(100), Chunk(0, 1, 0, 0, 100, 0)
    made = outline_of_chunk(cues, chunk, Model(lambda _: json.dumps([node(f"Topic of {n}", 7) for n in range(300)])))
    assert len([s for _, s in walk(made.sections) if not s.subsections]) == 300


def test_czech_titles_go_back_by_themselves_and_come_back_in_english() -> None:
    cues, chunk = lecture(100), Chunk(0, 1, 0, 0, 100, 0)
    given = [node("Načtení modelu do paměti", 1), node("Linear 4-bit quantization", 30), node("Uložení na disk", 60)]
    model = Model(
        lambda _: json.dumps(given), translate=lambda _: json.dumps({"titles": ["Loading the model", "Saving to disk"]})
    )
    made = outline_of_chunk(cues, chunk, model)
    assert titles(made.sections) == ["Loading the model", "Linear 4-bit quantization", "Saving to disk"]
    assert "Linear" not in model.prompts[-1].request
    assert (model.asked("translate"), model.asked("correct"), made.grounded) == (1, 0, 3)


@pytest.mark.parametrize("answer", [json.dumps({"titles": ["One for two"]}), "Sorry!", '{"titles": ["", "x"]}'])
def test_titles_that_fail_twice_are_kept_and_flagged(answer: str) -> None:
    cues, chunk = lecture(100), Chunk(0, 1, 0, 0, 100, 0)
    given = [node("Načtení modelu do paměti", 1), node("Uložení modelu na disk", 60)]
    model = Model(lambda _: json.dumps(given), translate=lambda _: answer)
    made = outline_of_chunk(cues, chunk, model)
    assert model.asked("translate") == 2
    assert made.sections[0].title == "Načtení modelu do paměti"
    assert "title-in-another-language" in made.sections[0].repairs
    assert "title-in-another-language" in names(made)
    assert len({p.request for p in model.prompts}) == len(model.prompts), "the reply cache would answer as before"


def test_depth_is_kept_and_nothing_dropped() -> None:
    cues, chunk = lecture(100), Chunk(0, 1, 0, 0, 100, 0)
    deep = node("D", 30)
    given = [node("A", 1, below=[node("B", 10, below=[node("C", 20, below=[deep])])])]
    made = outline_of_chunk(cues, chunk, Model(lambda _: json.dumps(given)), Options(depth=2))
    assert [s.title for s in made.sections[0].subsections] == ["B", "C", "D"]


def test_a_title_that_only_seems_foreign_is_believed_when_it_is_left_as_it_was() -> None:
    german = ("heute reden wir über das Gesetz und die Freiheit", "das ist nicht so einfach wie es sich anhört")
    cues = Cues(tuple(Cue(n + 1, n * 4_000, n * 4_000 + 3_000, german[n % 2]) for n in range(100)), "srt", "utf-8")
    given = [node("Weltanschauung in Dilthey", 1), node("Law and freedom", 20), node("Why law binds", 50)]
    asked = '{"titles": ["Weltanschauung in Dilthey"]}'
    model = Model(lambda _: json.dumps(given), translate=lambda _: asked)
    made = outline_of_chunk(cues, Chunk(0, 1, 0, 0, 100, 0), model)
    assert (model.asked("translate"), made.repairs) == (1, ())
