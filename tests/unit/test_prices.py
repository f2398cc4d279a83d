"""What things cost, and what they would."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.chunks import cut
from shared.cues import read
from shared.lecture import Options, Usage
from shared.outline import Section
from shared.prices import CHUNK_FRAME, MERGE_FRAME, RULES, PricesError, estimate, price
from worker.model.answers import estimate as tokens
from worker.prompt import group_prompt, outline_prompt

EXAMPLES = Path(__file__).parents[2] / "examples"

MILLION = Usage(calls=1, tokens_in=1_000_000, tokens_cached=400_000, tokens_out=100_000)


def test_cached_tokens_cost_their_own_price() -> None:
    known = price("gpt-5-mini")
    assert known is not None
    assert known.cost(MILLION) == pytest.approx(0.6 * 0.25 + 0.4 * 0.025 + 0.1 * 2.0)
    assert known.cost(MILLION, economy=True) == pytest.approx(known.cost(MILLION) / 2)


def test_a_dated_name_has_the_price_of_the_longest_name_that_it_begins_with() -> None:
    assert price("gpt-5-mini-2025-08-07") == price("gpt-5-mini") != price("gpt-5")
    assert price("gpt-50") is None


def test_what_our_cache_answers_is_free() -> None:
    known = price("gpt-5")
    assert known is not None
    assert known.cost(Usage(from_cache=12)) == 0


def test_an_own_table_is_read_instead(tmp_path: Path) -> None:
    table = tmp_path / "prices.toml"
    table.write_text('[models."mine"]\nin = 1\nout = 2\n')
    known = price("mine", str(table))
    assert known is not None
    assert known.cost(MILLION) == pytest.approx(1.2)


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    table = tmp_path / "wrong.toml"
    table.write_text('[models."mine"]\nin = "cheap"\nout = 2\n')
    with pytest.raises(PricesError, match=r"wrong\.toml"):
        price("mine", str(table))


def test_an_estimate_tells_both_prices_and_the_time_that_the_limits_leave() -> None:
    told = estimate("gpt-5-mini", [[3000] * 99] * 2, requests_per_minute=50)
    assert (told.chunks, told.usage.calls) == (198, 200)
    assert told.seconds == 240
    assert told.cost is not None
    assert told.economy_cost == pytest.approx(told.cost / 2)
    assert told.thinks
    unknown = estimate("a-model-of-my-own", [[3000]])
    assert (unknown.cost, unknown.economy_cost, unknown.thinks) == (None, None, False)


@pytest.mark.parametrize("lecture", sorted(EXAMPLES.glob("*.[sv]*t")), ids=lambda path: path.name)
def test_estimates_count_the_prompts_that_are_really_sent(lecture: Path) -> None:
    cues = read(lecture.read_bytes(), lecture.name, None)
    chunks = cut(cues.cues, 3000)
    for chunk in chunks:
        prompt = outline_prompt(cues.cues, chunk, lecture.name, Options(), "en")
        assert tokens(prompt.rules) == pytest.approx(RULES, rel=0.02)
        assert tokens(prompt.request) == pytest.approx(chunk.tokens + CHUNK_FRAME, rel=0.02)
    sections = [Section(title="Memory, and what a vector is for", start=n, end=n + 1, cue=n) for n in range(12)]
    group = group_prompt(cues.cues, sections, (), Options(), "en")
    assert tokens(group.rules + group.request) == pytest.approx(MERGE_FRAME + 12 * 11, rel=0.1)
