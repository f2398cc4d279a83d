"""Titles: one clean line of text, in the words of the reply."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 300
"""Characters. A longer title is a paragraph that went astray; it is cut here and dealt with later."""

_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Marks without a width, direction overrides and halves of characters. (Joiners stay: scripts need them.)"""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def clean(text: str) -> str:
    """`text` as one line: NFC, without control characters and invisible marks, white space made single."""
    if text.isascii() and text.isprintable() and "  " not in text and len(text) <= LONGEST:
        return text.strip()
    line = " ".join(_CONTROL.sub(" ", _INVISIBLE.sub("", text[: 4 * LONGEST])).split())
    return unicodedata.normalize("NFC", line)[:LONGEST].rstrip()
