"""Language: what the transcript is in, and whether a title is in the language that was asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]

from shared.cues import Cue
from shared.cues.languages import common_words
from shared.language_names import LANGUAGE_NAMES

UNKNOWN = "und"
_SAMPLE = 20_000
"""Characters that are looked at, from all over the transcript: more does not change the answer."""
_TOLD = 0.4
"""Below this the transcript is too short or too mixed to say."""
_SURE = 0.95
"""Between the English titles of tests/unit/test_language_titles.py, which must not be asked again, and the others."""
_LIKELY = 0.5
"""Enough where many titles are surely foreign: a model that answers in Czech does so throughout."""
_MANY = 0.3
_BEYOND_DOUBT = 0.998
"""“Weltanschauung in Dilthey” and other English titles that seem foreign seem so less than this."""
_SHORTEST = 4
_ENGLISH = frozenset(
    "the and of with for from how why what when using between into its in on to by versus after without".split()  # noqa: SIM905  (a list literal takes a line for each)
)
"""Words that none of the names and terms that other languages borrow are made of."""
_ENGLISH_TOO = {
    "in": ("de", "it", "nl"),
    "on": ("cs", "fi", "fr", "pl", "sk", "tr"),
    "to": ("cs", "hr", "pl", "sk", "sl", "sr"),
    "by": ("cs", "da", "nb", "nn", "no", "sk", "sv"),
}
"""Of these, what is a word of other languages as well."""
_OF_NAMES = frozenset("van von de der den da di del du la le el al y bin ibn ter ten".split())  # noqa: SIM905
_NO_LANGUAGE = re.compile(r"`[^`]*`|[\"“„«][^\"”“»]*[\"”“»]|\S*[\d_/\\@(){}<>=]\S*|\b\w+\.\w\S*|\b\w*[a-z][A-Z]\w*")
"""Code, quoted terms, numbers, addresses and camelCase: no language's words."""
_NOT_LATIN = frozenset("am ar be bg bn el fa he hi hy ja ka kk ko mk ru sr ta te th uk ur zh".split())  # noqa: SIM905


def detect(cues: Sequence[Cue]) -> str:
    """The language of the whole transcript as an ISO 639-1 code; "und" if there is too little to tell."""
    stride = max(1, len(cues) // 2_000)  # this is asked for every chunk of a lecture, however long it is
    step = max(1, stride * sum(len(cue.text) for cue in cues[::stride]) // _SAMPLE)
    sample = " ".join(cue.text for cue in cues[::step])[: _SAMPLE * 2]
    if sum(c.isalpha() for c in sample) < 20:
        return UNKNOWN
    language, confidence = _identifier().classify(sample)
    return str(language) if confidence >= _TOLD else UNKNOWN


def foreign(titles: Sequence[str], wanted: str, spoken: str, glossary: Sequence[str] = ()) -> list[int]:
    """Positions of the titles that are in the language `spoken`, or in English, rather than in the one `wanted`.

    Judged against that alternative alone, and only when it is clear: names, code, quoted terms and those of the
    `glossary` are not another language.
    """
    likely = [_likely_foreign(_without(glossary, title), wanted, spoken) for title in titles]
    sure = [n for n, share in enumerate(likely) if share > _SURE]
    if len(sure) < max(2, _MANY * len(titles)):
        return sure
    return [n for n, share in enumerate(likely) if share > _LIKELY]


def is_foreign_beyond_doubt(title: str, wanted: str, spoken: str, glossary: Sequence[str] = ()) -> bool:
    """Whether the title stays foreign even if somebody who was asked to translate it left it as it was."""
    return _likely_foreign(_without(glossary, title), wanted, spoken) > _BEYOND_DOUBT


def _without(glossary: Sequence[str], title: str) -> str:
    own = "|".join(re.escape(term) for term in glossary if term) or r"(?!)"
    return re.sub(own, " ", title, flags=re.IGNORECASE)


def _likely_foreign(title: str, wanted: str, spoken: str) -> float:
    """How likely the title is not in the language `wanted`, 0 to 1; 0 for what is no language's words."""
    text = " ".join(_NO_LANGUAGE.sub(" ", title).split())
    letters = [c for c in text if c.isalpha()]
    if wanted not in _NOT_LATIN and sum(map(_is_beyond_latin, letters)) * 2 > len(letters):
        return 1.0
    if len(letters) < _SHORTEST:
        return 0.0
    words = set(re.findall(r"\w+", text.casefold()))
    is_english = any(spoken not in _ENGLISH_TOO.get(word, ()) for word in words & _ENGLISH)
    if wanted != "en" and is_english:
        return _likelihood(text, "en", wanted)
    if spoken in (UNKNOWN, wanted) or (wanted == "en" and is_english) or _is_name(text, spoken):
        return 0.0
    likely = _likelihood(text, spoken, wanted)
    # One of its commonest words is as good as all the letters.
    common = common_words(LANGUAGE_NAMES.get(spoken, "")) - _OF_NAMES
    return 1 - (1 - likely) * (1 - _SURE) if words & common else likely


def _is_name(text: str, spoken: str) -> bool:
    """Several words, all with a capital, as only names have them outside English and German."""
    words = [word for word in text.split() if word not in _OF_NAMES]
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
