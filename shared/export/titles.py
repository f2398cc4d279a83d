"""Titles as every format may write them: one line of NFC without control characters."""

from __future__ import annotations

import unicodedata

UNTITLED = "Untitled"

_BIDI_AND_INVISIBLE = frozenset(
    "\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
"""Characters that reorder or hide text (S18). U+200C and U+200D stay: Persian and emoji are spelt with them."""


def one_line(text: str) -> str:
    """`text` in NFC on one line; control, bidi and invisible characters gone, lone surrogates shown as U+FFFD."""
    kept = "".join(_plain(character) for character in text)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def shorten(text: str, most: int) -> str:
    """`text` in at most `most` characters, cut at a word where there is one in the last third."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > most * 2 // 3 else cut).rstrip() + "…"


def _plain(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) == "Cs":
        return "\ufffd"
    # The last two of each plane are no characters; XML 1.0 refuses U+FFFE and U+FFFF.
    hidden = character in _BIDI_AND_INVISIBLE or ord(character) & 0xFFFE == 0xFFFE
    return "" if hidden or unicodedata.category(character) == "Cc" else character
