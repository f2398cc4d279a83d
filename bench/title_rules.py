"""Title rules: what no heading of a table of contents may be."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from shared.outline import Section
from worker.model.offline.speech import speech
from worker.model.offline.terms import MARKS, UNSPACED

MOST_LETTERS = 60
_WORD = re.compile(rf"[^\W_](?:[\w'’{MARKS}-]*[\w{MARKS}])?")


def faults(sections: Sequence[Section], spoken: Sequence[str], language: str) -> Iterator[str]:
    """What is wrong with the titles of an outline, each as "what: title"; nothing if they are as they should be.

    `spoken` is the text of the cues: a word of a title that nobody said was cut, or made up. It holds for titles in
    the transcript's own language only.
    """
    said = {word.casefold() for text in spoken for word in _WORD.findall(text)}
    yield from _level(sections, "", said, speech(language).small)


def _level(sections: Sequence[Section], above: str, said: set[str], small: frozenset[str]) -> Iterator[str]:
    titles = [section.title.casefold() for section in sections]
    for section in sections:
        words = [word.casefold() for word in _WORD.findall(section.title)]
        if titles.count(section.title.casefold()) > 1:
            yield f"twice among its siblings: {section.title}"
        if section.title.casefold() == above.casefold():
            yield f"the same as the title above it: {section.title}"
        if len(section.title) > MOST_LETTERS:
            yield f"longer than {MOST_LETTERS} letters: {section.title}"
        if not words or all(word.replace("’", "'") in small for word in words):
            yield f"filler: {section.title}"
        elif words[0] in small or words[-1] in small:
            yield f"begins or ends mid-phrase: {section.title}"
        if any(word not in said and not UNSPACED.search(word) for word in words):
            yield f"a word that nobody said: {section.title}"
        if section.title != section.title.strip() or section.title[:1].islower():
            yield f"not trimmed and cased like a heading: {section.title}"
        yield from _level(section.subsections, section.title, said, small)
