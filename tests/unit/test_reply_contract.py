"""Whatever a model sends, however it is cut: the chunk's outline keeps the contract, and no title is made up."""

from __future__ import annotations

import asyncio
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.chunks import Chunk
from shared.contract import check_sections
from shared.cues import Cue, Cues
from shared.lecture import ChunkOutline, Options, Usage
from shared.outline import walk
from worker.exchange import Prompt, Reply
from worker.model.offline import reply as offline_reply
from worker.pipeline import outline_chunk

REPLIES = sorted((Path(__file__).parents[1] / "replies").glob("*.txt"))
FIRST_MS, STEP_MS = 8_030_000, 6_000
WORDS = ("memory", "model", "layers", "weights", "answer", "quality", "speed")


def cue(n: int) -> Cue:
    start = FIRST_MS + n * STEP_MS
    return Cue(n + 1, start, start + 4_000, f"we look at the {WORDS[n % 7]} of the {WORDS[n // 20 % 7]}")


CUES = Cues(tuple(cue(n) for n in range(140)), "srt", "utf-8")
CHUNK = Chunk(0, 1, 0, 0, 140, 0)


def outlined(text: str) -> ChunkOutline:
    """The outline of a chunk whose model answers every question with `text`."""

    async def model(_: Prompt) -> Reply:
        return Reply(text, "stop", "scripted", Usage(calls=1))

    async def offline(prompt: Prompt) -> Reply:
        return offline_reply(prompt)

    return asyncio.run(outline_chunk(CUES, CHUNK, "lecture.srt", Options(), model, offline))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.sampled_from(REPLIES), st.sampled_from(REPLIES), st.integers(0, 2_500), st.integers(0, 60), st.integers(0, 2_500)
)
def test_the_contract_is_kept_whatever_is_cut_out_and_put_in(
    one: Path, other: Path, at: int, out: int, until: int
) -> None:
    text, more = one.read_bytes().decode(), other.read_bytes().decode()
    stirred = text[:at] + more[until : until + out] + text[at + out :]
    made = outlined(stirred)
    assert list(check_sections(made.sections, CUES.cues, CHUNK.first, CHUNK.stop)) == []
    assert made.sections
    letters = {c for c in stirred if c.isalnum()}
    if not made.degraded:
        for _, section in walk(made.sections):
            assert {c for c in section.title if c.isalnum()} <= letters
