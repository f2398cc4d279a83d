"""Wording of titles: tidied, and compared by their words."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\w+")


def tidy(title: str, longest: int) -> str:
    """One line without control characters, cut between words at `longest` characters."""
    shown = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in unicodedata.normalize("NFC", title))
    line = " ".join(shown.split())
    if len(line) <= longest:
        return line
    return (
        line[: longest - 1].rpartition(" ")[0].rstrip(" ,;:–-") + "…" if " " in line[: longest - 1] else line[:longest]
    )


def words(title: str) -> frozenset[str]:
    """The title's words, without case, cut to their first letters so that inflections meet."""
    return frozenset(word[:6] for word in _WORD.findall(title.casefold()))


def similar(one: str, other: str, least: float) -> bool:
    """Whether the titles share at least `least` of all their words."""
    a, b = words(one), words(other)
    return bool(a | b) and len(a & b) >= least * len(a | b)
