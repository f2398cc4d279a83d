"""Titles: headings for parts of a lecture, made of its own words."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import nlargest
from statistics import median

from shared.cues import Cue
from worker.model.offline.choice import Part, Wish, apart, chosen
from worker.model.offline.phrases import Key, Phrase, key, phrases
from worker.model.offline.speech import speech
from worker.model.offline.words import places, word_stem
from worker.model.offline.worth import BLOCKS, Around, Count, worths

GLOSSARY = 15.0
"""What it adds to the worth of a phrase that it is a term of the course."""
OPENING_MS, CLOSING_MS = 300_000, 150_000
INTRODUCTION, CLOSING = -1.0, -4.5
"""The first minutes are an introduction, and the last closing remarks, if no phrase there is worth so much, against
the best phrase of the median part: then they are mostly greetings, guests and thanks."""
MOST_WISHES = 40
FULLER, MOSTLY = 0.2, 0.6
"""A word, or a phrase, gives way to a longer one that holds it if that is so large a share of its uses."""


@lru_cache(maxsize=2)
def titles_of(cues: tuple[Cue, ...], language: str, glossary: tuple[str, ...] = ()) -> Titles:
    """The titles of a lecture, which are asked for again when its sections are grouped."""
    return Titles(cues, language, glossary)


class Titles:
    """What all the titles of one lecture are chosen from."""

    def __init__(self, cues: Sequence[Cue], language: str, glossary: Sequence[str] = ()) -> None:
        self._glossary = {key(term): term for term in glossary}
        said = phrases(cues, language, tuple(self._glossary.values()))
        self._stop = len(cues)
        self._phrases, self._words, self._stems, self._unsure = said.phrases, said.words, said.stems, said.unsure
        self._phrase_cues = [phrase.cue for phrase in said.phrases]
        self._word_cues = [cue for cue, _ in said.words]
        self._overall = Counter(stem for _, stem in said.words)
        self._everywhere = Counter(phrase.key for phrase in said.phrases)
        self._inside = _inside(self._everywhere)
        starts = [cue.start for cue in cues]
        self._opening = bisect_left(starts, starts[0] + OPENING_MS) if starts else 0
        self._closing = bisect_left(starts, cues[-1].end - CLOSING_MS) if starts else 0
        self._soon = frozenset(self._said(0, self._opening))
        self._lists = speech(language)
        self._joins = {word_stem(word) for word in self._lists.joins}

    def of(self, parts: Sequence[Part], unlike: Sequence[str] = ()) -> list[str]:
        """A title for each part, none like another and none like those in `unlike`; empty where a part has nothing to
        say."""
        wishes = [list(self._wishes(part)) for part in parts]
        usual = median([found[0].worth for found in wishes if found] or [0.0])
        for number, name, worth in self._framing(parts):
            wishes[number].append(Wish(apart(key(name)), name, usual + worth))
            wishes[number].sort(key=lambda wish: -wish.worth)
        return chosen(parts, wishes, {self._apart(title) for title in unlike})

    def _apart(self, title: str) -> Key:
        """The key of a title that is written already, which has the words that only join others as well."""
        return tuple(stem for stem in apart(key(title)) if stem not in self._joins)

    def _framing(self, parts: Sequence[Part]) -> Iterator[tuple[int, str, float]]:
        """The innermost parts in the lecture's first and last minutes, what they may be called, and its worth against
        that of the usual title."""
        if self._opening >= self._stop:
            return
        first = max((n for n, part in enumerate(parts) if part.first == 0), default=None)
        last = max((n for n, part in enumerate(parts) if part.stop == self._stop), default=None)
        if first is not None and parts[first].stop <= self._opening:
            yield from ((first, name.replace("_", " "), INTRODUCTION) for name in self._lists.introduction)
        if last is not None and parts[last].first >= self._closing:
            yield from ((last, name.replace("_", " "), CLOSING) for name in self._lists.closing)

    def counted(self, first: int, stop: int) -> tuple[dict[Key, Count], Around]:
        """Every phrase of a part that could be its title, and what it is set against."""
        found: dict[Key, Count] = {}
        for phrase in self._slice(first, stop):
            found.setdefault(phrase.key, Count(phrase)).add(phrase, first, stop)
        said, share = self._said(first, stop), (stop - first) / max(1, self._stop)
        around = Around(
            said=said,
            expected={stem: self._overall[stem] * share for stem in said},
            spread=self._spread(first, stop),
            inside=self._inside,
            opening=self._soon,
            elsewhere={k: self._everywhere[k] - count.times for k, count in found.items()},
            stems=self._stems,
            unsure=self._unsure,
        )
        return found, around

    def _wishes(self, part: Part) -> Iterator[Wish]:
        """The best phrases of the part, the very best first, as they would be written in a heading."""
        found, around = self.counted(part.first, part.stop)
        worth = {k: value + GLOSSARY * (k in self._glossary) for k, value in worths(found, around).items()}
        longer = _longer(found)
        met: set[Key] = set()
        for short in nlargest(MOST_WISHES, found, key=lambda k: (worth[k], k)):
            k = short if short in self._glossary else _fuller(short, longer.get(short, ()), found, worth)
            if k not in met:
                met.add(k)
                text = self._glossary.get(k) or found[k].form
                yield Wish(apart(k), text if k in self._glossary else text[:1].upper() + text[1:], worth[short])

    def _said(self, first: int, stop: int) -> Counter[str]:
        """How often each word of some meaning is said there."""
        words = self._words[bisect_left(self._word_cues, first) : bisect_left(self._word_cues, stop)]
        return Counter(stem for _, stem in words)

    def _spread(self, first: int, stop: int) -> dict[str, float]:
        words = self._words[bisect_left(self._word_cues, first) : bisect_left(self._word_cues, stop)]
        found = places((stem, (cue - first) * BLOCKS // max(1, stop - first)) for cue, stem in words)
        return {stem: len(where) / BLOCKS for stem, where in found.items()}

    def _slice(self, first: int, stop: int) -> list[Phrase]:
        return self._phrases[bisect_left(self._phrase_cues, first) : bisect_left(self._phrase_cues, stop)]


def _inside(everywhere: Counter[Key]) -> dict[Key, float]:
    """For each phrase, the greatest share of its places at which one and the same word more belongs to it."""
    longest: dict[Key, int] = defaultdict(int)
    for k, times in everywhere.items():
        for shorter in (k[1:], k[:-1]) if len(k) > 1 else ():
            longest[shorter] = max(longest[shorter], times)
    return {k: longest[k] / times for k, times in everywhere.items()}


def _longer(found: Mapping[Key, Count]) -> dict[Key, list[Key]]:
    """For each piece of a phrase that is said more than once, the phrases that hold it."""
    longer: dict[Key, list[Key]] = defaultdict(list)
    for k, count in found.items():
        if count.times > 1 and count.upright:
            for size in range(1, len(k)):
                for at in range(len(k) - size + 1):
                    longer[k[at : at + size]].append(k)
    return longer


def _fuller(k: Key, longer: Sequence[Key], found: Mapping[Key, Count], worth: Mapping[Key, float]) -> Key:
    """For a word, the best phrase that it is often said in there, and for a phrase, a longer one that it is mostly
    said in: "choropleth maps" tells more than "choropleth", and "Cloud Platform" is the end of a name."""
    enough = (FULLER if len(k) == 1 else MOSTLY) * found[k].times
    return max((o for o in longer if found[o].times >= enough), key=lambda o: (worth[o], o), default=k)
