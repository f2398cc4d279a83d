"""Terms: what the offline model compares instead of words, in any language and without a dictionary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

STEM = 5
"""Letters of a word that count. Inflected forms of a word mostly share them ("kvantizace", "kvantizaci"); five
was the best of none, 4, 5 and 6 over the development lectures."""

_UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Japanese, Chinese
)
MARKS = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0dff"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ece"
)
"""Signs that are written on a letter and belong to it, which Python does not count as letters."""
WORD = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W\d_])(?:(?![{_UNSPACED}])[\w'’{MARKS}])*")
"""A run of letters of one kind of script; a number by itself says nothing of the topic."""
UNSPACED = re.compile(rf"[{_UNSPACED}]")
UNSPACED_RUN = re.compile(rf"[{_UNSPACED}]+")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The part of a word that its inflected forms share, in small letters."""
    return word.casefold().replace("’", "'").split("'")[0][:STEM]


def spoken(text: str) -> list[str]:
    """The words of `text` in small letters, as the lists of speech have them."""
    return [word.casefold().replace("’", "'") for word in WORD.findall(text)]


def terms(text: str) -> Iterator[str]:
    """The terms of `text` in order: stems of words, and pairs of characters where words are written together."""
    for match in WORD.finditer(text):
        word = match.group()
        if UNSPACED.match(word):
            yield from (word[i : i + 2] for i in range(max(1, len(word) - 1)))
        elif found := stem(word):
            yield found
