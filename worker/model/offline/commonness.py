"""Commonness: how often a word is used in its language at large, so that "function" is told from "softmax"."""

from __future__ import annotations

from functools import lru_cache

from wordfreq import available_languages, read_cBpack

RARE, UNKNOWN, USUAL, EVERYDAY = 3.0, 4.5, 5.2, 5.6
"""Zipf frequencies, the logarithm of how often a word comes in a billion. Of everyday words a language has some two
hundred, most of which have no meaning of their own. A word that no list has is rare; but in a script without spaces,
where words are guessed, one of two characters may be none at all."""
MOST = 9.0
"""The Zipf frequency of a word that is said always."""
_KEPT_AS = {"no": "nb", "nn": "nb", "bs": "sh", "hr": "sh", "sr": "sh", "tl": "fil"}
"""Languages that share a list with a near relative."""


@lru_cache(maxsize=4)
def commonness(language: str) -> dict[str, float]:
    """The Zipf frequencies of the words of a language, by their small letters; empty if they are not known.

    The package's own ways to ask would keep every language in memory that was ever asked for.
    """
    path = available_languages("small").get(_KEPT_AS.get(language, language))
    levels = read_cBpack(str(path)) if path else []
    return {word: MOST - centibels / 100 for centibels, words in enumerate(levels) for word in words}
