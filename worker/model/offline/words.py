"""Words: what is said in a lecture, word by word, with what stands between them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.cues import Cue
from worker.model.offline.terms import MARKS, UNSPACED, UNSPACED_RUN, stem
from worker.model.offline.unspaced import Lexicon

PAUSE_MS = 1_500
"""A phrase does not run over a pause as long as this."""
WRITTEN = re.compile(rf"[^\W_][\w'’{MARKS}]*(?:-[\w'’{MARKS}]+)*")
_BREAK = re.compile(r"[.,;:?!…।॥؟،؛۔\"“”„()\[\]{}<>«»。、，！？；：|/]|\s[-–—]+(?=\s|$)|--+")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
"""What a transcriber adds: (laughter), [inaudible]."""
_EVEN_BLOCK, _EVEN_SHARE = 150, 0.6


@dataclass(frozen=True, slots=True)
class Word:
    """One word: the position of its cue, how it is written there, and the same in small letters."""

    cue: int
    text: str
    low: str
    opens: bool
    """Whether nothing before it belongs to the same phrase."""


def words(cues: Sequence[Cue]) -> Iterator[Word]:
    """The words of all cues; a phrase may run from one cue into the next, but not over a mark or a pause."""
    lexicon = Lexicon(run for cue in cues for run in UNSPACED_RUN.findall(cue.text))
    opens = True
    for position, cue in enumerate(cues):
        opens = opens or (position > 0 and cue.start - cues[position - 1].end > PAUSE_MS)
        for number, piece in enumerate(_BREAK.split(_ASIDE.sub(" . ", cue.text))):
            opens = opens or number > 0
            for match in WRITTEN.finditer(piece):
                for text, apart in _parted(match.group(), lexicon):
                    yield Word(position, text, text.casefold().replace("’", "'"), opens or apart)
                    opens = False


def _parted(run: str, lexicon: Lexicon) -> Iterator[tuple[str, bool]]:
    """The words of a run of letters: one, unless it is written in a script that has no spaces."""
    at = 0
    for unspaced in UNSPACED_RUN.finditer(run):
        if unspaced.start() > at:
            yield run[at : unspaced.start()].strip("'’-"), False
        yield from lexicon.words(unspaced.group())
        at = unspaced.end()
    if at < len(run):
        yield run[at:].strip("'’-"), False


def written(texts: Sequence[str]) -> str:
    """The words in one line: with spaces, but none between two words of a script that has none."""
    text = texts[0]
    for word in texts[1:]:
        text += word if UNSPACED.match(text[-1]) and UNSPACED.match(word) else " " + word
    return text


def word_stem(word: str) -> str:
    """The stem of a word as titles compare it: each part of "open-source" by itself."""
    return word if UNSPACED.match(word) else "-".join(stem(part) for part in word.split("-"))


def usual_forms(said: Sequence[Word]) -> dict[str, str]:
    """How each word is mostly written where no sentence begins: small, or with its capitals if it is a name."""
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    opening: dict[str, Counter[str]] = defaultdict(Counter)
    for word in said:
        (opening if word.opens else inside)[word.low][word.text] += 1
    return {low: (inside.get(low) or opening[low]).most_common(1)[0][0] for low in {*inside, *opening}}


def places(said: Iterable[tuple[str, int]]) -> dict[str, set[int]]:
    """In which blocks each stem is said, from every stem and its block."""
    found: dict[str, set[int]] = defaultdict(set)
    for term, block in said:
        found[term].add(block)
    return found


def evenly_spread(stems: Sequence[str]) -> frozenset[str]:
    """Of all the stems that are said, in order, those that are said nearly everywhere: in any language those are the
    words that say nothing."""
    count = len(stems) // _EVEN_BLOCK + 1
    if count < 6:
        return frozenset()
    found = places((stem, at // _EVEN_BLOCK) for at, stem in enumerate(stems))
    return frozenset(s for s, where in found.items() if len(where) > _EVEN_SHARE * count)
