"""Language: what the transcript is in, and whether a title is in the language that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from threading import Lock

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

from shared.cues import Cue

_SAMPLE = 20_000
"""Characters that are looked at, from all over the transcript: more does not change the answer."""
_SURE = 0.95
_SHORTEST = 12
"""Titles of fewer letters are mostly names and terms, which are the same in every language."""
_lock = Lock()


def detect(cues: Sequence[Cue]) -> str:
    """The language of the whole transcript as an ISO 639-1 code, "und" if there is too little to tell."""
    step = max(1, sum(len(cue.text) for cue in cues) // _SAMPLE)
    sample = " ".join(cue.text for cue in cues[::step])[: _SAMPLE * 2]
    if sum(c.isalpha() for c in sample) < 20:
        return "und"
    with _lock:
        return str(_identifier().classify(sample)[0])


def foreign(titles: Iterable[str], wanted: str, spoken: str, vocabulary: frozenset[str]) -> list[int]:
    """Positions of the titles that are in the language `spoken` rather than in the one that is `wanted`.

    Judged against that one alternative alone, and only where two signs agree: how the title is spelt, and that its
    words are words of the transcript (`vocabulary`). Names, code and short terms pass.
    """
    if spoken in ("und", wanted):
        return []
    return [n for n, title in enumerate(titles) if _is_foreign(title, wanted, spoken, vocabulary)]


def vocabulary(cues: Sequence[Cue]) -> frozenset[str]:
    """The words of the transcript, without case."""
    return frozenset(word for cue in cues for word in _words(cue.text))


def _is_foreign(title: str, wanted: str, spoken: str, vocabulary: frozenset[str]) -> bool:
    if sum(c.isalpha() for c in title) < _SHORTEST:
        return _is_other_script(title, wanted)
    if _is_other_script(title, wanted):
        return True
    words = _words(title)
    said = sum(word in vocabulary for word in words)
    return said * 2 >= len(words) and _likelihood(title, spoken, wanted) > _SURE


def _is_other_script(title: str, wanted: str) -> bool:
    """Most letters are beyond the Latin blocks, and the language wanted is written in Latin letters."""
    if wanted in ("ar", "bg", "el", "fa", "he", "hi", "ja", "ko", "ru", "sr", "th", "uk", "zh"):
        return False
    letters = [c for c in title if c.isalpha()]
    return bool(letters) and sum(ord(c) > 0x24F for c in letters) * 2 > len(letters)


def _likelihood(title: str, language: str, against: str) -> float:
    """How likely the title is in `language`, if it is in one of the two."""
    with _lock:
        ranked = dict(_identifier().rank(title.lower()))
    one, other = float(ranked.get(language, 0.0)), float(ranked.get(against, 0.0))
    return one / (one + other) if one + other else 0.5


def _words(text: str) -> list[str]:
    return [word for word in "".join(c if c.isalnum() else " " for c in text.casefold()).split() if len(word) > 1]


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
