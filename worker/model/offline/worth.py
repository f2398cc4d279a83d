"""Worth: how good a phrase is as the title of a part, from what is counted of it.

The weights were learnt (`bench/title_weights.py`) on the true titles of the development lectures, with which the best
phrase should share most words, and on what a reader thought of the best dozen phrases of 233 parts of twelve of those
lectures and of our examples: that says more, as people's titles hold words that nobody said. They were then rounded,
and a few moved where a kind of lecture was not among those: forms that no heading has are nearly barred.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from worker.model.offline.commonness import EVERYDAY, RARE
from worker.model.offline.phrases import Key, Phrase

EARLY_CUES = 12
"""People name a topic when they begin it."""
BLOCKS = 6
"""Into so many equal pieces a part is cut to see whether a phrase is met all over it."""
LONE, LOOSE = 3.5, 5.0
"""How common (Zipf frequency) a word may be to stand by itself, or in a phrase that is said but once."""
WEIGHTS = {
    "contrast": 2.5,
    "early": 2.5,
    "announced": 2.2,
    "named": 1.8,
    "alone": 2.2,
    "nominal": 2.7,
    "spread": 13.8,
    "own spread": 2.7,
    "inside": -3.2,
    "two": 5.7,
    "more": 5.5,
    "proper": -1.2,
    "oblique": -8.0,
    "once": -2.9,
    "first minutes": -1.3,
    "elsewhere": -0.7,
    "rare": 1.7,
    "lone": -3.6,
    "loose": -2.2,
    "variable": -7.0,
}
FEATURES = tuple(WEIGHTS)
_WEIGHTS = np.asarray(list(WEIGHTS.values()))


@dataclass
class Count:
    """What was found of one phrase in one part."""

    first: Phrase
    times: int = 0
    early: float = 0.0
    announced: int = 0
    named: int = 0
    alone: int = 0
    oblique: int = 0
    blocks: set[int] = field(default_factory=set)
    forms: Counter[str] = field(default_factory=Counter)
    upright: Counter[str] = field(default_factory=Counter)

    def add(self, phrase: Phrase, first: int, stop: int) -> None:
        self.times += 1
        self.early = max(self.early, math.exp((first - phrase.cue) / EARLY_CUES))
        self.announced += phrase.announced
        self.named += phrase.named
        self.alone += phrase.alone
        self.oblique += phrase.oblique
        self.blocks.add((phrase.cue - first) * BLOCKS // max(1, stop - first))
        self.forms[phrase.text] += 1
        if not phrase.oblique:
            self.upright[phrase.text] += 1

    @property
    def form(self) -> str:
        """How the phrase is mostly written, if possible in the form of a heading."""
        forms = self.upright or self.forms
        return min(forms, key=lambda form: (-forms[form], form))


@dataclass(frozen=True)
class Around:
    """What a phrase is set against: what is said in its part, what chance would have there, and the whole lecture."""

    said: Mapping[str, int]
    expected: Mapping[str, float]
    spread: Mapping[str, float]
    """For each stem, the share of the part's blocks in which it is said."""
    inside: Mapping[Key, float]
    """For each phrase, the share of its places where it is but a piece of a longer one."""
    opening: frozenset[str]
    """The stems that are said in the lecture's first minutes, where people say what is to come."""
    elsewhere: Mapping[Key, int]
    common: Mapping[str, float]
    """For each stem, how common it is in the language at large (Zipf frequency)."""
    unsure: bool
    """Whether the language does not show what is a noun: see Said."""


def features(k: Key, count: Count, around: Around) -> list[float]:
    """What is known of a phrase, in the order of FEATURES."""
    stems = [stem for stem in k if stem in around.said] or list(k)
    contrasts = [math.log((around.said.get(s, 0) + 0.5) / (around.expected.get(s, 0.0) + 0.5)) for s in stems]
    common = [around.common.get(s, RARE) for s in k]
    return [
        sum(max(0.0, c) for c in contrasts) / len(contrasts),
        count.early,
        math.log1p(count.announced),
        math.log1p(count.named),
        math.log1p(count.alone),
        count.first.nominal,
        sum(around.spread.get(s, 0.0) for s in stems) / len(stems),
        len(count.blocks) / BLOCKS,
        around.inside.get(k, 0.0),
        float(len(k) == 2),
        float(len(k) > 2),
        float(count.first.proper),
        float(not count.upright),
        float(count.times == 1),
        float(all(s in around.opening for s in stems)),
        math.log1p(around.elsewhere.get(k, 0)),
        EVERYDAY - min(common),
        max(0.0, common[0] - LONE) * (len(k) == 1),
        (0.5 + (max(common) > LOOSE) + around.unsure) * (len(k) > 1 and count.times == 1),
        float(count.first.variable),
    ]


def worths(found: Mapping[Key, Count], around: Around) -> dict[Key, float]:
    """How good a title each phrase would make, as logarithms."""
    rows = np.asarray([features(k, count, around) for k, count in found.items()]).reshape(-1, len(FEATURES))
    return dict(zip(found, (rows @ _WEIGHTS).tolist(), strict=True))
