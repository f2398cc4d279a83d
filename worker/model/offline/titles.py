"""Titles: headings for parts of a lecture, made of its own words."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from shared.cues import Cue
from worker.model.offline.phrases import Key, Phrase, key, phrases
from worker.model.offline.worth import BLOCKS, Around, Count, worths

USED, GLOSSARY = -3.0, 4.0
"""What it adds to the worth of a phrase that it is a title elsewhere already, or a term of the course."""
OPENING_MS = 240_000
FULLER, MOSTLY = 0.2, 0.6
"""A word, or a phrase, gives way to a longer one that holds it if that is so large a share of its uses."""


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
        self._everywhere = Counter(phrase.key for phrase in said.phrases)
        self._inside = _inside(self._everywhere)
        starts = [cue.start for cue in cues]
        opening = bisect_left(starts, starts[0] + OPENING_MS) if starts else 0
        self._opening = frozenset(self._said(0, opening))

    def of(self, parts: Sequence[tuple[int, int]], within: str = "", unlike: Sequence[str] = ()) -> list[str]:
        """A title for each part, given as cue positions (first, stop), none like another, none like those in `unlike`,
        and none that says no more than `within`, the title above them; empty where a part has nothing to say."""
        whole = (parts[0][0], parts[-1][1]) if within and parts else (0, self._cues)
        above = self._keys.get(within, ())
        others = {key(title) for title in unlike}
        taken: list[Key] = []
        titles = []
        for part in parts:
            best, title = next(
                (
                    (k, title)
                    for k, title in self._ranked(part, whole)
                    if not (above and _within(k, above)) and not any(_alike(k, t) for t in taken)
                    if not any(_within(k, other) and _within(other, k) for other in others)
                ),
                ((), ""),
            )
            titles.append(title)
            self._keys[title] = best
            taken += [best] if best else []
        self._used.update(taken)
        return titles

    def counted(self, part: tuple[int, int], whole: tuple[int, int]) -> tuple[dict[Key, Count], Around]:
        """Every phrase of a part that could be its title, and what it is set against."""
        first, stop = part
        found: dict[Key, Count] = {}
        for phrase in self._slice(first, stop):
            found.setdefault(phrase.key, Count(phrase)).add(phrase, first, stop)
        said, everywhere = self._said(first, stop), self._said(*whole)
        share = (stop - first) / max(1, whole[1] - whole[0])
        elsewhere = {k: self._everywhere[k] - count.times for k, count in found.items()}
        expected = {stem: everywhere[stem] * share for stem in said}
        return found, Around(said, expected, self._spread(first, stop), self._inside, self._opening, elsewhere)

    def _ranked(self, part: tuple[int, int], whole: tuple[int, int]) -> Iterator[tuple[Key, str]]:
        """The phrases of the part, the best first, as they would be written in a heading."""
        found, around = self.counted(part, whole)
        worth = {
            k: value + USED * (k in self._used) + GLOSSARY * (k in self._glossary)
            for k, value in worths(found, around).items()
        }
        for short in sorted(found, key=lambda k: (-worth[k], k)):
            k = short if short in self._glossary else _fuller(short, found, worth)
            text = self._glossary.get(k) or found[k].form
            yield k, text if k in self._glossary else text[:1].upper() + text[1:]

    def _said(self, first: int, stop: int) -> Counter[str]:
        """How often each word of some meaning is said there."""
        words = self._words[bisect_left(self._word_cues, first) : bisect_left(self._word_cues, stop)]
        return Counter(stem for _, stem in words)

    def _spread(self, first: int, stop: int) -> dict[str, float]:
        blocks: dict[str, set[int]] = defaultdict(set)
        for cue, stem in self._words[bisect_left(self._word_cues, first) : bisect_left(self._word_cues, stop)]:
            blocks[stem].add((cue - first) * BLOCKS // max(1, stop - first))
        return {stem: len(where) / BLOCKS for stem, where in blocks.items()}

    def _slice(self, first: int, stop: int) -> list[Phrase]:
        return self._phrases[bisect_left(self._phrase_cues, first) : bisect_left(self._phrase_cues, stop)]


def _inside(everywhere: Counter[Key]) -> dict[Key, float]:
    """For each phrase, the greatest share of its places at which one and the same word more belongs to it."""
    longest: dict[Key, int] = defaultdict(int)
    for k, times in everywhere.items():
        for shorter in (k[1:], k[:-1]) if len(k) > 1 else ():
            longest[shorter] = max(longest[shorter], times)
    return {k: longest[k] / times for k, times in everywhere.items()}


def _fuller(k: Key, found: dict[Key, Count], worth: dict[Key, float]) -> Key:
    """For a word, the best phrase that it is often said in there, and for a phrase, a longer one that it is mostly
    said in: "choropleth maps" tells more than "choropleth", and "Cloud Platform" is the end of a name."""
    enough = max(2, (FULLER if len(k) == 1 else MOSTLY) * found[k].times)
    longer = [o for o, count in found.items() if _holds(o, k) and count.times >= enough and count.upright]
    return max(longer, key=lambda o: (worth[o], o), default=k)


def _holds(longer: Key, k: Key) -> bool:
    return len(longer) > len(k) and any(longer[n : n + len(k)] == k for n in range(len(longer)))


def _alike(k: Key, other: Key) -> bool:
    """Whether one of two phrases holds all the words of the other, in the singular or the plural."""
    return _within(k, other) or _within(other, k)


def _within(k: Key, above: Key) -> bool:
    """Whether a phrase says no more than another."""
    return all(any(_same(a, b) for b in above) for a in k)


def _same(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    return long.startswith(short) and len(long) - len(short) <= (1 if len(short) > 2 else 0)
