"""Blocks into cues: in order, each line of rolling captions once, with numbers that grow."""

from __future__ import annotations

from itertools import pairwise

from shared.cues.block import Block
from shared.cues.cue import Cue
from shared.cues.mendings import Mended

_ROLLING_SHARE = 0.3  # rolling files repeat in nearly every cue, people who say “no” twice in one of hundreds
_ROLLING_GAP = 100  # milliseconds: the next cue of rolling captions follows at once


def in_sequence(blocks: list[Block], mended: Mended) -> tuple[Cue, ...]:
    """The cues by start, as `Cue` promises them."""
    blocks = _ordered(blocks, mended)
    if _rolls(blocks):
        blocks = _collapsed(blocks, mended)
    _note_overlaps(blocks, mended)
    numbers = _numbers(blocks, mended)
    return tuple([Cue(n, b.start, b.end, " ".join(b.lines)) for n, b in zip(numbers, blocks, strict=True)])


def _ordered(blocks: list[Block], mended: Mended) -> list[Block]:
    before = 0
    falls = False
    for block in blocks:
        if block.end < block.start:
            mended.note("end before start", block.line)
            block.end = block.start
        if block.start < before:
            mended.note("cues out of order", block.line)
            falls = True
        before = block.start
    return sorted(blocks, key=lambda block: block.start) if falls else blocks


def _repeated(before: Block, block: Block) -> int:
    """How many of the first lines of `block` are the last ones of `before`."""
    if block.lines[0] not in before.lines[-4:]:
        return 0
    most = min(len(before.lines), len(block.lines), 4)
    again = next((n for n in range(most, 0, -1) if before.lines[-n:] == block.lines[:n]), 0)
    # After a pause the last line stands above a new one; by itself it is said again.
    return again if again < len(block.lines) or block.start <= before.end + _ROLLING_GAP else 0


def _rolls(blocks: list[Block]) -> bool:
    """Whether the file has YouTube's rolling captions, which say most lines two or three times."""
    if len(blocks) < 3:
        return False
    return sum(1 for a, b in pairwise(blocks) if _repeated(a, b)) >= _ROLLING_SHARE * (len(blocks) - 1)


def _collapsed(blocks: list[Block], mended: Mended) -> list[Block]:
    """Each line once, from when it first appears; a cue that adds no line lengthens the one before."""
    kept: list[Block] = []
    before: Block | None = None
    for block in blocks:
        again = _repeated(before, block) if before else 0
        before = Block(block.line, block.number, block.start, block.end, block.lines)
        if again:
            mended.note("rolling captions collapsed", block.line, again)
            block.lines = block.lines[again:]
            if kept:
                # The line stays on the screen, but what is new is said from here on.
                kept[-1].end = max(kept[-1].start, block.start if block.lines else block.end)
        if block.lines:
            kept.append(block)
    return kept


def _note_overlaps(blocks: list[Block], mended: Mended) -> None:
    until = 0
    for block in blocks:
        if block.start < until:
            mended.note("overlapping cues", block.line)
        if block.end > until:
            until = block.end


def _numbers(blocks: list[Block], mended: Mended) -> list[int]:
    """The file's own numbers where they grow; a missing one is the next after the one before; else counted from 1."""
    numbers: list[int] = []
    last = 0
    for block in blocks:
        number = last + 1 if block.number is None else block.number
        if numbers and number <= last:
            mended.note("numbers counted anew", block.line)
            return list(range(1, len(blocks) + 1))
        numbers.append(number)
        last = number
    return numbers
