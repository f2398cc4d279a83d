"""Phrases: the runs of words in a lecture that could stand as a heading."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from shared.cues import Cue
from worker.model.offline.commonness import EVERYDAY, MOST, RARE, UNKNOWN, USUAL, commonness
from worker.model.offline.evidence import Evidence
from worker.model.offline.speech import Speech, speech
from worker.model.offline.terms import UNSPACED
from worker.model.offline.words import WRITTEN, Word, evenly_spread, places, usual_forms, word_stem, words, written

Key = tuple[str, ...]
"""What makes two phrases the same: the stems of their words, without those that only join them."""

MOST_LETTERS = 60
MOST_WORDS, MOST_JOINS = 4, 2
_ANNOUNCED_WITHIN, _NAMED_WITHIN = 5, 3
_CAPITALS = 0.1
_PIECES = 20
"""Into so many equal pieces a lecture is cut to see whether a word is met all over it."""
_QUESTION = re.compile("[?？؟]")
_VARIABLE = re.compile(
    rf"(?!{UNSPACED.pattern})[^\W\d_]\d?|\w*_\w+|epsilon|eta|zeta|theta|xi|rho|tau|phi|chi|psi|omega"
)


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
    named: bool
    """Whether the words just before it give it as a name ("... is called")."""
    defined: bool
    """Whether the word after it says what it is ("... is", "... means")."""
    asked: bool
    """Whether its cue asks something."""
    alone: bool
    """Whether it is all that is said between two marks ("So, enzymes."), and no name ("Thanks, Eleni.")."""
    oblique: bool
    """Whether it stands there in a form that is not that of a heading ("kvantizaci")."""
    variable: bool
    """Whether one of its words looks like a variable: X, T2, max_length."""


def key(text: str) -> Key:
    """The key of a phrase that somebody wrote."""
    return tuple(word_stem(word) for word in WRITTEN.findall(text))


class Stem(NamedTuple):
    """What is known of all the words of one stem in a lecture."""

    common: float
    """How common the commonest of them is in the language at large (Zipf frequency; RARE if not known)."""
    telling: float
    """How many times more often they are said than people say such a word, as a logarithm."""
    theme: float
    """In what share of the lecture they are said, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Said:
    """What is said in a lecture, in order: every place of a phrase that could be a heading, and every word that has a
    meaning of its own, as the position of its cue and its stem."""

    phrases: list[Phrase]
    words: list[tuple[int, str]]
    stems: dict[str, Stem]
    unsure: bool
    """Whether neither articles nor capitals show what is a noun, as in languages with cases or without word lists: then
    two words that are said together but once may as well be half a sentence."""


def phrases(cues: Sequence[Cue], language: str, glossary: tuple[str, ...]) -> Said:
    """What is said in the lecture that could be a heading; the terms of the glossary always can."""
    lists, english = speech(language), speech("en")
    said = list(words(cues))
    wanted = {low for term in glossary for low in key(term)}
    known = commonness(language)
    everyday = _over(EVERYDAY, known)
    filler, light = (lists.small, lists.light | everyday) if lists.filler else (everyday, _over(USUAL, known))
    asking = {position for position, cue in enumerate(cues) if _QUESTION.search(cue.text)}
    chooser = _Chooser(said, lists, filler | english.filler, light | english.light, wanted, asking)
    found = [phrase for at in range(len(said)) for phrase in chooser.starting(at)]
    return Said(found, list(chooser.meaning()), _each_stem(said, chooser.stems, known), chooser.unsure)


def _over(least: float, known: Mapping[str, float]) -> frozenset[str]:
    return frozenset(word for word, common in known.items() if common >= least)


