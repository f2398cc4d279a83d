"""Titles: headings for parts of a lecture, made of its own words."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.cues import Cue
from worker.model.offline.speech import filler
from worker.model.offline.terms import UNSPACED, WORD, stem

MOST_LETTERS = 60
MOST_WORDS = 4
_BREAK = re.compile(r"[.,;:?!…\"“”„()\[\]{}<>«»。、，！？；：]|\s[-–—]+\s|--+")


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A candidate: words as spoken, and the stems that make it the same as its other forms."""

    stems: tuple[str, ...]
    surface: str


class Titles:
    """What all the titles of one lecture are chosen from."""

    def __init__(self, cues: Sequence[Cue], language: str, glossary: Sequence[str] = ()) -> None:
        self._filler = filler(language)
        self._runs = list(_runs(cues))
        self._forms = _usual_forms(self._runs)
        self._glossary = {tuple(stem(w) for w in WORD.findall(term)): term for term in glossary}
        self._common = self._evenly_spread()
        self._phrases = [(position, list(self._candidates(words))) for position, words in self._runs]
        self._total: Counter[tuple[str, ...]] = Counter()
        for _, phrases in self._phrases:
            self._total.update(p.stems for p in phrases)
        self._positions = [position for position, _ in self._phrases]

    def of(self, parts: Sequence[tuple[int, int]], within: str = "") -> list[str]:
        """A title for each part, given as cue positions (first, stop), none like another or like `within`."""
        counts = [self._counts(first, stop) for first, stop in parts]
        whole = max(1, sum(stop - first for first, stop in parts))
        taken = {tuple(stem(w) for w in WORD.findall(within))} if within else set()
        return [
            self._best(counted, (stop - first) / whole, taken)
            for counted, (first, stop) in zip(counts, parts, strict=True)
        ]

    def _counts(self, first: int, stop: int) -> dict[tuple[str, ...], Counter[str]]:
        found: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
        for position, phrases in self._phrases:
            if first <= position < stop:
                for phrase in phrases:
                    found[phrase.stems][phrase.surface] += 1
        return found

    def _best(self, counted: dict[tuple[str, ...], Counter[str]], share: float, taken: set[tuple[str, ...]]) -> str:
        ranked = sorted(counted, key=lambda stems: (-self._worth(stems, counted, share), stems))
        for stems in ranked:
            if not any(set(stems) <= set(t) or set(t) <= set(stems) for t in taken):
                taken.add(stems)
                return self._written(stems, counted[stems])
        number = len(taken) + 1
        taken.add((str(number),))
        return f"… {number}"

    def _worth(self, stems: tuple[str, ...], counted: dict[tuple[str, ...], Counter[str]], share: float) -> float:
        """How much more often the phrase is said here than chance would have it; longer phrases say more."""
        here = counted[stems].total()
        expected = self._total[stems] * share
        contrast = here * math.log((here + 0.5) / (min(expected, here) + 0.5)) + 0.1 * here
        return contrast * (1 + 0.6 * (len(stems) - 1)) * (1.0 if here > 1 else 0.4)

    def _written(self, stems: tuple[str, ...], forms: Counter[str]) -> str:
        if stems in self._glossary:
            return self._glossary[stems]
        text = min(forms, key=lambda form: (-forms[form], form))
        return text[:1].upper() + text[1:]

    def _candidates(self, words: Sequence[str]) -> Iterator[_Phrase]:
        stems = [stem(w) for w in words]
        for first in range(len(words)):
            for stop in range(first + 1, min(len(words), first + MOST_WORDS) + 1):
                if self._empty(words[first]) or self._empty(words[stop - 1]):
                    continue
                surface = " ".join(self._forms[w.casefold()] for w in words[first:stop])
                if len(surface) <= MOST_LETTERS and len(surface) > 2:
                    yield _Phrase(tuple(stems[first:stop]), surface)

    def _empty(self, word: str) -> bool:
        low = word.casefold().replace("’", "'")
        short = len(low) < 3 and not UNSPACED.match(low) and not word.isupper()
        return short or low in self._filler or stem(word) in self._common

    def _evenly_spread(self) -> frozenset[str]:
        """Stems that are said nearly everywhere: in any language those are the words that say nothing."""
        blocks: dict[str, set[int]] = defaultdict(set)
        size = 150
        at = 0
        for _, words in self._runs:
            for word in words:
                blocks[stem(word)].add(at // size)
                at += 1
        all_blocks = at // size + 1
        if all_blocks < 6:
            return frozenset()
        return frozenset(s for s, where in blocks.items() if len(where) > 0.6 * all_blocks)


def _runs(cues: Sequence[Cue]) -> Iterator[tuple[int, list[str]]]:
    """The words between two marks of punctuation, with the position of their cue. A phrase may not run over either."""
    for position, cue in enumerate(cues):
        for piece in _BREAK.split(cue.text):
            words = WORD.findall(piece)
            if words:
                yield position, words


def _usual_forms(runs: Sequence[tuple[int, list[str]]]) -> dict[str, str]:
    """How each word is mostly written where no sentence begins: small, or with its capitals if it is a name."""
    inside: dict[str, Counter[str]] = defaultdict(Counter)
    opening: dict[str, Counter[str]] = defaultdict(Counter)
    for _, words in runs:
        for place, word in enumerate(words):
            (inside if place else opening)[word.casefold()][word] += 1
    return {w: (inside.get(w) or opening[w]).most_common(1)[0][0] for w in {*inside, *opening}}
