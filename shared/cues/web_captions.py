"""WebVTT and YouTube's SBV, read by webvtt-py once the text is clean."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO

import webvtt

from shared.cues.block import Block
from shared.cues.blocks import Blocks
from shared.cues.mendings import Mended
from shared.cues.plain_text import make_plain
from shared.cues.subrip import stamp
from shared.errors import TranscriptRefusedError

_PART = "\u2028"  # parts the lines of a cue; webvtt-py does not take it for a line end


def read_vtt(text: str, name: str, mended: Mended) -> list[Block]:
    """The cues of a WebVTT file. Raises TranscriptRefusedError where a time line cannot be read."""
    blocks = make_plain(Blocks(text, name, mended, vtt=True).read(), mended)
    return _parsed(blocks, name, "vtt", "WEBVTT\n\n", lambda b: f"{stamp(b.start, '.')} --> {stamp(b.end, '.')}")


def read_sbv(text: str, name: str, mended: Mended) -> list[Block]:
    """The cues of an SBV file. Raises TranscriptRefusedError where a time line cannot be read."""
    blocks = make_plain(Blocks(text, name, mended, sbv=True).read(), mended)
    return _parsed(blocks, name, "sbv", "", lambda b: f"{stamp(b.start, '.')},{stamp(b.end, '.')}")


def _parsed(blocks: list[Block], name: str, form: str, head: str, times: Callable[[Block], str]) -> list[Block]:
    if not blocks:
        return []
    # An arrow in the text would begin a new cue, whatever stands around it.
    text = "\n\n".join([f"{times(b)}\n{_PART.join(b.lines).replace('-->', '--&gt;')}" for b in blocks])
    captions = webvtt.from_buffer(StringIO(head + text), format=form)
    if len(captions) != len(blocks):
        raise TranscriptRefusedError(
            name, f"{len(blocks)} cues begin, but {len(captions)} could be read", "WebVTT or SBV"
        )
    return [
        Block(
            block.line,
            block.number,
            caption.start_time.in_milliseconds(),
            caption.end_time.in_milliseconds(),
            # Not `text`, which makes `ac` of `a<b and b>c`.
            caption.raw_text.replace("--&gt;", "-->").split(_PART),
        )
        for caption, block in zip(captions.captions, blocks, strict=True)
    ]
