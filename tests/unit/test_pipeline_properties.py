"""Whatever text a model answers with, to every prompt: the outline keeps its contract, or the hole in it is named."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.chunks import Chunk
from shared.contract import check
from shared.cues import Cue, Cues
from shared.lecture import Options
from shared.outline import walk
from worker.exchange import Prompt, Reply
from worker.model.offline import reply as offline_reply
from worker.pipeline import outline_chunk, outline_lecture

SAID = (
    "tady vidíte že se nám změnila architektura",
    "model uložíme na disk jako soubor",
    "kvantizace pomáhá rychlosti",
)
LECTURE = Cues(
    tuple(Cue(n + 1, n * 4_000, n * 4_000 + 3_000, f"{SAID[n // 15 % 3]} {n % 7}") for n in range(90)), "srt", "utf-8"
)
CHUNKS = [Chunk(n, 3, max(0, n * 30 - 3), n * 30, n * 30 + 30, 0) for n in range(3)]

NUMBERS = st.integers(-5, 120) | st.sampled_from([None, 10**15, "7", "x", 3.5, True])
TIMES = NUMBERS | st.sampled_from(["00:01:00", "99:99:99", "00:04:12,500", "00:02", "HH:MM:SS", "-00:00:01", "1m"])
TITLES = st.sampled_from(
    ["Loading", "loading!", "Načtení modelu do paměti", "", " ", "Part 2", "[/b]", "\u202e\n", "x" * 400]
) | (st.text(max_size=8))


def sections(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {}, optional={"title": TITLES, "start_time": TIMES, "cue": NUMBERS, "subsections": below}
    )


OUTLINES = st.lists(
    sections(st.recursive(st.just([]), lambda b: st.lists(sections(b), max_size=4), max_leaves=8)), max_size=15
)
GROUPS = st.fixed_dictionaries(
    {
        "groups": st.lists(
            st.fixed_dictionaries({"title": TITLES, "sections": st.lists(NUMBERS, max_size=12)}), max_size=12
        ),
        "same": st.lists(NUMBERS, max_size=4),
    }
)
STRUCTURED = (OUTLINES | GROUPS | st.fixed_dictionaries({"titles": st.lists(TITLES, max_size=4)})).map(json.dumps)
CUT = st.builds(lambda text, at: text[: at % (len(text) + 1)], STRUCTURED, st.integers(0, 2_000))
REPLIES = st.builds(
    lambda text, finish: Reply(text, finish, "any"),
    st.text() | st.text(alphabet='[]{}":, titlecuesgrop0123456789') | STRUCTURED | CUT,
    st.sampled_from(["stop", "stop", "stop", "length", "refusal", "filter"]),
)


GLOSSARY = Options(glossary=("load ing", "L\no\x1bad-ing-" + "!" * 300, "", "x" * 200))
"""Terms that a client may send, and that no title can be spelled with."""


async def offline(prompt: Prompt) -> Reply:
    return offline_reply(prompt)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(
    st.lists(REPLIES, min_size=1, max_size=6),
    st.sampled_from([Options(), Options(depth=1), Options(language="cs"), GLOSSARY]),
)
def test_any_replies_give_an_outline_that_keeps_its_contract(replies: list[Reply], options: Options) -> None:
    answers = itertools.cycle(replies)
    calls = 0

    async def any_model(prompt: Prompt) -> Reply:
        nonlocal calls
        calls += 1
        return next(answers)

    async def whole() -> None:
        made = [await outline_chunk(LECTURE, chunk, "l.srt", options, any_model, offline) for chunk in CHUNKS]
        outline = await outline_lecture(LECTURE, CHUNKS, made, {}, "l.srt", options, any_model)
        assert check(outline, LECTURE.cues) == []
        assert outline.holes == ()
        assert calls <= 3 * 40
        for chunk in outline.chunks:
            inside = {section.cue for _, section in walk(chunk.sections)}
            assert inside <= set(range(chunk.index * 30, chunk.index * 30 + 30))
            assert chunk.degraded or any(section.title for _, section in walk(chunk.sections))

    asyncio.run(whole())
