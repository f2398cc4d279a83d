"""Spelling: titles write the terms of the course as its glossary does; and which terms are nowhere to be written."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from shared.cues import Cue
from shared.outline import Section, walk
from worker.dialogue import Dialogue
from worker.wording import tidy

_SPELLED = "spelled-as-in-glossary"
_WORD = re.compile(r"\w+")
_STEM, _STEM_SHARE = 4, 0.75
"""How much of a word is the same in all its forms, in letters at least and as a share; nothing less is told by it."""
_SURE_BYTES = 6
"""So long a term, in UTF-8, is no chance part of other words: six letters of Latin, or two characters of Chinese."""


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


def not_said(glossary: Sequence[str], cues: Sequence[Cue], sections: Sequence[Section]) -> tuple[str, ...]:
    """The terms that are in no title nor, as far as their spelling shows, in what is said. Whatever may be a form of a
    term is taken for it ("Kubernetesu", "hugging-face"): only what there is certainly nothing of had no effect."""
    if not glossary:
        return ()
    told = _WORD.findall(_plain(" ".join([*(cue.text for cue in cues), *(s.title for _, s in walk(sections))])))
    words, run = sorted(set(told)), "".join(told)
    return tuple(term for term in dict.fromkeys(glossary) if not _is_said(term, words, run))


def _is_said(term: str, words: Sequence[str], run: str) -> bool:
    parts = _WORD.findall(_plain(term))
    whole = "".join(parts)
    return all(_has_form_of(part, words) for part in parts) or (len(whole.encode()) >= _SURE_BYTES and whole in run)


def _has_form_of(word: str, words: Sequence[str]) -> bool:
    stem = word[: max(_STEM, round(_STEM_SHARE * len(word)))]
    at = bisect_left(words, stem)
    return at < len(words) and words[at].startswith(stem)


def _plain(text: str) -> str:
    """The text without case and accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))


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
