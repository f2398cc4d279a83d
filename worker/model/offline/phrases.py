"""Phrases: the runs of words in a lecture that could stand as a heading."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.cues import Cue
from worker.model.offline.speech import Speech, speech
from worker.model.offline.terms import MARKS, UNSPACED, UNSPACED_RUN, stem
from worker.model.offline.unspaced import Lexicon

Key = tuple[str, ...]
"""What makes two phrases the same: the stems of their words, without those that only join them."""

MOST_LETTERS = 60
MOST_WORDS, MOST_JOINS = 4, 2
PAUSE_MS = 1_500
"""A phrase does not run over a pause as long as this."""
_WORD = re.compile(rf"[^\W_][\w'’{MARKS}]*(?:-[\w'’{MARKS}]+)*")
_BREAK = re.compile(r"[.,;:?!…\"“”„()\[\]{}<>«»。、，！？；：|/]|\s[-–—]+(?=\s|$)|--+")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
"""What a transcriber adds: (laughter), [inaudible]."""
_EVEN_BLOCK, _EVEN_SHARE = 150, 0.6
_ANNOUNCED_WITHIN = 5


@dataclass(frozen=True, slots=True)
class Phrase:
    """One place where a phrase is spoken: the position of the cue, and how it is written there."""

    cue: int
    key: Key
    text: str
    nominal: float
    """How sure it is that this is a name for something, 0 to 1."""
    announced: bool
    """Whether the words just before it announce a topic ("let's talk about ...")."""


@dataclass(frozen=True, slots=True)
class _Word:
    cue: int
    text: str
    low: str
    opens: bool
    """Whether nothing before it belongs to the same phrase."""


def key(text: str) -> Key:
    """The key of a phrase that somebody wrote."""
    return tuple(_stem(word) for word in _WORD.findall(text))


@dataclass(frozen=True, slots=True)
class Said:
    """What is said in a lecture, in order: every place of a phrase that could be a heading, and every word that has a
    meaning of its own, as the position of its cue and its stem."""

    phrases: list[Phrase]
    words: list[tuple[int, str]]


def phrases(cues: Sequence[Cue], language: str, glossary: tuple[str, ...]) -> Said:
    """What is said in the lecture that could be a heading; the terms of the glossary always can."""
    lists, english = speech(language), speech("en")
    words = list(_words(cues))
    wanted = {low for term in glossary for low in key(term)}
    chooser = _Chooser(words, lists, lists.small | english.filler, lists.light | english.light, wanted)
    return Said([phrase for at in range(len(words)) for phrase in chooser.starting(at)], list(chooser.meaning()))


class _Chooser:
    """Decides which runs of words are phrases."""

    def __init__(
        self, words: list[_Word], lists: Speech, filler: frozenset[str], light: frozenset[str], wanted: set[str]
    ) -> None:
        self._words, self._lists, self._filler, self._wanted = words, lists, filler, wanted
        common = _evenly_spread(words)
        self._endings = tuple(lists.verb_ending)
        self._forms = _usual_forms(words)
        self._stems = {word.low: _stem(word.text) for word in words}
        self._nouns, self._done = self._evidence()
        self._light = {low for low, stem in self._stems.items() if low in light or stem in common}
        self._empty = {low: self._is_empty(low) or (not lists.filler and low in self._light) for low in self._stems}

    def starting(self, at: int) -> Iterator[Phrase]:
        """The phrases that begin with the word at this place."""
        if self._empty[self._words[at].low]:
            return
        stems: list[str] = []
        joins = 0
        for stop in range(at, min(len(self._words), at + MOST_WORDS + MOST_JOINS)):
            word = self._words[stop]
            if word.opens and stop > at:
                return
            if self._empty[word.low]:
                joins += 1
                if word.low not in self._lists.joins or joins > MOST_JOINS or word.low == self._words[stop - 1].low:
                    return
                continue
            stems.append(self._stems[word.low])
            if len(stems) > MOST_WORDS:
                return
            phrase = self._phrase(at, stop, tuple(stems))
            if phrase:
                yield phrase

    def meaning(self) -> Iterator[tuple[int, str]]:
        """The words that a heading can be about: neither filler nor light."""
        for word in self._words:
            if not self._empty[word.low] and word.low not in self._light:
                yield word.cue, self._stems[word.low]

    def _phrase(self, at: int, stop: int, stems: Key) -> Phrase | None:
        text = _joined([self._forms[word.low] for word in self._words[at : stop + 1]])
        if len(text) > MOST_LETTERS or len(set(stems)) < len(stems):
            return None
        if all(word.low in self._light or self._empty[word.low] for word in self._words[at : stop + 1]):
            return None
        before = [w.low for w in self._words[max(0, at - _ANNOUNCED_WITHIN) : at]]
        announced = any(low in self._lists.announce for low in before)
        return Phrase(self._words[at].cue, stems, text, self._nominal(at, stop), announced)

    def _nominal(self, at: int, stop: int) -> float:
        """The noun evidence of the last word, less where any of them looks like something that is done."""
        words = [word.low for word in self._words[at : stop + 1] if not self._empty[word.low]]
        return self._nouns[words[-1]] * (1 - max(self._done[low] for low in words))

    def _is_empty(self, low: str) -> bool:
        if self._stems[low] in self._wanted:
            return False
        short = len(low) < 3 and not UNSPACED.match(low) and not self._forms[low].isupper()
        return short or low in self._filler or not any(c.isalpha() for c in low)

    def _evidence(self) -> tuple[dict[str, float], dict[str, float]]:
        """For each word, how surely it names a thing, and how surely it says what is done, by its neighbours: things
        follow "the" and "of", and end a phrase; "to" and "we" go before what is done, and "the" follows it."""
        lists = self._lists
        thing: dict[str, float] = defaultdict(float)
        quality: dict[str, float] = defaultdict(float)
        done: dict[str, float] = defaultdict(float)
        for before, word, after in zip(self._words, self._words[1:], self._words[2:], strict=False):
            named = not word.opens and (before.low in lists.determiner or before.low in lists.preposition)
            if not after.opens and after.low in lists.determiner:
                done[word.low] += 1
            elif not word.opens and before.low in lists.before_verb:
                done[word.low] += 2
            elif after.opens or after.low in self._filler:
                thing[word.low] += 1 if named else 0.3
            elif named:
                quality[word.low] += 1
        known = {low: thing[low] + quality[low] + done[low] + 1 for low in self._stems}
        nouns = {low: (thing[low] + 0.5) / total for low, total in known.items()}
        verbs = {low: max(done[low] / total, 0.7 * low.endswith(self._endings)) for low, total in known.items()}
        return nouns, verbs


def _words(cues: Sequence[Cue]) -> Iterator[_Word]:
    """The words of all cues; a phrase may run from one cue into the next, but not over a mark or a pause."""
    lexicon = Lexicon(run for cue in cues for run in UNSPACED_RUN.findall(cue.text))
    opens = True
    for position, cue in enumerate(cues):
        opens = opens or (position > 0 and cue.start - cues[position - 1].end > PAUSE_MS)
        for number, piece in enumerate(_BREAK.split(_ASIDE.sub(" . ", cue.text))):
            opens = opens or number > 0
            for match in _WORD.finditer(piece):
                for text, apart in _parted(match.group(), lexicon):
                    yield _Word(position, text, text.casefold().replace("’", "'"), opens or apart)
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


def _joined(words: Sequence[str]) -> str:
    """The words as they are written: with spaces, but none between two words of a script that has none."""
    text = words[0]
    for word in words[1:]:
        text += word if UNSPACED.match(text[-1]) and UNSPACED.match(word) else " " + word
    return text


def _stem(word: str) -> str:
    return word if UNSPACED.match(word) else "-".join(stem(part) for part in word.split("-"))


def _usual_forms(words: Sequence[_Word]) -> dict[str, str]:
    """How each word is mostly written where no sentence begins: small, or with its capitals if it is a name."""
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    opening: dict[str, Counter[str]] = defaultdict(Counter)
    for word in words:
        (opening if word.opens else inside)[word.low][word.text] += 1
    return {low: (inside.get(low) or opening[low]).most_common(1)[0][0] for low in {*inside, *opening}}


def _evenly_spread(words: Sequence[_Word]) -> frozenset[str]:
    """Stems that are said nearly everywhere: in any language those are the words that say nothing."""
    blocks: dict[str, set[int]] = defaultdict(set)
    for at, word in enumerate(words):
        blocks[_stem(word.text)].add(at // _EVEN_BLOCK)
    count = len(words) // _EVEN_BLOCK + 1
    if count < 6:
        return frozenset()
    return frozenset(s for s, where in blocks.items() if len(where) > _EVEN_SHARE * count)
