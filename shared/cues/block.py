"""Block: a cue as its file has it, before its text is made plain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Block:
    """`line` is its place in the file, from 1, None in JSON; `number` is None where the file gives none."""

    line: int | None
    number: int | None
    start: int
    end: int
    lines: list[str]
