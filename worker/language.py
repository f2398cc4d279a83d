"""Language: what the transcript is in, and whether a title is in the language that was asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

from shared.cues import Cue

UNKNOWN = "und"
_SAMPLE = 20_000
"""Characters that are looked at, from all over the transcript: more does not change the answer."""
_TOLD = 0.4
"""Below this the transcript is too short or too mixed to say."""
_SURE = 0.95
"""Between the English titles of tests/unit/test_language_titles.py, which must not be asked again, and the others."""
_SHORTEST = 4
_ENGLISH = frozenset(
    ["the", "and", "of", "with", "for", "from", "how", "why", "what", "when", "using", "between", "into", "its"]
)
"""Words that none of the names and terms that other languages borrow are made of."""
_NO_LANGUAGE = re.compile(r"`[^`]*`|[\"“„«][^\"”“»]*[\"”“»]|\S*[\d_/\\@(){}<>=]\S*|\b\w+\.\w\S*|\b\w*[a-z][A-Z]\w*")
"""Code, quoted terms, numbers, addresses and camelCase: no language's words."""
_NOT_LATIN = frozenset(
    [
        "am",
        "ar",
        "be",
        "bg",
        "bn",
        "el",
        "fa",
        "he",
        "hi",
        "hy",
        "ja",
        "ka",
        "kk",
        "ko",
        "mk",
        "ru",
        "sr",
        "ta",
        "te",
        "th",
        "uk",
        "ur",
        "zh",
    ]
)


def detect(cues: Sequence[Cue]) -> str:
    """The language of the whole transcript as an ISO 639-1 code; "und" if there is too little to tell."""
    step = max(1, sum(len(cue.text) for cue in cues) // _SAMPLE)
    sample = " ".join(cue.text for cue in cues[::step])[: _SAMPLE * 2]
    if sum(c.isalpha() for c in sample) < 20:
        return UNKNOWN
    language, confidence = _identifier().classify(sample)
    return str(language) if confidence >= _TOLD else UNKNOWN


def foreign(titles: Iterable[str], wanted: str, spoken: str, glossary: Sequence[str] = ()) -> list[int]:
    """Positions of the titles that are in the language `spoken`, or in English, rather than in the one `wanted`.

    Judged against that alternative alone, and only when it is clear: names, code, quoted terms and those of the
    `glossary` are not another language.
    """
    own = re.compile("|".join(re.escape(term) for term in glossary if term) or r"(?!)", re.IGNORECASE)
    return [n for n, title in enumerate(titles) if _is_foreign(own.sub(" ", title), wanted, spoken)]


def _is_foreign(title: str, wanted: str, spoken: str) -> bool:
    text = " ".join(_NO_LANGUAGE.sub(" ", title).split())
    letters = [c for c in text if c.isalpha()]
    if wanted not in _NOT_LATIN and sum(map(_is_beyond_latin, letters)) * 2 > len(letters):
        return True
    if len(letters) < _SHORTEST:
        return False
    is_english = not _ENGLISH.isdisjoint(text.casefold().split())
    if wanted != "en" and is_english:
        return _likelihood(text, "en", wanted) > _SURE
    if spoken in (UNKNOWN, wanted) or (wanted == "en" and is_english) or _is_name(text, spoken):
        return False
    return _likelihood(text, spoken, wanted) > _SURE


def _is_name(text: str, spoken: str) -> bool:
    """Several words, all with a capital, as only names have them outside English and German."""
    words = text.split()
    return spoken != "de" and len(words) > 1 and all(word[0].isupper() for word in words)


def _is_beyond_latin(letter: str) -> bool:
    return ord(letter) > 0x24F and not unicodedata.name(letter, "").startswith("LATIN")


def _likelihood(title: str, language: str, against: str) -> float:
    """How likely the title is in `language`, if it is in one of the two; 0 if nothing is known of one of them."""
    ranked = dict(_identifier().rank(title))
    if language not in ranked or against not in ranked:
        return 0.0
    one, other = float(ranked[language]), float(ranked[against])
    return one / (one + other) if one + other else 0.0


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
