"""Titles: one clean line of text, in the words of the reply."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 300
"""Characters. A longer title is a paragraph that went astray; it is cut here and dealt with later."""

_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Marks without a width, direction overrides and halves of characters. (Joiners stay: scripts need them.)"""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ESCAPED_BY = {"\b": r"\b", "\f": r"\f", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_COMMAND = re.compile(
    r"(?:[\b\f](?=[a-z]{2})"
    r"|(?<![.:])\t(?=(?:an|anh|au|ext[a-z]*|frac|heta|ilde|imes|o|op|riangle)(?![^\W\d_]))"
    r"|\r(?=(?:angle|ceil|floor|ho|ight[a-z]*)(?![^\W\d_]))"
    r"|\n(?=(?:abla|eg|eq|ot|otin|exists)(?![^\W\d_]))"
    r"|(?<![^\s$(\[{=^_/*+-])\n(?=[eu](?![^\W\d_])))"
)
"""A control character that was the beginning of a LaTeX command. What stands before it tells `\\ne` and `\\nu` from a
line that goes on with a word of one letter, and `\\tan` from the tab behind a number."""
_PATH = re.compile(r"(?<![^\W_])[C-Hc-h]:(?:\\\w|[\b\f\n\r\t][a-z0-9])[\w. \\\b\f\n\r\t-]*")
"""A path of Windows's. (Drives from C to H: behind "A:" and "Q:" lines begin.)"""


def as_typed(text: str) -> str:
    r"""`text` with the backslashes of formulas and paths that a JSON parser took for escapes: in "\beta", "\frac",
    "\nabla", "\rho", "\theta" and "C:\temp" as models write them, with one backslash where JSON asks for two."""
    if text.isprintable():
        return text
    return _COMMAND.sub(_typed, _PATH.sub(_typed, text))


def _typed(found: re.Match[str]) -> str:
    return "".join(_ESCAPED_BY.get(char, char) for char in found[0])


def clean(text: str) -> str:
    """`text` as one line: NFC, formulas and paths as they were typed, without control characters and invisible marks,
    white space made single."""
    if text.isascii() and text.isprintable() and "  " not in text and len(text) <= LONGEST:
        return text.strip()
    line = " ".join(_CONTROL.sub(" ", _INVISIBLE.sub("", as_typed(text[: 4 * LONGEST]))).split())
    return unicodedata.normalize("NFC", line)[:LONGEST].rstrip()
