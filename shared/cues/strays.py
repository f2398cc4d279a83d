"""Strays: a few cues that are far away from all others, such as a forgotten advertisement or a time gone wrong.

They stay where the file has them, for nobody but its owner knows whether they belong there. But a meeting of 41 minutes
with two of them at 06:13:20 was said to be of 374 minutes, and nobody wondered aloud.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from shared.cues.cue import Cue
from shared.outline import clock

_FAR_MS, _FAR_SHARE = 20 * 60_000, 0.25
"""So long a silence, and so long beside all the others together. Of a day with a break both sides are long, and neither
is only a few cues."""
_FEW, _FEW_SHARE, _FEWEST_SHARE = 3, 0.01, 0.1
"""So many cues, or this share of them; but of a short file less than a tenth."""


def length(cues: Sequence[Cue]) -> int:
    """Milliseconds: where the last cue ends, strays at either end left aside."""
    first, stop = _body(cues)
    return max(cue.end for cue in cues[:stop]) - (cues[first].start if first else 0)


def remarks(cues: Sequence[Cue]) -> list[str]:
    """What whoever handed the cues in should know of their strays, one line each; nothing if there are none."""
    return list(_remarks(cues, *_body(cues)))


def _remarks(cues: Sequence[Cue], first: int, stop: int) -> Iterator[str]:
    if stop < len(cues):
        gap = cues[stop].start - max(cue.end for cue in cues[:stop])
        yield _told("last", len(cues) - stop, cues[stop], gap, "after")
    if first:
        yield _told("first", first, cues[0], cues[first].start - max(cue.end for cue in cues[:first]), "before")


def _body(cues: Sequence[Cue]) -> tuple[int, int]:
    """Where the cues begin, and where they stop, that are no strays."""
    few = int(min(max(_FEW, len(cues) * _FEW_SHARE), (len(cues) - 1) * _FEWEST_SHARE))
    ends = list(accumulate((cue.end for cue in cues), max))
    stop = next((n for n in range(len(cues) - few, len(cues)) if _is_far(cues, ends, n, 0, n)), len(cues))
    first = next((n for n in range(few, 0, -1) if _is_far(cues, ends, n, n, stop)), 0)
    return first, stop


def _is_far(cues: Sequence[Cue], ends: Sequence[int], at: int, first: int, stop: int) -> bool:
    """Whether the silence before the cue `at` is long beside the cues from `first` up to, not including, `stop`."""
    silence = cues[at].start - ends[at - 1]
    return silence >= max(_FAR_MS, _FAR_SHARE * (ends[stop - 1] - cues[first].start))


def _told(which: str, count: int, at: Cue, silence: int, side: str) -> str:
    minutes = silence // 60_000
    long = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    cues, come = ("cue", "comes") if count == 1 else (f"{count} cues", "come")
    they, are = ("it", "it is") if count == 1 else ("them", "they are")
    return (
        f"The {which} {cues}, at {clock(at.start)}, {come} {long} {side} all others. If {are} no part of the lecture "
        f"(a forgotten advertisement, a time gone wrong), take {they} out and hand the file in again."
    )
