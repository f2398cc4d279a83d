"""Outlined: a lecture sent through the real pipeline, with any model, as a worker would do it, but without a queue."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise

from lectures import Chaptered

from shared.chunks import Chunk
from shared.cues import Cues
from shared.endpoints import endpoints
from shared.lecture import Options
from shared.outline import Section, walk
from worker.exchange import Ask, Prompt, Reply
from worker.model.offline import reply
from worker.model.openai_compatible import OpenAICompatible
from worker.pipeline import outline_chunk, outline_lecture

OFFLINE = "offline"
CHUNK_LETTERS = 16_000
"""About 4,000 tokens."""


@dataclass(frozen=True)
class Outlined:
    """An outline, and what it cost."""

    sections: tuple[Section, ...]
    grounded_share: float
    tokens: int
    seconds: float

    @property
    def every(self) -> list[Section]:
        return [section for _, section in walk(self.sections)]

    @property
    def depth(self) -> int:
        return max((len(path) for path, _ in walk(self.sections)), default=0)


async def outlined(lecture: Chaptered, model: str, detail: str, whole: bool = False) -> Outlined:
    """The lecture's outline by "offline" or by a model of that name at OPENAI_BASE_URL; `whole`: as a single chunk."""
    began = time.monotonic()
    cues, options = Cues(lecture.cues, "srt", "utf-8"), Options(detail=detail)
    chunks = _chunks(lecture, whole)
    async with _asking(model) as ask:
        outlines = [await outline_chunk(cues, chunk, lecture.name, options, ask, _offline) for chunk in chunks]
        outline = await outline_lecture(cues, chunks, outlines, {}, lecture.name, options, ask)
    tokens = outline.usage.tokens_in + outline.usage.tokens_out
    return Outlined(outline.sections, outline.grounded_share, tokens, time.monotonic() - began)


@asynccontextmanager
async def _asking(model: str) -> AsyncIterator[Ask]:
    if model == OFFLINE:
        yield _offline
        return
    found = endpoints(os.environ | {"KAPITOLA_MODEL": model})
    if not found:
        raise SystemExit(f"Nowhere to ask {model}: set OPENAI_BASE_URL or OPENAI_API_KEY.")
    server = OpenAICompatible(found[0])

    async def ask(prompt: Prompt) -> Reply:
        return (await server.answer(prompt)).reply

    try:
        yield ask
    finally:
        await server.close()


async def _offline(prompt: Prompt) -> Reply:
    return reply(prompt)


def _chunks(lecture: Chaptered, whole: bool) -> list[Chunk]:
    """Even chunks of about CHUNK_LETTERS, with the five cues before each for context."""
    letters = sum(len(text) for text in lecture.texts)
    count = 1 if whole else max(1, round(letters / CHUNK_LETTERS))
    starts = [round(len(lecture.cues) * n / count) for n in range(count + 1)]
    return [Chunk(n, count, max(0, a - 5), a, b, 0) for n, (a, b) in enumerate(pairwise(starts))]
