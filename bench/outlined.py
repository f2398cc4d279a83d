"""Outlined: a lecture sent through the real pipeline, with any model, as a worker would do it, but without a queue."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from lectures import Chaptered
from recorded import recording, replaying
from variants import Variant

from shared.chunks import tokens_in
from shared.cues import Cues
from shared.endpoints import endpoints
from shared.outline import Section, walk
from shared.prices import price, priced
from worker.exchange import Ask, Prompt, Reply
from worker.model.offline import reply
from worker.model.openai_compatible import OpenAICompatible
from worker.pipeline import outline_chunk, outline_lecture

OFFLINE = "offline"


@dataclass(frozen=True)
class Outlined:
    """An outline, and what it cost."""

    sections: tuple[Section, ...]
    grounded_share: float
    calls: int
    tokens_in: int
    """Estimated from the prompts' text, so that it can be told for the offline model too, which reads no text."""
    tokens_out: int
    """As the model reported it."""
    cost: float | None
    """US dollars; None where the price of a call is not known, and where nothing was to be paid."""
    seconds: float

    @property
    def every(self) -> list[Section]:
        return [section for _, section in walk(self.sections)]

    @property
    def depth(self) -> int:
        return max((len(path) for path, _ in walk(self.sections)), default=0)


async def outlined(lecture: Chaptered, ask: Ask, variant: Variant) -> Outlined | None:
    """The lecture's outline by whatever `ask` asks, or None where the variant leaves the lecture out."""
    began = time.monotonic()
    cues, options = Cues(lecture.cues, "srt", "utf-8"), variant.options
    chunks = variant.chunks(lecture.cues)
    if not chunks:
        return None
    sent: list[int] = []

    async def counting(prompt: Prompt) -> Reply:
        sent.append(tokens_in(prompt.rules) + tokens_in(prompt.request))
        return await ask(prompt)

    told = variant.asking(counting)
    outlines = [await outline_chunk(cues, chunk, lecture.name, options, told, _offline) for chunk in chunks]
    outline = await outline_lecture(cues, chunks, outlines, {}, lecture.name, options, told)
    seconds = time.monotonic() - began
    share, usage = outline.grounded_share, outline.usage
    cost = usage.known_cost or None
    return Outlined(outline.sections, share, len(sent), sum(sent), usage.tokens_out, cost, seconds)


@asynccontextmanager
async def asking(model: str, record: Path | None = None, replay: Path | None = None) -> AsyncIterator[Ask]:
    """Asks "offline", or a model of that name at OPENAI_BASE_URL, or, with `replay`, nobody."""
    if replay:
        yield replaying(replay)
        return
    async with _model(model) as ask:
        yield recording(ask, record) if record else ask


@asynccontextmanager
async def _model(model: str) -> AsyncIterator[Ask]:
    if model == OFFLINE:
        yield _offline
        return
    found = endpoints(os.environ | {"KAPITOLA_MODEL": model})
    if not found:
        raise SystemExit(f"Nowhere to ask {model}: set OPENAI_BASE_URL or OPENAI_API_KEY.")
    server, known = OpenAICompatible(found[0]), price(found[0].model, os.environ.get("KAPITOLA_PRICES", ""))

    async def ask(prompt: Prompt) -> Reply:
        answer = await server.answer(prompt)
        return replace(answer.reply, usage=priced(answer.reply.usage, known, economy=answer.economy))

    try:
        yield ask
    finally:
        await server.close()


async def _offline(prompt: Prompt) -> Reply:
    return reply(prompt)
