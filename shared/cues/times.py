"""Time lines: `00:00:01,000 --> 00:00:02,500`, and the ways in which people's files write it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.cues.mendings import Mended

# Every repeat is bounded or possessive: no line, however long, takes more than one pass. Three digits behind a colon
# are milliseconds; two are frames, and how many of them make a second the file does not say.
_TIME = (
    r"(?P<{0}minus>[-−] ?)?(?:(?P<{0}h>[0-9]{{1,5}}) ?: ?)?(?P<{0}m>[0-9]{{1,3}}) ?: ?(?P<{0}s>[0-9]{{1,3}})"
    r"(?: ?[,.;] ?(?P<{0}f>[0-9]{{1,9}})| ?: ?(?P<{0}f3>[0-9]{{3}}))?(?![0-9:])"
)
_ARROW = r"[ \t]*+(?:-[- ]?[- ]?>|--?&gt;|[—–−=]{1,2}>|→|⟶|➔)[ \t]*+"
ARROWS = re.compile(r"->|—>|–>|−>|=>|- >|→|⟶|➔|-&gt;")
_TIME_LINE = re.compile(r"[ \t]*+" + _TIME.format("a") + _ARROW + _TIME.format("b") + r"(?P<rest>.*)")
_SBV_TIME = r"([0-9]{1,5}):([0-9]{1,2}):([0-9]{1,2})\.([0-9]{1,9})"
_SBV_LINE = re.compile(rf"[ \t]*+{_SBV_TIME}[ \t]*+,[ \t]*+{_SBV_TIME}[ \t]*+")
_USUAL = re.compile(
    r"([0-9]{2,5}):([0-5][0-9]):([0-5][0-9]),([0-9]{3}) --> ([0-9]{2,5}):([0-5][0-9]):([0-5][0-9]),([0-9]{3})(?![0-9])"
)
_VTT_TIME = r"(?:[0-9]{2,5}:)?[0-5][0-9]:[0-5][0-9]\.[0-9]{3}"
_USUAL_VTT = re.compile(rf"{_VTT_TIME}[ \t]++-->[ \t]++{_VTT_TIME}(?![0-9])")
_FULL = r"[0-9]{1,5}:[0-9]{1,2}:[0-9]{1,2}[,.][0-9]{1,9}"
# What was meant as a time line: digits and signs with a colon on both sides of an arrow, or a whole time on one side
# and a word on the other. As text of the cue before, its own cue would be lost without a word.
_MEANT = re.compile(
    rf"[ \t]*+(?:[-−]?[0-9][0-9:;,. \t]*+{_ARROW}[-−0-9:;,. \t]*+$"
    rf"|{_FULL}{_ARROW}|[^\s>-]{{1,20}}+{_ARROW}{_FULL}[ \t]*+$)"
)
_LONE_TIMES = re.compile(rf"{_FULL}([ \t]++{_FULL})?[ \t]*+")
_MARKS = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad")
)
_FULL_WIDTH = {
    ord(full): plain
    for full, plain in zip(
        "，．：；－＞０１２３４５６７８９。\u00a0\u3000\u2009\u202f", ",.:;->0123456789.    ", strict=True
    )
}

SETTINGS = re.compile(
    r"(?:[ \t]+(?:[XY][12]:[0-9]{1,5}|(?:align|position|line|size|vertical|region):[^\s]{1,40}))++[ \t]*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Start and end in milliseconds, and the rest of the line."""

    start: int
    end: int
    rest: str


class UnreadableTimeError(ValueError):
    """A line that was meant as a time line, and has no single reading."""


def time_line(line: str, at: int, mended: Mended, vtt: bool = False) -> TimeLine | None:
    """The times in `line`, the `at`-th of its file; None if it is no time line.

    Raises UnreadableTimeError for a line that was plainly meant as one."""
    if not vtt and (usual := _USUAL.fullmatch(line)):
        h, m, s, f, h2, m2, s2, f2 = map(int, usual.groups())
        return TimeLine(((h * 60 + m) * 60 + s) * 1000 + f, ((h2 * 60 + m2) * 60 + s2) * 1000 + f2, "")
    plain = line if line.isascii() else line.translate(_FULL_WIDTH)
    if not ARROWS.search(plain):
        return None
    bare = plain.translate(_MARKS)
    found = _TIME_LINE.match(bare)
    if found is None:
        if ":" in bare and _MEANT.match(bare):
            raise UnreadableTimeError(bare.strip()[:60])
        return None
    if len(bare) != len(plain):
        mended.note("marks in a time line", at)
    if not (_USUAL_VTT if vtt else _USUAL).match(line):
        mended.note("time notation", at)
    return TimeLine(_ms(found, "a", at, mended), _ms(found, "b", at, mended), found["rest"])


def lone_times(line: str) -> int:
    """How many times `line` consists of: 0 if it holds anything else."""
    found = _LONE_TIMES.fullmatch(line)
    return 0 if found is None else 1 if found[1] is None else 2


def sbv_line(line: str) -> TimeLine | None:
    """The times of a line as YouTube's SBV has it: `0:00:01.000,0:00:02.500`."""
    found = _SBV_LINE.fullmatch(line)
    if found is None:
        return None
    h, m, s, f, h2, m2, s2, f2 = found.groups()
    start, end = (int(h) * 60 + int(m)) * 60 + int(s), (int(h2) * 60 + int(m2)) * 60 + int(s2)
    return TimeLine(start * 1000 + _fraction(f), end * 1000 + _fraction(f2), "")


def _ms(found: re.Match[str], which: str, at: int, mended: Mended) -> int:
    hours, minutes, seconds = (int(found[which + part] or 0) for part in "hms")
    if minutes > 59 or seconds > 59:
        mended.note("minutes or seconds over 59", at)
    if found[which + "minus"]:
        mended.note("negative time", at)
        return 0
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + _fraction(found[which + "f"] or found[which + "f3"] or "")


def _fraction(digits: str) -> int:
    """`5` is half a second, not five milliseconds: the srt package and others read it so, and shift the cue."""
    return int(digits[:3].ljust(3, "0"))
