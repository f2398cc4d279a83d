"""Turns: signs in the speech itself that a new topic begins here ("Okay, now let's look at ...").

The weights are the log odds of each sign at the true boundaries of the development lectures, rounded; they come out
much the same whichever collection of lectures is left out (docs/quality.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shared.cues import Cue
from worker.model.offline.speech import Speech
from worker.model.offline.terms import spoken

OPENING_WORDS = 14
"""An announcement further on in a cue belongs to the topic, and does not open it."""
_TURN, _TURN_TWICE, _START, _ANNOUNCE, _ANNOUNCE_TWICE = 1.4, 0.5, 0.4, 1.0, 0.9
_ANSWER, _AFTER_QUESTION, _GO_ON, _AFTER_A_WORD, _PAUSE = 1.0, 0.4, -0.75, 0.2, 0.3
_QUESTION = re.compile(r"[?？؟]")
_NOTABLE_MS = 300
_SHARE_OF_NOTABLE = 0.02
"""Where hardly any cue comes after a pause, the times were made up from the words, and say nothing."""


def turns(cues: Sequence[Cue], speech: Speech) -> NDArray[np.float64]:
    """The log odds, for each cue, that a topic begins with it, as far as the way it is said tells."""
    words = [spoken(cue.text) for cue in cues]
    odds = _PAUSE * _pauses(cues)
    for n in range(1, len(cues)):
        if words[n]:
            odds[n] += _opening(words[n], speech) + _after(cues[n - 1].text, words[n - 1])
    return odds


def _opening(words: list[str], speech: Speech) -> float:
    first, second = words[0], words[1] if len(words) > 1 else ""
    turns = first in speech.turn or f"{first}_{second}" in speech.turn
    announced = sum(w in speech.announce for w in words[:OPENING_WORDS])
    return (
        _TURN * turns
        + _TURN_TWICE * (turns and second in speech.turn | speech.start)
        + _START * (first in speech.start)
        + _ANSWER * (first in speech.answer)
        + _GO_ON * (first in speech.go_on)
        + _ANNOUNCE * (announced > 0)
        + _ANNOUNCE_TWICE * (announced > 1)
    )


def _after(text: str, words: list[str]) -> float:
    return _AFTER_QUESTION * bool(_QUESTION.search(text)) + _AFTER_A_WORD * (len(words) <= 3)


def _pauses(cues: Sequence[Cue]) -> NDArray[np.float64]:
    """How unusual the pause before each cue is, in standard deviations of the lecture's own pauses, at most 4."""
    gaps = np.asarray([0, *(max(0, b.start - a.end) for a, b in pairwise(cues))], dtype=np.float64)
    if np.mean(gaps > _NOTABLE_MS) < _SHARE_OF_NOTABLE:
        return np.zeros(len(cues))
    long = np.log1p(gaps / 200)
    return np.asarray(np.minimum((long - long.mean()) / (long.std() + 1e-9), 4.0))
