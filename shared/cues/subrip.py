"""SubRip: `.srt`, read by the srt package once the text is clean."""

from __future__ import annotations

import re
from datetime import timedelta

import srt  # type: ignore[import-untyped]

from shared.cues.block import Block
from shared.cues.blocks import Blocks
from shared.cues.mendings import Mended
from shared.cues.plain_text import is_plain, make_plain
from shared.errors import TranscriptRefusedError

_TIME = r"([0-9]{2,5}:[0-5][0-9]):([0-5][0-9]),([0-9]{3})"
_ARROWS = "→⟶➔＞"
# A cue in which nothing needs mending, if its text has no arrow. Possessive, so that it takes one pass.
_CLEAN = re.compile(rf"([0-9]{{1,9}})\n{_TIME} --> {_TIME}\n((?:\S.*+\n)++)\n")
# Inside a cue we part lines with this, which `clean_lines` has taken away: then no line of text can pass for a number.
_PART = "\u2028"
_MS = timedelta(milliseconds=1)


def read(text: str, name: str, mended: Mended) -> list[Block]:
    """The cues of `text`. Raises TranscriptRefusedError where a time line cannot be read."""
    clean = _read_clean(text)
    if clean is not None:
        return clean
    blocks = make_plain(Blocks(text, name, mended).read(), mended)
    parsed = list(srt.parse(_composed(blocks)))
    if len(parsed) != len(blocks):
        raise TranscriptRefusedError(name, f"{len(blocks)} cues begin, but {len(parsed)} could be read", "SubRip text")
    return [
        Block(block.line, block.number, cue.start // _MS, cue.end // _MS, cue.content.split(_PART))
        for cue, block in zip(parsed, blocks, strict=True)
    ]


def _read_clean(text: str) -> list[Block] | None:
    """The cues of a file that needs no mending at all, None for any other. `_CLEAN` says all that such a file can
    hold, so there is nothing to decide; the srt package takes three times as long to find the same."""
    if not is_plain(text) or any(arrow in text for arrow in _ARROWS):
        return None
    blocks = []
    minutes: dict[str, int] = {}
    text = text.rstrip(" \n") + "\n\n"
    stop, line = 0, 2
    for found in _CLEAN.finditer(text):
        if found.start() != stop:
            return None
        number, minute, second, ms, minute_2, second_2, ms_2, content = found.groups()
        for one in (minute, minute_2):
            if one not in minutes:
                minutes[one] = (int(one[:-3]) * 60 + int(one[-2:])) * 60_000
        start = minutes[minute] + int(second) * 1000 + int(ms)
        end = minutes[minute_2] + int(second_2) * 1000 + int(ms_2)
        lines = content[:-1].split("\n")
        blocks.append(Block(line, int(number), start, end, lines))
        line += len(lines) + 3
        stop = found.end()
    # A “>” that is none of theirs may be a time line among the text.
    return blocks if stop == len(text) and text.count(">") == len(blocks) else None


def _composed(blocks: list[Block]) -> str:
    """The blocks as any SubRip reader takes them, numbered from 1."""
    return "".join(
        f"{i}\n{stamp(b.start)} --> {stamp(b.end)}\n{_PART.join(b.lines)}\n\n" for i, b in enumerate(blocks, 1)
    )


def stamp(ms: int, point: str = ",") -> str:
    """`ms` milliseconds as "HH:MM:SS,mmm"."""
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"
