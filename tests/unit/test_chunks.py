"""Chunks: even, within their budget, cut where a lecturer pauses; nothing is left out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.chunks import Chunk, cut, line_tokens, tokens_in
from shared.cues import Cue

properties = settings(derandomize=True, deadline=None, max_examples=150)


def lecture(texts: list[str], pauses: dict[int, int] | None = None) -> tuple[Cue, ...]:
    """A cue every two seconds, and silences of so many milliseconds before the cues at these positions."""
    cues, clock = [], 0
    for at, text in enumerate(texts):
        clock += (pauses or {}).get(at, 0)
        cues.append(Cue(at + 1, clock, clock + 2000, text))
        clock += 2000
    return tuple(cues)


def own_tokens(cues: tuple[Cue, ...], chunk: Chunk) -> int:
    return sum(line_tokens(cue) for cue in cues[chunk.first : chunk.stop])


LENGTHS = st.lists(st.sampled_from([1, 8, 40, 41, 90, 700]), min_size=1, max_size=120)


@properties
@given(LENGTHS, st.integers(1, 400), st.integers(0, 9))
def test_chunks_part_the_lecture_and_keep_to_the_budget(lengths: list[int], budget: int, context: int) -> None:
    cues = lecture(["x" * length for length in lengths])
    chunks = cut(cues, budget, context)
    assert (chunks[0].first, chunks[-1].stop) == (0, len(cues))
    assert all(one.stop == two.first for one, two in pairwise(chunks))
    assert [(c.index, c.of) for c in chunks] == [(i, len(chunks)) for i in range(len(chunks))]
    for chunk in chunks:
        assert chunk.first - context <= chunk.context <= chunk.first < chunk.stop
        assert chunk.tokens == sum(line_tokens(cue) for cue in cues[chunk.context : chunk.stop])
        alone = chunk.context == chunk.first and chunk.stop == chunk.first + 1
        assert chunk.tokens <= budget or alone


@properties
@given(st.lists(st.integers(1, 80), min_size=30, max_size=400), st.integers(300, 900))
def test_the_last_chunk_is_as_full_as_the_others(lengths: list[int], budget: int) -> None:
    cues = lecture(["x" * length for length in lengths])
    fills = [own_tokens(cues, chunk) for chunk in cut(cues, budget)]
    assert min(fills) >= 0.6 * max(fills)


def test_a_lecture_that_fits_is_one_chunk_without_context() -> None:
    cues = lecture(["word"] * 10)
    budget = sum(line_tokens(cue) for cue in cues)
    assert cut(cues, budget) == (Chunk(0, 1, 0, 0, 10, budget),)
    assert len(cut(cues, budget - 1)) == 2


def test_no_cues_are_no_chunks() -> None:
    assert cut((), 100) == ()


def test_a_budget_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="a budget of 0 tokens"):
        cut(lecture(["a"]), 0)


def test_a_cut_lies_at_the_longest_pause_near_the_even_cut() -> None:
    pauses = {5: 60_000, 46: 2_000, 53: 4_000}
    chunks = cut(lecture(["and so it goes on"] * 100, pauses), 500)
    assert [chunk.first for chunk in chunks] == [0, 53]


def test_without_a_pause_a_cut_lies_behind_the_end_of_a_sentence() -> None:
    texts = ["and so it goes on"] * 100
    texts[10] = texts[47] = "and here it ends.”"
    assert [chunk.first for chunk in cut(lecture(texts), 500)] == [0, 48]


def test_without_either_the_cut_is_even() -> None:
    cues = lecture(["and so it goes on"] * 100)
    one, two = (own_tokens(cues, chunk) for chunk in cut(cues, 500))
    assert abs(one - two) <= 2 * line_tokens(cues[-1])


def test_an_overlapping_cue_makes_no_pause() -> None:
    cues = lecture(["and so it goes on"] * 100, {54: 4_000})
    over = Cue(46, cues[45].start, cues[54].start, cues[45].text)
    assert [chunk.first for chunk in cut(cues, 500)] == [0, 54]
    assert [chunk.first for chunk in cut((*cues[:45], over, *cues[46:]), 500)] == [0, 51]


def test_a_few_cues_go_along_as_context_within_a_tenth_of_the_budget() -> None:
    cues = lecture(["and so it goes on"] * 100)
    _, second = cut(cues, 500, context=3)
    assert second.context == second.first - 3
    _, second = cut(cues, 500, context=50)
    assert sum(line_tokens(cue) for cue in cues[second.context : second.first]) <= 50
    _, second = cut(cues, 500, context=0)
    assert second.context == second.first


def test_a_cue_over_the_budget_is_a_chunk_of_its_own() -> None:
    cues = lecture(["short"] * 20 + ["x" * 4_000] + ["short"] * 20)
    huge = [chunk for chunk in cut(cues, 200) if chunk.tokens > 200]
    assert [(chunk.context, chunk.first, chunk.stop) for chunk in huge] == [(20, 20, 21)]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        ("Today we look at merge sort.", 7, 9),
        ("Dnes se podíváme na řazení sléváním.", 10, 16),
        ("今天我们来看归并排序。", 8, 12),
        ("2024 1000000 3.14159", 9, 12),
        ("დღეს ჩვენ", 6, 12),
        ("😀😀😀", 3, 6),
    ],
)
def test_tokens_are_estimated_with_care_in_any_script(text: str, least: int, most: int) -> None:
    assert least <= tokens_in(text) <= most
    assert tokens_in(text) >= len(text.encode()) / 4


def test_a_line_costs_its_number_as_well() -> None:
    assert line_tokens(Cue(123_456, 0, 1, "word")) > line_tokens(Cue(1, 0, 1, "word")) > tokens_in("word")
