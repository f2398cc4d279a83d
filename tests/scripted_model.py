"""A scripted model, lectures for it, and their outlines, each held against the contract."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import Any

from shared.chunks import Chunk
from shared.contract import check, check_sections
from shared.cues import Cue, Cues
from shared.lecture import ChunkOutline, Options, Outline, Usage
from shared.outline import Section, walk
from worker.exchange import Prompt, Reply
from worker.model.offline import reply as offline_reply
from worker.pipeline import outline_chunk, outline_lecture

Answer = Callable[[Prompt], str | Reply]

SAID = (
    "takže teď si ukážeme jak se ten model načte do paměti",
    "tady vidíte že se nám změnila architektura vrstev",
    "kvantizace nám opravdu hodně výrazně pomáhá s rychlostí",
    "a teď si ten model uložíme na disk jako soubor",
    "potom ho můžeme nahrát zpátky do toho hubu",
    "jaké jsou za to poplatky a kolik stojí uložiště",
    "příští hodinu si ukážeme jak pustit trénink na datech",
)


def lecture(count: int, first_ms: int = 0) -> Cues:
    cues = [
        Cue(n + 1, first_ms + n * 4_000 + 300, first_ms + n * 4_000 + 3_800, f"{SAID[n * 7 // count]} {n % 13}")
        for n in range(count)
    ]
    return Cues(tuple(cues), "srt", "utf-8")


def chunked(cues: Cues, of: int) -> list[Chunk]:
    count = len(cues.cues)
    edges = [n * count // of for n in range(of + 1)]
    return [Chunk(n, of, max(0, a - 3), a, b, 0) for n, (a, b) in enumerate(itertools.pairwise(edges))]


def node(title: str, cue: int | None = None, time: str | None = None, below: Sequence[Any] = ()) -> dict[str, Any]:
    place = {"cue": cue} if cue is not None else {}
    return {"title": title, "start_time": time or "HH:MM:SS", **place, "subsections": list(below)}


class Model:
    """A scripted model: `outlines`, `groups` and `titles` answer, and every prompt is kept."""

    def __init__(self, outline: Answer, group: Answer | None = None, translate: Answer | None = None) -> None:
        self._answers = {"outline": outline, "correct": outline, "group": group, "translate": translate}
        self.prompts: list[Prompt] = []

    async def __call__(self, prompt: Prompt) -> Reply:
        self.prompts.append(prompt)
        answer = self._answers[prompt.purpose]
        given = answer(prompt) if answer else "I would rather not."
        usage = Usage(calls=1, tokens_in=100, tokens_out=10)
        return given if isinstance(given, Reply) else Reply(given, "stop", "scripted", usage)

    def asked(self, purpose: str) -> int:
        return sum(prompt.purpose == purpose for prompt in self.prompts)


async def offline(prompt: Prompt) -> Reply:
    return offline_reply(prompt)


def outline_of_chunk(cues: Cues, chunk: Chunk, model: Model, options: Options | None = None) -> ChunkOutline:
    made = asyncio.run(outline_chunk(cues, chunk, "lecture.srt", options or Options(), model, offline))
    assert list(check_sections(made.sections, cues.cues, chunk.first, chunk.stop)) == []
    return made


def outline_of(
    cues: Cues, of: int, model: Model, failures: dict[int, str] | None = None, options: Options | None = None
) -> Outline:
    asked = options or Options()

    async def whole() -> Outline:
        chunks = chunked(cues, of)
        outlines = [
            None if c.index in (failures or {}) else await outline_chunk(cues, c, "l.srt", asked, model, offline)
            for c in chunks
        ]
        return await outline_lecture(cues, chunks, outlines, failures or {}, "l.srt", asked, model)

    made = asyncio.run(whole())
    assert check(made, cues.cues) == []
    return made


def names(made: ChunkOutline | Outline) -> set[str]:
    chunks = made.chunks if isinstance(made, Outline) else ()
    return {repair.name for part in (made, *chunks) for repair in part.repairs}


def titles(sections: Sequence[Section]) -> list[str]:
    return [section.title for _, section in walk(sections)]
