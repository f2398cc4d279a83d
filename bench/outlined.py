"""Outlined: a lecture sent through the real pipeline, with any model, as the worker would do it."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

from lectures import Chaptered

from shared.lecture import Options
from shared.outline import Section, walk
from worker.exchange import Material, Prompt
from worker.model.offline import reply


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


async def outlined(lecture: Chaptered, model: str, detail: str) -> Outlined:
    began = time.monotonic()
    prompt = Prompt("outline", "", "", "", lecture.language, Options(detail=detail), Material(cues=lecture.cues))
    given = json.loads(reply(prompt).text)
    return Outlined(tuple(_section(lecture, s) for s in given), 1.0, 0, time.monotonic() - began)


def _section(lecture: Chaptered, given: dict) -> Section:
    cue = given["cue"] - 1
    below = tuple(_section(lecture, s) for s in given["subsections"])
    return Section(title=given["title"], start=lecture.cues[cue].start, end=0, cue=cue, subsections=below)
