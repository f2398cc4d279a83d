"""Ways to ask are data, replies can be kept and used again, and the history tells what a change did."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))

import quality_history
from lectures import Chaptered
from outlined import OFFLINE, Outlined, asking, outlined
from published import PUBLISHED, rows
from quality import BOUNDARY_COLUMNS, of_number, outline_scores
from recorded import NotRecordedError
from variants import UnknownVariantError, Variant, variant, variants

from shared.cues import read
from shared.lecture import Options
from shared.outline import clock
from worker.exchange import Prompt, Reply
from worker.language import detect

LECTURE = Path(__file__).parents[2] / "examples" / "kvasinky-a-chleba.srt"


def lecture() -> Chaptered:
    cues = read(LECTURE.read_bytes(), LECTURE.name).cues
    chapters = (("Kvasinky", 0), ("Mouka a lepek", cues[100].start), ("Pečení", cues[250].start))
    return Chaptered("bread", cues, chapters, detect(cues))


async def run(way: Variant, record: Path | None = None, replay: Path | None = None) -> Outlined | None:
    async with asking(OFFLINE, record, replay) as ask:
        return await outlined(lecture(), ask, way)


@pytest.mark.parametrize("way", tuple(variants()), ids=lambda way: way.name)
def test_every_way_cuts_a_lecture_and_fills_its_rules_in(way: Variant) -> None:
    sent: list[Prompt] = []

    async def model(prompt: Prompt) -> Reply:
        sent.append(prompt)
        return Reply("[]", "stop", "none")

    assert way.chunks(lecture().cues)
    asked = Prompt("outline", "1", "the product's rules", "", "cs", way.options)
    asyncio.run(way.asking(model)(asked))
    assert "$" not in sent[0].rules
    assert (sent[0].rules == "the product's rules") == (not way.rules)


def test_a_way_that_nobody_knows_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownVariantError, match="chunks-6000"):
        variant("chunks-7")


def test_larger_chunks_cost_fewer_calls_and_tokens_and_give_the_offline_model_the_same_outline() -> None:
    small, large = (asyncio.run(run(variant(name))) for name in ("chunks-1500", "chunks-12000"))
    assert small and large
    assert small.calls > large.calls and small.tokens_in > large.tokens_in
    assert [s.start for s in small.every] == [s.start for s in large.every]


def test_a_lecture_that_does_not_fit_one_prompt_is_left_out() -> None:
    assert asyncio.run(run(Variant("one", "one small prompt", chunk_tokens=500, most_chunks=1))) is None


def test_recorded_replies_give_the_same_outline_without_a_model(tmp_path: Path) -> None:
    kept = tmp_path / "replies.jsonl"
    first = asyncio.run(run(variant("current"), record=kept))
    again = asyncio.run(run(variant("current"), replay=kept))
    assert first and again
    assert again.sections == first.sections
    with pytest.raises(NotRecordedError):
        asyncio.run(run(variant("rules-brief"), replay=kept))


def test_a_whole_outline_is_measured_with_and_without_the_number_given() -> None:
    found = asyncio.run(run(variant("current")))
    assert found
    scores = outline_scores(lecture(), found, extracted=True)
    assert {"Pk", "Pk, number given", "F1 ±15 s", "title", "title faults", "calls", "tokens in"} <= set(scores)
    starts = [
        lecture().cues.index(cue) for cue in lecture().cues if clock(cue.start) in {s.start_time for s in found.every}
    ]
    assert len(of_number(lecture(), starts)) == 2


def test_published_figures_stand_under_the_columns_they_are_of() -> None:
    assert all(column in BOUNDARY_COLUMNS for told in PUBLISHED.values() for _, figures in told for column in figures)
    row = rows("mit-physics-asr", BOUNDARY_COLUMNS)[0].split(" | ")
    assert row[1 + BOUNDARY_COLUMNS.index("Pk, number given")] == "0.322"
    assert rows("own", BOUNDARY_COLUMNS) == []


def test_the_history_tells_what_a_change_did(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality_history, "HISTORY", tmp_path / "history" / "quality.jsonl")
    monkeypatch.setattr(quality_history, "_commit", lambda: "abc")
    told = [
        quality_history.remember("offline", "own, all", note, {"Pk": [score, score], "title": [0.2], "seconds": [9.0]})
        for note, score in (("first", 0.40), ("second", 0.35), ("third", 0.35))
    ]
    assert told == ["the first of these", "since abc (first): Pk -0.050", "since abc (second): nothing"]
    assert [json.loads(line)["note"] for line in quality_history.HISTORY.read_text("utf-8").splitlines()] == [
        "first",
        "second",
        "third",
    ]


def test_options_of_a_way_are_those_of_the_product() -> None:
    assert variant("current").options == Options()
