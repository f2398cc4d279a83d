"""Wording of titles: tidied, and compared by their words."""

from __future__ import annotations

import re
import unicodedata

from shared.outline import LONGEST_TITLE

_WORD = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff]|[^\W\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff]+"
)
"""A word; in scripts that write none apart, a character."""


def tidy(title: str, longest: int = LONGEST_TITLE) -> str:
    """One line without control characters, cut between words at `longest` characters."""
    shown = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in unicodedata.normalize("NFC", title))
    line = " ".join(shown.split())
    if len(line) <= longest:
        return line
    whole, _, _ = line[: longest - 1].rpartition(" ")
    return (whole or line[: longest - 1]).rstrip(" ,;:–-") + "…"


def same(one: str, other: str) -> bool:
    """Whether two titles say the same, but for case and punctuation."""
    a, b = _WORD.findall(one.casefold()), _WORD.findall(other.casefold())
    return a == b if a or b else one == other


def words(title: str) -> frozenset[str]:
    """The title's words, without case, cut to their first letters so that inflections meet."""
    return frozenset(word[:6] for word in _WORD.findall(title.casefold()))


def similar(one: str, other: str, least: float) -> bool:
    """Whether the titles share at least `least` of all their words."""
    a, b = words(one), words(other)
    return bool(a | b) and len(a & b) >= least * len(a | b)
