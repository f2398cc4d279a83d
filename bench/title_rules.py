"""Title rules: what no heading of a table of contents may be."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from shared.outline import Section, walk
from worker.model.offline.commonness import EVERYDAY, commonness
from worker.model.offline.speech import Speech, speech
from worker.model.offline.terms import MARKS, UNSPACED

MOST_LETTERS = 60
_WORD = re.compile(rf"[^\W_](?:[\w'’{MARKS}-]*[\w{MARKS}])?")

_SMALL = re.compile(r"(?<![\w-])[^\W\d_A-Z]+(?![\w-])")
"""A word without a capital, which is no name."""


def faults(sections: Sequence[Section], spoken: Sequence[str], language: str) -> Iterator[str]:
    """What is wrong with the titles of an outline, each as "what: title"; nothing if they are as they should be.

    `spoken` is the text of the cues, for titles that are made of the lecture's own words: a word that nobody said was
    cut, or made up, and a verb or a preposition at an end shows that something was torn out. Titles that were written
    freely, or in another language, are held to the rest of the rules only: then `spoken` is empty.
    """
    said = {word.casefold().replace("’", "'") for text in spoken for word in _WORD.findall(text)}
    lists, known = speech(language), commonness(language) if spoken else {}
    framing = (word for name in lists.introduction | lists.closing for word in name.casefold().split("_"))
    said |= set(framing) if said else set()
    every = Counter(section.title.casefold() for _, section in walk(sections))
    for _, section in walk(sections):
        if every[section.title.casefold()] > 1:
            yield f"twice in the outline: {section.title}"
        if known.get(section.title.casefold(), 0.0) >= EVERYDAY:
            yield f"an everyday word by itself: {section.title}"
        yield from (f"{fault}: {section.title}" for fault in title_faults(section.title, said, lists))


def title_faults(title: str, said: set[str], lists: Speech) -> Iterator[str]:
    """What is wrong with a title by itself, when only the words in `said` were said."""
    words = [word.casefold().replace("’", "'") for word in _WORD.findall(title)]
    yield from _torn_out(title, words, said, lists) if said else ()
    if len(title) > MOST_LETTERS:
        yield f"longer than {MOST_LETTERS} letters"
    if not words:
        yield "filler"
    if title != title.strip() or title[:1].islower():
        yield "not trimmed and cased like a heading"


def _torn_out(title: str, words: Sequence[str], said: set[str], lists: Speech) -> Iterator[str]:
    """What shows that the words of a title were no phrase where they were said."""
    if words and all(word in lists.small for word in words):
        yield "filler"
    elif words and (words[0] in lists.small or words[-1] in lists.small):
        yield "begins or ends mid-phrase"
    if any(word in lists.verb for word in _SMALL.findall(title[:1].lower() + title[1:])):
        yield "says what is done"
    if any(word not in said and not UNSPACED.search(word) for word in words):
        yield "a word that nobody said"
