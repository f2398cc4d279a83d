"""Spelling: titles write the terms of the course as its glossary does."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from shared.outline import Section
from worker.dialogue import Dialogue
from worker.wording import tidy

_SPELLED = "spelled-as-in-glossary"
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Letters:
    """A text's letters without case, accents, spaces and marks, and where each of them and each word stands in it."""

    plain: str
    places: tuple[int, ...]
    opens: frozenset[int]
    closes: frozenset[int]


def spelled(title: str, glossary: Sequence[str]) -> str:
    """The title with every term of the glossary spelled as there, wherever it stands in it but for case, accents,
    hyphens and spaces: "Hugging face" or "huggingface" becomes "Hugging Face"."""
    for term in sorted(glossary, key=len, reverse=True):
        title = _with(title, term)
    return title


def as_given(talk: Dialogue, sections: Sequence[Section]) -> tuple[Section, ...]:
    """The sections with their titles so spelled; what was changed is recorded."""
    if not talk.options.glossary:
        return tuple(sections)
    made = []
    for section in sections:
        title = tidy(spelled(section.title, talk.options.glossary))  # a term may be of any length, and of more lines
        if title != section.title:
            talk.mended(_SPELLED, title)
        below = as_given(talk, section.subsections)
        made.append(section.model_copy(update={"title": title, "subsections": below}))
    return tuple(made)


def _with(title: str, term: str) -> str:
    wanted, found = _letters(term).plain, _letters(title)
    if not wanted:
        return title
    at = found.plain.find(wanted)
    while at >= 0:
        first, last = found.places[at], found.places[at + len(wanted) - 1]
        if first in found.opens and last in found.closes:
            return title[:first] + term + _with(title[last + 1 :], term)
        at = found.plain.find(wanted, at + 1)
    return title


def _letters(text: str) -> _Letters:
    plain: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        for letter in unicodedata.normalize("NFKD", sign).casefold():
            if letter.isalnum():
                plain.append(letter)
                places.append(place)
    words = list(_WORD.finditer(text))
    opens = frozenset(word.start() for word in words)
    return _Letters("".join(plain), tuple(places), opens, frozenset(word.end() - 1 for word in words))
