"""Words where none are marked: Chinese, Japanese, Thai and others are written without spaces.

The words are learnt from the lecture: a run of characters that is said again and again is one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from worker.model.offline.terms import MARKS

MOST_CHARACTERS = 12
LEAST_TIMES = 3
_CHARACTER = re.compile(rf".[{MARKS}]*")
_PARTICLES = re.compile(
    r"[\u3040-\u309f]+|[的了是在我你他她它们們这這那个個有就不也和都说說要会會吗嗎呢吧啊很到去来來对對把被让讓从從与與及或但而所以因为為如果能可]+"
)
"""Hiragana, which Japanese writes its endings and particles with, and Chinese characters of grammar."""


class Lexicon:
    """The words of a lecture, learnt from all its runs of characters."""

    def __init__(self, runs: Iterable[str]) -> None:
        pieces = [_CHARACTER.findall(piece) for run in runs for piece in _PARTICLES.split(run)]
        counts = Counter(
            "".join(piece[at : at + size])
            for piece in pieces
            for size in range(2, MOST_CHARACTERS + 1)
            for at in range(len(piece) - size + 1)
        )
        self._words = {word for word, times in counts.items() if times >= LEAST_TIMES}

    def words(self, run: str) -> Iterator[tuple[str, bool]]:
        """The words of a run of characters, each with whether something was left out just before it."""
        for piece in _PARTICLES.split(run):
            characters, at, apart = _CHARACTER.findall(piece), 0, True
            while at < len(characters):
                size = self._longest(characters, at)
                if size:
                    yield "".join(characters[at : at + size]), apart
                apart = not size
                at += size or 1

    def _longest(self, characters: list[str], at: int) -> int:
        sizes = range(min(MOST_CHARACTERS, len(characters) - at), 1, -1)
        return next((size for size in sizes if "".join(characters[at : at + size]) in self._words), 0)
