"""Titles: headings for parts of a lecture, made of its own words."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.cues import Cue
from worker.model.offline.phrases import Key, Phrase, key, phrases

# What a phrase is worth as a title. Chosen by the overlap with the true titles of the development lectures, which
# hardly moves with any of them, and by reading the outcome, which does.
EARLY_CUES, EARLY = 12, 1.0
"""People name a topic when they begin it: what is said in its first dozen cues counts up to double."""
ANNOUNCED = 1.5
"""What comes after "let's talk about" counts so much more."""
OFTEN, PLAIN = 0.75, 0.2
"""A word counts by how often it is said, and by how much oftener than elsewhere in the lecture."""
HELD = 0.1
"""A phrase loses a little for every time that its words are said without it."""
SHORT, SINGLE = 0.5, 0.4
"""Each further word adds less than the one before, but one word alone says little."""
NOMINAL = 0.6
"""How much it matters that the phrase names a thing; twice as much where one word has to do it alone."""
ONCE, USED, GLOSSARY = 0.45, 0.4, 3.0
"""Said once only; a title elsewhere already; a term of the course."""


@dataclass
class _Count:
    """What was found of one phrase in one part."""

    weight: float = 0.0
    times: int = 0
    nominal: float = 1.0
    forms: Counter[str] = field(default_factory=Counter)


class Titles:
    """What all the titles of one lecture are chosen from."""

    def __init__(self, cues: Sequence[Cue], language: str, glossary: Sequence[str] = ()) -> None:
        self._cues = len(cues)
        self._glossary = {key(term): term for term in glossary}
        self._keys: dict[str, Key] = {}
        self._used: set[Key] = set()
        said = phrases(cues, language, tuple(self._glossary.values()))
        self._phrases, self._words = said.phrases, said.words
        self._phrase_cues = [phrase.cue for phrase in said.phrases]
        self._word_cues = [cue for cue, _ in said.words]

    def of(self, parts: Sequence[tuple[int, int]], within: str = "", unlike: Sequence[str] = ()) -> list[str]:
        """A title for each part, given as cue positions (first, stop), none like another, none like those in `unlike`,
        and none that says no more than `within`, the title above them; empty where a part has nothing to say."""
        whole = (parts[0][0], parts[-1][1]) if within and parts else (0, self._cues)
        around = self._said(*whole)
        above = self._keys.get(within, ())
        others = {title.casefold() for title in unlike}
        taken: list[Key] = []
        titles = []
        for first, stop in parts:
            share = (stop - first) / max(1, whole[1] - whole[0])
            found, said = self._count(first, stop), self._said(first, stop)
            expected = {stem: around[stem] * share for stem in said}
            worth = {k: self._worth(k, count, said, expected) for k, count in found.items()}
            ranked = sorted(found, key=lambda k: (-worth[k], k))
            free = (k for k in ranked if not set(k) <= set(above) and not any(_alike(k, t) for t in taken))
            best = next((k for k in free if self._written(k, found[k].forms).casefold() not in others), ())
            titles.append(self._written(best, found[best].forms) if best else "")
            self._keys[titles[-1]] = best
            taken += [best] if best else []
        self._used.update(taken)
        return titles

    def _said(self, first: int, stop: int) -> Counter[str]:
        """How often each word of some meaning is said there."""
        words = self._words[bisect_left(self._word_cues, first) : bisect_left(self._word_cues, stop)]
        return Counter(stem for _, stem in words)

    def _slice(self, first: int, stop: int) -> list[Phrase]:
        return self._phrases[bisect_left(self._phrase_cues, first) : bisect_left(self._phrase_cues, stop)]

    def _count(self, first: int, stop: int) -> dict[Key, _Count]:
        found: dict[Key, _Count] = {}
        for phrase in self._slice(first, stop):
            count = found.setdefault(phrase.key, _Count())
            count.times += 1
            count.weight += 1 + EARLY * math.exp((first - phrase.cue) / EARLY_CUES) + ANNOUNCED * phrase.announced
            count.nominal = phrase.nominal
            count.forms[phrase.text] += 1
        return found

    def _worth(self, k: Key, count: _Count, said: Counter[str], expected: dict[str, float]) -> float:
        """How much the words of the phrase are said here beyond what chance would have, if they are said in it."""
        words = sum(_contrast(said[stem], expected[stem]) for stem in k if stem in said) / float(len(k) ** SHORT)
        held = float((count.times / max(1, *(said[stem] for stem in k))) ** HELD)
        early = count.weight / count.times
        worth = words * held * early * float(count.nominal ** (NOMINAL * (2 if len(k) == 1 else 1)))
        factors = (
            (SINGLE, len(k) == 1),
            (ONCE, count.times == 1),
            (USED, k in self._used),
            (GLOSSARY, k in self._glossary),
        )
        return worth * math.prod(factor for factor, holds in factors if holds)

    def _written(self, k: Key, forms: Counter[str]) -> str:
        text = self._glossary.get(k) or min(forms, key=lambda form: (-forms[form], form))
        return text if k in self._glossary else text[:1].upper() + text[1:]


def _contrast(times: int, expected: float) -> float:
    return float(times**OFTEN * (PLAIN + max(0.0, math.log((times + 0.5) / (expected + 0.5)))))


def _alike(k: Key, other: Key) -> bool:
    return set(k) <= set(other) or set(other) <= set(k)
