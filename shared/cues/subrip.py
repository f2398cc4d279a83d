"""SubRip: `.srt`, read by the srt package's grammar once the text is clean."""

from __future__ import annotations

import re

import srt

from shared.cues.block import Block
from shared.cues.blocks import Blocks
from shared.cues.mendings import Mended
from shared.cues.plain_text import NEEDS_CARE, make_plain
from shared.errors import TranscriptRefusedError

_TIME = r"[0-9]{2,5}:[0-5][0-9]:[0-5][0-9],[0-9]{3}"
# A file in which nothing needs mending: the package may have it as it is. Possessive, so that it takes one pass;
# and no line begins with ten digits, on which the package's own expression takes quadratic time.
_CLEAN = re.compile(rf"(?:[0-9]{{1,9}}\n{_TIME} --> {_TIME}\n(?:(?!-?[0-9]{{10}})[^\s>→⟶➔＞][^\n>→⟶➔＞]*+\n)++\n++)++")
# Inside a cue we part lines with this, which `clean_lines` has taken away: then no line of text can pass for a number.
_PART = "\u2028"


def read(text: str, name: str, mended: Mended) -> list[Block]:
    """The cues of `text`. Raises TranscriptRefusedError where a time line cannot be read."""
    clean = text.strip("\n") + "\n\n"
    if _CLEAN.fullmatch(clean) and not NEEDS_CARE.search(clean):
        blocks = _parsed(clean, "\n", text.find(clean[:1]) and text[: text.find(clean[:1])].count("\n"))
        if len(blocks) == clean.count(" --> "):
            return blocks
    found = make_plain(Blocks(text, name, mended).read(), mended)
    parsed = _parsed(_composed(found), _PART)
    if len(parsed) != len(found):
        raise TranscriptRefusedError(name, f"{len(found)} cues begin, but {len(parsed)} could be read", "SubRip text")
    for block, original in zip(parsed, found, strict=True):
        block.line, block.number = original.line, original.number
    return parsed


def _parsed(text: str, part: str, line: int = 0) -> list[Block]:
    """What the srt package finds. Its `parse` spends half its time on timedeltas; a thousand cues in 3 ms, not 8."""
    blocks = []
    line += 2
    for found in srt.SRT_REGEX.finditer(text):
        number, start, end, _, content = found.groups()
        lines = content.split(part)
        blocks.append(Block(line, int(number), _ms(start), _ms(end), [" ".join(one.split()) for one in lines]))
        line += len(lines) + 3
    return blocks


def _ms(time: str) -> int:
    return (int(time[:-10]) * 3600 + int(time[-9:-7]) * 60 + int(time[-6:-4])) * 1000 + int(time[-3:])


def _composed(blocks: list[Block]) -> str:
    """The blocks as any SubRip reader takes them, numbered from 1."""
    return "".join(
        f"{i}\n{stamp(b.start)} --> {stamp(b.end)}\n{_PART.join(b.lines)}\n\n" for i, b in enumerate(blocks, 1)
    )


def stamp(ms: int, point: str = ",") -> str:
    """`ms` milliseconds as "HH:MM:SS,mmm"."""
    seconds, ms = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{ms:03}"
