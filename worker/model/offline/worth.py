"""Worth: how good a phrase is as the title of a part, from what is counted of it.

The weights were learnt (`bench/title_weights.py`) on what readers, who had no part in this, thought of the candidates
for 506 parts of 28 development lectures and three examples, and on the true titles of those lectures, which say less,
as people's titles hold words that nobody said. They were then rounded, and forms that hardly came in English were given
a weight by hand: those that no heading has, and what may be half a sentence, in languages with cases.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from worker.model.offline.phrases import Key, Phrase, Stem

EARLY_CUES = 12
"""People name a topic when they begin it."""
BLOCKS = 6
"""Into so many equal pieces a part is cut to see whether a phrase is met all over it."""
LONG = 20
"""A phrase of so many letters tells as much as any longer one."""
LONE, LOOSE = 3.5, 5.0
"""How common (Zipf frequency) a word may be to stand by itself, or in a phrase that is said but once."""
WEIGHTS = {
    "contrast": 4.0,
    "telling": 1.1,
    "theme": 5.0,
    "early": 5.9,
    "announced": 2.7,
    "named": 9.0,
    "defined": 2.5,
    "asked": 3.3,
    "alone": 3.0,
    "nominal": 1.7,
    "spread": 11.6,
    "own spread": -5.8,
    "inside": -4.2,
    "two": 3.8,
    "three": 3.8,
    "four": -1.0,
    "letters": 0.52,
    "oblique": -9.0,
    "once": -2.6,
    "unsure": -4.0,
    "first minutes": -1.2,
    "elsewhere": -1.6,
    "only here": -3.6,
    "lone": -2.3,
    "loose": -1.2,
    "variable": -11.7,
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
    defined: int = 0
    asked: bool = False
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
        self.defined += phrase.defined
        self.asked |= phrase.asked
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
    """How often chance would have each stem of the part there, as often as it is said in the whole lecture."""
    spread: Mapping[str, float]
    """For each stem, the share of the part's blocks in which it is said."""
    inside: Mapping[Key, float]
    """For each phrase, the share of its places where it is but a piece of a longer one."""
    opening: frozenset[str]
    """The stems that are said in the lecture's first minutes, where people say what is to come."""
    elsewhere: Mapping[Key, int]
    stems: Mapping[str, Stem]
    unsure: bool
    """Whether the language does not show what is a noun: see Said."""


def features(k: Key, count: Count, around: Around) -> list[float]:
    """What is known of a phrase, in the order of FEATURES."""
    stems = [stem for stem in k if stem in around.said] or list(k)
    contrasts = [math.log((around.said.get(s, 0) + 0.5) / (around.expected.get(s, 0.0) + 0.5)) for s in stems]
    known = [around.stems[s] for s in k]
    common = [stem.common for stem in known]
    return [
        sum(contrasts) / len(contrasts),
        sum(stem.telling for stem in known) / len(known),
        sum(stem.theme for stem in known) / len(known),
        count.early,
        math.log1p(count.announced),
        math.log1p(count.named),
        math.log1p(count.defined),
        float(count.asked),
        math.log1p(count.alone),
        count.first.nominal,
        sum(around.spread.get(s, 0.0) for s in stems) / len(stems),
        len(count.blocks) / BLOCKS,
        around.inside.get(k, 0.0),
        float(len(k) == 2),
        float(len(k) > 2),
        float(len(k) > 3),
        float(min(len(count.form), LONG)),
        float(not count.upright),
        float(count.times == 1),
        around.unsure * (float(count.times == 1 and len(k) > 1) + float(len(k) > 2)),
        float(all(s in around.opening for s in stems)),
        math.log1p(around.elsewhere.get(k, 0)),
        float(not around.elsewhere.get(k, 0)),
        max(0.0, common[0] - LONE) * (len(k) == 1),
        (0.5 + (max(common) > LOOSE)) * (len(k) > 1 and count.times == 1),
        float(count.first.variable),
    ]


def worths(found: Mapping[Key, Count], around: Around) -> dict[Key, float]:
    """How good a title each phrase would make, as logarithms."""
    rows = np.asarray([features(k, count, around) for k, count in found.items()]).reshape(-1, len(FEATURES))
    return dict(zip(found, (rows @ _WEIGHTS).tolist(), strict=True))