def _each_stem(said: Sequence[Word], stems: Mapping[str, str], known: Mapping[str, float]) -> dict[str, Stem]:
    """What is known of each stem, from the words, their stems, and how common words are."""
    common: dict[str, float] = {}
    for low, stem in stems.items():
        unknown = UNKNOWN if UNSPACED.match(low) and len(low) < 3 else RARE
        common[stem] = max(known.get(low, unknown), common.get(stem, RARE))
    times = Counter(stems[word.low] for word in said)
    pieces = places((stems[word.low], at * _PIECES // len(said)) for at, word in enumerate(said))
    return {
        stem: Stem(zipf, math.log(times[stem] / len(said)) - (zipf - MOST) * math.log(10), len(pieces[stem]) / _PIECES)
        for stem, zipf in common.items()
    }


class _Chooser:
    """Decides which runs of words are phrases."""

    def __init__(
        self,
        said: list[Word],
        lists: Speech,
        filler: frozenset[str],
        light: frozenset[str],
        wanted: set[str],
        asking: set[int],
    ) -> None:
        self._words, self._lists, self._filler, self._wanted, self._asking = said, lists, filler, wanted, asking
        self.stems = {word.low: word_stem(word.text) for word in said}
        common = evenly_spread([self.stems[word.low] for word in said])
        self._forms = usual_forms(said)
        self._names = {word.low for word in said if not word.opens and self._forms[word.low][:1].isupper()}
        self._evidence = Evidence(said, self._forms, lists, filler)
        self._oblique = tuple(lists.oblique_ending)
        self._capital_nouns = bool(lists.nouns_are_capital) and _has_capitals(said)
        self._light = {
            low for low, stem in self.stems.items() if (low in light or stem in common) and stem not in wanted
        }
        self._empty = {low: self._is_empty(low) or (not lists.filler and low in self._light) for low in self.stems}
        self._barred = {low for low in self.stems if self._is_barred(low)}

    @property
    def unsure(self) -> bool:
        """See Said."""
        return not self._capital_nouns and bool(self._lists.oblique_ending or not self._lists.filler)

    def starting(self, at: int) -> Iterator[Phrase]:
        """The phrases that begin with the word at this place."""
        if self._empty[self._words[at].low] or self._words[at].low in self._barred:
            return
        stems: list[str] = []
        joins = 0
        for stop in range(at, min(len(self._words), at + MOST_WORDS + MOST_JOINS)):
            word = self._words[stop]
            if word.low in self._barred or (word.opens and stop > at):
                return
            if self._empty[word.low]:
                joins += 1
                if joins > MOST_JOINS or not self._goes_on(self._words[stop - 1].low, word.low):
                    return
                if stop == at + 1 and self._words[at].low in self._lists.measure:
                    return
                continue
            stems.append(self.stems[word.low])
            if len(stems) > MOST_WORDS:
                return
            phrase = self._phrase(at, stop, tuple(stems))
            if phrase:
                yield phrase

    def _goes_on(self, before: str, join: str) -> bool:
        """Whether a phrase can go on over a small word: "test of the model", but not "run the test"."""
        if join not in self._lists.joins or join == before:
            return False
        return join not in self._lists.second_join or before in self._lists.joins

    def meaning(self) -> Iterator[tuple[int, str]]:
        """The words that a heading can be about: neither filler nor light."""
        for word in self._words:
            if not self._empty[word.low] and word.low not in self._light:
                yield word.cue, self.stems[word.low]

    def _phrase(self, at: int, stop: int, stems: Key) -> Phrase | None:
        run = self._words[at : stop + 1]
        text = written([self._forms[word.low] for word in run])
        if len(text) > MOST_LETTERS or len(set(stems)) < len(stems) or not self._may_end(run):
            return None
        full = [word.low for word in run if not self._empty[word.low]]
        if all(low in self._light for low in full):
            return None
        before = [w.low for w in self._words[max(0, at - _ANNOUNCED_WITHIN) : at]]
        proper = all(self._is_name(low) for low in full)
        return Phrase(
            cue=run[0].cue,
            key=stems,
            text=text,
            nominal=self._evidence.thing[full[-1]] * (1 - max(self._evidence.done[low] for low in full)),
            announced=any(low in self._lists.announce for low in before),
            named=any(low in self._lists.naming for low in before[-_NAMED_WITHIN:]),
            defined=self._is_defined(stop),
            asked=run[0].cue in self._asking,
            alone=not proper and self._is_alone(at, stop),
            oblique=self._is_oblique(at, stop),
            variable=any(_VARIABLE.fullmatch(low) for low in full),
        )

    def _is_defined(self, stop: int) -> bool:
        after = self._words[stop + 1] if stop + 1 < len(self._words) else None
        return after is not None and not after.opens and after.low in self._lists.defining

    def _may_end(self, run: Sequence[Word]) -> bool:
        """Whether a heading can end with the run's last word; by itself, that has to be a thing's name for sure."""
        low, last = run[-1].low, self._forms[run[-1].low]
        if self._capital_nouns and not last[:1].isupper():
            return False
        ends = [low, *(word.low for word, after in pairwise(run) if self._empty[after.low])]
        if any(self._only_describes(word) for word in ends if not self._empty[word]):
            return False
        if len(run) > 1:
            return low not in self._light or not (self._capital_nouns or self._empty[run[-2].low])
        known = low in self._evidence.pointed_at or last[:1].isupper() or not self._lists.filler
        return known and (len(low) > 1 or bool(UNSPACED.match(low)))

    def _only_describes(self, low: str) -> bool:
        """Whether a word wants another behind it ("distributed ..."), by its ending."""
        capital = self._forms[low][:1].isupper() and not self._capital_nouns
        return not capital and low.endswith(tuple(self._lists.last_ending)) and low not in self._lists.noun

    def _is_alone(self, at: int, stop: int) -> bool:
        """Whether only small words share the phrase's clause."""
        if stop + 1 < len(self._words) and not self._words[stop + 1].opens:
            return False
        while at > 0 and not self._words[at].opens:
            at -= 1
            if not self._empty[self._words[at].low]:
                return False
        return True

    def _is_oblique(self, at: int, stop: int) -> bool:
        """By the endings of its first and last word, and by what stands before it, where the language has such."""
        if not self._oblique:
            return False
        word, before = self._words[at], self._words[at - 1].low if at else ""
        if self._capital_nouns:
            return word.low.endswith(self._oblique) and not self._forms[word.low][:1].isupper()
        governed = not word.opens and before in self._lists.preposition
        last = self._words[stop].low.endswith(tuple(self._lists.oblique_last_ending))
        return governed or last or word.low.endswith(self._oblique)

    def _is_name(self, low: str) -> bool:
        form = self._forms[low]
        return form[1:] != form[1:].lower() or (form[:1].isupper() and not self._capital_nouns)

    def _is_barred(self, low: str) -> bool:
        """Whether no heading holds this word at all: it says what is done, or how."""
        if self.stems[low] in self._wanted or (low in self._names and not self._capital_nouns):
            return False
        endings = (*self._lists.verb_ending, *self._lists.adverb_ending)
        return low in self._lists.verb or (low.endswith(endings) and low not in self._lists.noun)

    def _is_empty(self, low: str) -> bool:
        if self.stems[low] in self._wanted:
            return False
        short = len(low) < 3 and not UNSPACED.match(low) and not self._forms[low].isupper()
        contracted = "n't" in low or low.endswith(("'re", "'ve", "'ll", "'m", "'d"))
        hollow = all(part in self._filler for part in low.split("-"))
        return short or contracted or low in self._filler or hollow or not any(c.isalpha() for c in low)


def _has_capitals(said: Sequence[Word]) -> bool:
    """Whether words have their capitals: recognised speech often has none, in German too."""
    inside = [word.text[:1].isupper() for word in said if not word.opens]
    return sum(inside) > _CAPITALS * len(inside)
