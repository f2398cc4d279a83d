"""Partings: signs that one lecture of a recording ends here and another begins ("Thanks, see you next week.").

They are rarer and surer than any turn of speech: in the development lectures two of them together are hardly said
anywhere but at the ends. A lecture by itself is cut as if they were not looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shared.cues import Cue
from worker.model.offline.speech import Speech
from worker.model.offline.terms import spoken

AROUND = 40
"""How many words before and after a cue are looked at: people take two or three sentences to part."""
WORTH, MOST = 3.0, 9.0
"""The log odds of every sign beyond the first, which alone is only somebody who says thanks; and those of all of them.
With 2.0 and 8.0 as many seams are found."""
LEAST = 400
"""No lecture has fewer words: what is said at the very beginning and end parts nothing."""
BREAK_MS = 300_000
"""A silence that nobody makes within a lecture: in any language it says as much as all the words together."""


def partings(cues: Sequence[Cue], speech: Speech) -> NDArray[np.float64]:
    """The log odds, for each cue, that another lecture begins with it."""
    words: list[str] = []
    firsts: list[int] = []
    for cue in cues:
        firsts.append(len(words))
        words += spoken(cue.text)
    odds = np.zeros(len(cues))
    for n, first in enumerate(firsts):
        if not LEAST <= first <= len(words) - LEAST:
            continue
        before, after = _phrases(words[max(0, first - AROUND) : first]), _phrases(words[first : first + AROUND])
        signs = len(before & speech.farewell) - len(after & speech.farewell) + len(after & speech.greeting)
        odds[n] = MOST if cues[n].start - cues[n - 1].end >= BREAK_MS else min(MOST, WORTH * max(0, signs - 1))
    return odds


def _phrases(words: Sequence[str]) -> set[str]:
    """The words, and every two that follow one another."""
    return {*words, *(f"{a}_{b}" for a, b in pairwise(words))}
