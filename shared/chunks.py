"""Chunks: consecutive cues that fit one prompt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chunk:
    """Chunk `index` + 1 of `of`: the lecture's cues from position `first` up to, not including, `stop`.

    `context` is where the cues begin that go along before it, marked as such, so that the model knows
    what was just said; no section may start in them.
    """

    index: int
    of: int
    context: int
    first: int
    stop: int
    tokens: int
    """A cautious estimate of what its cues cost in a prompt."""
