"""`make bench-quality MODEL=name` asks a server over HTTP, tells what it cost, and can do it again without one."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from model_server import ModelServer

sys.path.append(str(Path(__file__).parents[2] / "bench"))

from lectures import read_unchaptered
from outlined import Outlined, asking, outlined
from quality import OUTLINE_COLUMNS, Figures, outline_scores, table
from variants import variant

from shared.prices import price

EXAMPLES = Path(__file__).parents[2] / "examples"
LECTURE = next(lecture for lecture in read_unchaptered(EXAMPLES) if lecture.name == "kvasinky-a-chleba")


def run(model: str, **kept: Path) -> Outlined:
    async def whole() -> Outlined | None:
        async with asking(model, **kept) as ask:
            return await outlined(LECTURE, ask, variant("current"))

    found = asyncio.run(whole())
    assert found
    return found


def test_a_model_is_measured_with_what_it_cost(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = tmp_path / "replies.jsonl"
    with ModelServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
        found = run("gpt-5-mini", record=kept)
        assert len(server.calls) == found.calls
        unknown = run("a-model-of-ones-own")
    known = price("gpt-5-mini")
    assert known and found.cost and found.cost > known.tokens_out * found.tokens_out / 1e6
    figures = Figures("gpt-5-mini")
    figures.add(outline_scores(LECTURE, found, extracted=False))
    assert f"| {found.cost:.3f} (" in table([figures], OUTLINE_COLUMNS)
    assert "US$" not in outline_scores(LECTURE, unknown, extracted=False)
    replayed = run("gpt-5-mini", replay=kept)
    assert (replayed.sections, replayed.cost) == (found.sections, found.cost)
