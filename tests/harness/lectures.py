"""Lectures of many small chunks, no two with the same words: what a reply cache knows of one helps no other."""

from __future__ import annotations

import random

from shared.chunks import cut
from shared.cues import Cue, Cues
from shared.lecture import Options
from shared.ledger import Submission

_CUES_A_CHUNK = 12
_WORDS = ("yeast", "bread", "flour", "water", "dough", "oven", "heat", "clock", "network", "signal", "packet", "delay")


def lecture(id: str, chunks: int, seed: int, marker: str = "", priority: int = 0) -> Submission:
    """A lecture of about so many chunks; `marker` is said in the middle of it."""
    chance = random.Random(f"{id} {seed}")
    count = chunks * _CUES_A_CHUNK
    words = [[chance.choice(_WORDS) for _ in range(3)] for _ in range(count)]
    said = [f"so the {a} of the {b} and the {c} number {n} in {id}" for n, (a, b, c) in enumerate(words)]
    if marker:
        said[count // 2] += f" {marker}"
    cues = tuple(Cue(n + 1, n * 4_000, n * 4_000 + 3_500, text) for n, text in enumerate(said))
    return Submission(id, f"{id}.srt", Cues(cues, "srt", "utf-8"), cut(cues, 250, 1), Options(priority=priority))
