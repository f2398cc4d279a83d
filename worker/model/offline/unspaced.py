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
        self._words = {
            word for word, times in counts.items() if times >= LEAST_TIMES and times * 2 >= _shorter(word, counts)
        }

    def words(self, run: str) -> Iterator[tuple[str, bool]]:
        """The words of a run of characters, each with whether something was left out just before it."""
        for piece in _PARTICLES.split(run):
            apart = True
            for text in self._parted(_CHARACTER.findall(piece)):
                if text:
                    yield text, apart
                apart = not text

    def _parted(self, characters: list[str]) -> Iterator[str]:
        """The longest word first, then what is left of it and right of it; "" stands for what is no word."""
        for size in range(min(MOST_CHARACTERS, len(characters)), 1, -1):
            for at in range(len(characters) - size + 1):
                if "".join(characters[at : at + size]) in self._words:
                    yield from self._parted(characters[:at])
                    yield "".join(characters[at : at + size])
                    yield from self._parted(characters[at + size :])
                    return
        if characters:
            yield ""


def _shorter(word: str, counts: Counter[str]) -> int:
    """How often the more usual of the two runs is said that are one character shorter; a word is not much rarer."""
    return max(counts[word[:-1]], counts[word[1:]])
