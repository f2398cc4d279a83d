"""Where the sections of a chunk stand, whatever numbers and times a model gives."""

from __future__ import annotations

import json

from scripted_model import SAID, Model, lecture, names, node, outline_of_chunk, titles

from shared.chunks import Chunk
from shared.cues import Cue, Cues
from shared.outline import clock, walk


def test_cue_numbers_stand_as_given() -> None:
    cues, chunk = lecture(100), Chunk(1, 2, 45, 50, 100, 0)
    model = Model(lambda _: json.dumps([node("Loading", 51, below=[node("Layers", 60)]), node("Saving", 80)]))
    made = outline_of_chunk(cues, chunk, model)
    assert [(s.title, s.cue) for _, s in walk(made.sections)] == [("Loading", 50), ("Layers", 59), ("Saving", 79)]
    assert made.grounded == 3
    assert made.repairs == ()
    assert made.sections[0].quote.startswith(SAID[3])
    assert made.sections[0].end == made.sections[1].start
    assert (made.asked_again, made.models, made.usage.calls) == (0, ("scripted",), 1)


def test_the_seeds_shape_is_accepted_times_alone() -> None:
    cues, chunk = lecture(100, first_ms=8_000_000), Chunk(8, 12, 0, 0, 100, 0)
    given = [node("Loading", time=clock(cues.cues[0].start)), node("Saving", time=clock(cues.cues[40].start))]
    made = outline_of_chunk(cues, chunk, Model(lambda _: json.dumps(given)))
    assert [s.cue for s in made.sections] == [0, 40]
    assert made.grounded == 2


def test_times_between_cues_go_to_the_nearest() -> None:
    cues, chunk = lecture(100), Chunk(0, 1, 0, 0, 100, 0)
    made = outline_of_chunk(
        cues, chunk, Model(lambda _: json.dumps([node("A topic", 1), node("Other", time="00:01:22")]))
    )
    assert made.sections[1].start == 80_300
    assert made.sections[1].repairs == ("time-moved-to-a-cue",)
    assert made.grounded == 1


def test_times_outside_the_chunk_are_asked_again_and_then_moved_between_their_neighbours() -> None:
    cues, chunk = lecture(100), Chunk(0, 2, 0, 0, 50, 0)
    given = [node("A", 1), node("B", time="09:00:00"), node("C", 40), node("D", time="08:00:00")]
    model = Model(lambda _: json.dumps(given))
    made = outline_of_chunk(cues, chunk, model)
    assert model.asked("correct") == made.asked_again == 2
    assert 'outside this chunk: "B", "D"' in model.prompts[1].request
    assert [s.title for s in made.sections] == ["A", "B", "C", "D"]
    assert 0 < made.sections[1].cue < 39
    assert "time-outside-chunk" in names(made)


def test_numbers_that_count_sections_are_not_taken_for_those_of_cues() -> None:
    cues, chunk = lecture(400), Chunk(0, 2, 0, 0, 300, 0)
    given = [{"id": n, "title": f"Topic {n}", "start_time": clock(cues.cues[n * 30].start)} for n in range(1, 9)]
    made = outline_of_chunk(cues, chunk, Model(lambda _: json.dumps(given)))
    assert [s.cue for s in made.sections] == [n * 30 for n in range(1, 9)]
    assert names(made) == {"numbers-not-of-cues"}


def test_a_cue_counts_more_than_a_time_that_was_only_guessed() -> None:
    cues, chunk = lecture(400), Chunk(0, 2, 0, 0, 300, 0)
    given = [node("A", 1, "00:01:20"), node("B", 100, "00:01:00"), node("C", 200, "00:03:00")]
    made = outline_of_chunk(cues, chunk, Model(lambda _: json.dumps(given)))
    assert ([s.cue for s in made.sections], made.grounded) == ([0, 99, 199], 3)


def test_a_long_stretch_that_was_passed_over_is_asked_again_and_named() -> None:
    cues, chunk = lecture(1_000), Chunk(0, 1, 0, 0, 1_000, 0)
    lazy = json.dumps([node("Loading", 1), node("Layers", 60), node("Memory", 120)])
    model = Model(lambda _: lazy)
    made = outline_of_chunk(cues, chunk, model)
    assert made.asked_again == 2
    assert "nothing begins between 00:07:56 and 01:06:39" in model.prompts[1].request
    assert "stretch-passed-over" in names(made)


def test_a_beginning_that_was_passed_over_is_asked_again() -> None:
    cues, chunk = lecture(400), Chunk(0, 1, 0, 0, 400, 0)
    answers = iter([json.dumps([node("Late", 200)]), json.dumps([node("Early", 1), node("Late", 200)])])
    made = outline_of_chunk(cues, chunk, Model(lambda _: next(answers)))
    assert (made.asked_again, titles(made.sections), made.repairs) == (1, ["Early", "Late"], ())


def test_a_break_in_the_lecture_is_no_stretch_that_was_passed_over() -> None:
    said = lecture(200).cues
    after = [Cue(c.number, c.start + 3_600_000, c.end + 3_600_000, c.text) for c in said[100:]]
    cues = Cues((*said[:100], *after), "srt", "utf-8")
    made = outline_of_chunk(
        cues, Chunk(0, 1, 0, 0, 200, 0), Model(lambda _: json.dumps([node("Loading", 1), node("Saving", 101)]))
    )
    assert (made.asked_again, made.repairs) == (0, ())


def test_a_better_second_answer_is_taken() -> None:
    cues, chunk = lecture(100), Chunk(0, 2, 0, 0, 50, 0)
    answers = iter([json.dumps([node("Lost", time="09:00:00")]), json.dumps([node("Found", 3)])])
    made = outline_of_chunk(cues, chunk, Model(lambda _: next(answers)))
    assert titles(made.sections) == ["Found"]
    assert (made.asked_again, made.usage.calls, made.grounded) == (1, 2, 1)


def test_sections_out_of_order_are_put_in_order_with_their_children() -> None:
    cues, chunk = lecture(100), Chunk(0, 1, 0, 0, 100, 0)
    given = [node("Late", 80, below=[node("Later", 90)]), node("Early", 2, below=[node("Stray", 70)]), node("Mid", 40)]
    made = outline_of_chunk(cues, chunk, Model(lambda _: json.dumps(given)))
    assert titles(made.sections) == ["Early", "Stray", "Mid", "Late", "Later"]
    assert "siblings-put-in-order" in names(made)


def test_repeats_are_folded_and_their_subsections_kept() -> None:
    cues, chunk = lecture(100), Chunk(0, 1, 0, 0, 100, 0)
    given = [
        node("Loading", 1, below=[node("loading!", 1), node("Layers", 5)]),
        node("Loading", 20, below=[node("Memory", 21)]),
        node("Saving", 40),
    ]
    made = outline_of_chunk(cues, chunk, Model(lambda _: json.dumps(given)))
    assert titles(made.sections) == ["Loading", "Layers", "Memory", "Saving"]
    assert "repeat-folded" in names(made)
