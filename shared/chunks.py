"""Chunks: consecutive cues that fit one prompt."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate, groupby

from shared.cues import Cue

CONTEXT = 6
"""How many cues go along before a chunk: about twenty seconds of speech, enough to see what a “this” means."""

_FILL = 0.9  # chunks are planned this full, so that cuts may move to a pause
_WINDOW = 0.15  # how far from the even cut a better place is looked for, as a share of the chunk
_LONG_PAUSE = 1_500  # milliseconds; shorter gaps are breath, or none at all in recognised speech
_SENTENCE_END = tuple(".?!…。！？؟।۔")
_CLOSING = "\"'”’»)]」』 "

_DIGIT = re.compile("[0-9]")
# Armenian, Indic scripts, Thai, Tibetan, Burmese, Georgian, Ethiopic, Khmer, Mongolian: many vocabularies spend a
# token on each letter, where a quarter of its three bytes would be counted.
_DEAR = re.compile("[\u0530-\u058f\u0700-\u10ff\u1200-\u1cff]")


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
    """A cautious estimate of what its cues cost in a prompt, those of its context included."""


def tokens_in(text: str) -> int:
    """A cautious estimate of the tokens of `text`: a quarter of its UTF-8 bytes, which is never far under
    (English +23 %, Chinese +2 %, Czech -5 %), with digits counted double, as they are grouped by three at most."""
    if text.isascii():
        return -(-(len(text) + len(_DIGIT.findall(text))) // 4)
    quarters = len(text.encode()) + len(_DIGIT.findall(text)) + len(_DEAR.findall(text))
    return -(-quarters // 4)


def line_tokens(cue: Cue) -> int:
    """What a cue costs as a line of the prompt: its number, a space, its text, a line end."""
    return tokens_in(f"{cue.number} {cue.text}\n")


def cut(cues: tuple[Cue, ...], budget: int, context: int = CONTEXT) -> tuple[Chunk, ...]:
    """`cues` in even shares of at most `budget` tokens each, with up to `context` cues before each.

    Cuts lie where the longest pause is near the even cut, else where a sentence ends. A cue that is over the budget
    by itself is a chunk of its own, over budget and without context: nothing is left out, and `tokens` shows it."""
    if budget < 1:
        raise ValueError(f"a budget of {budget} tokens holds no cue")
    costs = [line_tokens(cue) for cue in cues]
    sums = list(accumulate(costs, initial=0))
    # The context is paid from the same budget, but never takes more than a tenth of it.
    limit = max(1, budget - budget // 10)
    starts = _starts(cues, costs, sums, limit, budget)
    stops = [*starts[1:], len(cues)] if starts else []
    chunks = []
    for index, (first, stop) in enumerate(zip(starts, stops, strict=True)):
        own = sums[stop] - sums[first]
        room = min(budget // 10, budget - own)
        earliest = bisect_left(sums, sums[first] - room) if room > 0 else first
        begin = max(earliest, first - context, 0)
        chunks.append(Chunk(index, len(starts), begin, first, stop, sums[stop] - sums[begin]))
    return tuple(chunks)


def _starts(cues: tuple[Cue, ...], costs: list[int], sums: list[int], limit: int, budget: int) -> list[int]:
    """Where chunks begin. A lecture that fits whole is one chunk; cues over the limit stand alone."""
    if not cues or sums[-1] <= budget:
        return [0] if cues else []
    pauses = _pauses(cues)
    starts: list[int] = []
    first = 0
    for huge, run in groupby(costs, key=lambda cost: cost > limit):
        length = len(list(run))
        if huge:
            starts.extend(range(first, first + length))
        else:
            starts.extend(_even(cues, pauses, sums, limit, first, first + length))
        first += length
    return starts


def _even(cues: tuple[Cue, ...], pauses: list[int], sums: list[int], limit: int, first: int, stop: int) -> list[int]:
    """Where the chunks of cues `first` to `stop` begin, each of at most `limit` tokens."""
    starts = [first]
    left = sums[stop] - sums[first]
    parts = 1 if left <= limit else -int(-left // (limit * _FILL))
    while parts > 1:
        left = sums[stop] - sums[first]
        share = left / parts
        # Neither over the limit here, nor so little that the rest does not fit the parts that are left.
        least = max(share * (1 - _WINDOW), left - (parts - 1) * limit)
        most = min(share * (1 + _WINDOW), limit)
        earliest = max(first + 1, bisect_left(sums, sums[first] + least))
        latest = min(stop - 1, bisect_right(sums, sums[first] + most) - 1)
        even = bisect_left(sums, sums[first] + share)
        if latest < earliest:  # long cues: no cut is near the even one
            if left <= limit or first + 1 == stop:
                break
            fits = earliest < stop and sums[earliest] - sums[first] <= limit
            latest = earliest = earliest if fits else max(first + 1, latest)
        first = _best(cues, pauses, earliest, latest, even)
        starts.append(first)
        parts = max(parts - 1, int(-(-(sums[stop] - sums[first]) // limit)))
    return starts


def _best(cues: tuple[Cue, ...], pauses: list[int], earliest: int, latest: int, even: int) -> int:
    """The best place for a cut among `earliest` to `latest`, a chunk beginning there: behind the longest pause if
    there is a long one, else behind a sentence's end, and of several the one nearest to the even cut."""

    def merit(at: int) -> tuple[int, bool, int]:
        pause = pauses[at] if pauses[at] >= _LONG_PAUSE else 0
        return pause, ends_sentence(cues[at - 1].text), -abs(at - even)

    return max(range(earliest, latest + 1), key=merit)


def ends_sentence(text: str) -> bool:
    """Whether a sentence ends with `text`."""
    return text.rstrip(_CLOSING).endswith(_SENTENCE_END)


def _pauses(cues: tuple[Cue, ...]) -> list[int]:
    """For each cue the silence before it, in milliseconds: from the end of all that was said earlier."""
    ends = accumulate((cue.end for cue in cues), max, initial=0)
    return [cue.start - end for cue, end in zip(cues, ends, strict=False)]
