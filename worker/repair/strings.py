"""Where a string ends, when quotes inside it are not escaped or its own last quote is missing."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from worker.repair.keys import asked_for, begins_key, known

SPACE = r"(?:\s|\\[nrt](?=[\s\"'“`{}\[\],\\]|$)|\\(?=\r?\n)|[\u200b\ufeff\u00ad\x00-\x1f]|&nbsp;|<br ?/?>)*+"
"""White space between tokens, which some models write as a literal backslash and letter."""
OPENING = "\"'`“”„‟«‘’‚‛＂＇「『″"
COMMAS = ",，;；、،"
COLON = r"(?:[:：](?!//)[:=]?|=>?|->|→)"
COMMENT = r"//|/\*|\#\s"
_ANY = OPENING + "»」』"
_CLOSERS = {
    "“": "”“\"", "”": "”\"", "„": "“”\"", "‟": "”\"", "«": "»", "‘": "’'", "’": "’'", "‚": "‘’'", "‛": "’'",
    "＂": "＂", "＇": "＇", "「": "」", "『": "』", "″": "″",
    '"': '"”', "'": "'’", "`": "`'",
}  # fmt: skip
_FOREIGN = {('"', "”"): "“", ("'", "’"): "‘"}
"""A straight quote may be closed by a curly one, unless that one's own opening quote stands inside the string."""
_MOST_MARKS = 300
"""Quotes, escapes and line breaks in one string: with more of them it is no title, and the looking ends."""
_MOST_MARKS_AFTER_WEAK = 8

_SPACE = re.compile(SPACE)
_COMMAS = re.compile(rf"(?:[{COMMAS}]{SPACE}(?:\+{SPACE})?)++")
_NOTE = re.compile(rf"[ \t]*[^\w\s{OPENING}»」』][^\n{OPENING}»」』]{{0,100}}\n{SPACE}")
_MARK = re.compile(rf"[\\\n{_ANY}]")
_COMMENT = re.compile(COMMENT)
_QUOTED_KEY = re.compile(rf"[{OPENING}]([^{_ANY}\n\\{{}}\[\]]{{1,80}})[{_ANY}]{SPACE}{COLON}")
_HALF_KEY = re.compile(rf"[{OPENING}]([^\W\d_][\w -]{{0,40}}){SPACE}{COLON}\s*(?=[{OPENING}\[{{\d])")
_COLONLESS_KEY = re.compile(rf"[{OPENING}](\w{{1,40}})(?:[{OPENING}]\s+|:[{OPENING}]\s*)(?=[{OPENING}\d\[{{])")
_MANGLED_KEY = re.compile(rf"([\w{OPENING}\\\[\]{{}}]{{4,30}})[{COMMAS}]?{SPACE}{COLON}")
_BARE_KEY = re.compile(rf"([^\W\d_][\w -]{{0,40}})[{_ANY}]?{SPACE}{COLON}")
_JSON_VALUE = re.compile(rf"{SPACE}(?:[{OPENING}\[{{［｛]|-?\d|null|true|false|None)")
_CLOSED = re.compile(
    rf"[}}\]｝］】)](?:{SPACE}(?:$|[}}\]｝］】)]|[{COMMAS}]{SPACE}(?:$|[{{\[}}\]｛［｝］{OPENING}]|{COMMENT}|\w+{SPACE}[:：=])"
    rf"|[{{\[｛［]|```|</|{COMMENT})|[ \t]*\r?\n|\\n)"
)
_WEAK = re.compile(rf"{SPACE}(?:[{COMMAS}}}\]｝］]|$)|[ \t]*\r?\n")
_AFTER_COMMA = re.compile(rf"$|[{{\[}}\]｛［｝］]|{COMMENT}|\.\.\.")
_LAST_WORD = re.compile(rf"[{OPENING}](\w{{0,40}})[{_ANY}]?$")
_ELEMENT = re.compile(rf"[{OPENING}]|-?\d|null|None")
_LAST_LINE = re.compile(r"\s*[}\]]\s*,?\s*(?:\n|$)")
_BREAK_BEFORE = re.compile(r"[,，{\n][ \t]{0,40}$")


@dataclass(frozen=True, slots=True)
class Span:
    """The string's text is text[start:stop]; what follows it begins at `after`."""

    start: int
    stop: int
    after: int
    is_cut: bool = False
    """The text ended before the string did, or no end could be found."""


def string_at(text: str, opening: int, is_value: bool) -> Span:
    """The string that the quote at `opening` begins. One pass over it, with bounded looks ahead."""
    quote = text[opening]
    start, closers = opening + 1, _CLOSERS[quote]
    weak: Span | None = None
    at, left = start, _MOST_MARKS
    while left and (mark := _MARK.search(text, at)):
        here, char = mark.start(), mark[0]
        at, left = here + 1, left - 1
        if char == "\\":
            at = here + 2
        elif char == "\n":
            if key_at(text, _SPACE.match(text, at).end()) or _LAST_LINE.match(text, at):  # type: ignore[union-attr]
                return _unclosed(text, start, here)
        elif is_value and _key_begins(text, here):
            return _unclosed(text, start, here)
        elif (
            char in closers
            and _closes(text, quote, char, start, here)
            and (ends(text, at, is_value) or (char == quote and _is_stray(text, at)))
        ):
            return _without_stray(text, start, here, at)
        elif char in closers and weak is None and _WEAK.match(text, at):
            weak, left = Span(start, here, at), _MOST_MARKS_AFTER_WEAK
    stop = len(text) if left else at
    if weak:  # where the text ends before a better end is found, this one may be within the title
        return replace(weak, is_cut=bool(left))
    return Span(start, stop, stop, is_cut=True)


def _without_stray(text: str, start: int, stop: int, after: int) -> Span:
    """The string without a quote that was typed twice at its beginning or end. (Behind a digit it means inches.)"""
    quote = text[stop]
    own = text.count(quote, start, stop) - text.count("\\" + quote, start, stop)
    if quote in "\"'" and stop - start > 2 and own == 1 and quote in (text[start], text[stop - 1]):
        if text[start] == quote:
            start += 1
        elif text[stop - 2] not in "0123456789\\":
            stop -= 1
    if text[stop - 1] in COMMAS and key_at(text, _SPACE.match(text, after).end()):  # type: ignore[union-attr]
        stop -= 1  # the comma and the last quote are the wrong way round
    return Span(start, stop, after)


def key_at(text: str, at: int) -> re.Match[str] | None:
    """A key and its colon at this place: of any name if a value of JSON's follows, else only one that outlines have.

    A name that outlines have is known as one without its last quote or its colon too.
    """
    if text[at + 1 : at + 2].isspace():
        return None
    if found := _QUOTED_KEY.match(text, at):
        return found if known(found[1]) or _JSON_VALUE.match(text, found.end()) else None
    patterns = (_COLONLESS_KEY, _HALF_KEY) if text[at : at + 1] in OPENING else (_BARE_KEY,)
    found = next((found for pattern in patterns if (found := pattern.match(text, at)) and known(found[1])), None)
    return found or mangled_key_at(text, at)


def mangled_key_at(text: str, at: int) -> re.Match[str] | None:
    """A key that the prompt asks for, with quotes in the wrong places."""
    found = _MANGLED_KEY.match(text, at)
    return found if found and asked_for(found[1]) else None


def ends(text: str, at: int, is_value: bool) -> bool:
    """Whether what follows the quote before `at` is what follows a string in JSON."""
    after = _SPACE.match(text, at).end()  # type: ignore[union-attr]
    if after == len(text) or _COMMENT.match(text, after):
        return True
    char = text[after]
    if (note := _NOTE.match(text, at)) and (_LAST_LINE.match(text, note.end()) or key_at(text, note.end())):
        return True
    if char in COMMAS:
        return _goes_on(text, _COMMAS.match(text, after).end(), is_value)  # type: ignore[union-attr]
    if char in "}]｝］】)":
        return _CLOSED.match(text, after) is not None
    if char in OPENING:
        found = _QUOTED_KEY.match(text, after)
        return bool(found and known(found[1]))
    return "\n" in text[at:after] and key_at(text, after) is not None


def _is_stray(text: str, at: int) -> bool:
    """Whether a quote of another kind follows the last one, and then what follows a string."""
    return (
        text[at] != text[at - 1]
        and text[at] in OPENING
        and text[at + 1 : at + 2] not in OPENING
        and ends(text, at + 1, True)
    )


def _goes_on(text: str, at: int, is_value: bool) -> bool:
    """Whether another entry begins at `at`, behind a comma."""
    if _AFTER_COMMA.match(text, at):
        return True
    if is_value:
        last = _LAST_WORD.match(text, at)
        return bool(last and begins_key(last[1])) or key_at(text, at) is not None
    return _ELEMENT.match(text, at) is not None


def _closes(text: str, quote: str, closer: str, start: int, here: int) -> bool:
    own = _FOREIGN.get((quote, closer))
    return own is None or text.rfind(own, max(start, here - 300), here) < 0


def _key_begins(text: str, here: int) -> bool:
    """Whether the quote at `here` opens the next key, so that the string before it lost its last quote."""
    ahead = _QUOTED_KEY.match(text, here)
    return bool(ahead and known(ahead[1]) and _BREAK_BEFORE.search(text, max(0, here - 42), here))


def _unclosed(text: str, start: int, stop: int) -> Span:
    """The string ends before the comma or line that precedes `stop`; a last quote of the wrong kind goes."""
    content = text[start:stop].rstrip()
    if content.endswith(tuple(COMMAS)):
        content = content[:-1].rstrip()
    after = start + len(content)
    stop = start + len(content)
    if content and content[-1] in _ANY:
        if len(content) > 2 and content[0] == content[-1] and content.count(content[0]) == 2:
            start, stop = start + 1, stop - 1
        elif content.count(content[-1]) % 2:
            stop -= 1
    return Span(start, stop, after)


_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|u[0-9a-fA-F]{0,3}$|x[0-9a-fA-F]{2}|.|$)", re.DOTALL)
_PATH = re.compile(r"\b[A-Za-z]:\\\w")
"""A path of Windows's whose backslashes are not escaped: no escape in it is one."""
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\n": " "}


def unescape(raw: str) -> str:
    """The text that an escaped string stands for: what JSON says if it is JSON's, so that a string reads the same
    whether the reply around it is whole or broken. What JSON has no escape for is kept as it is, if it is a letter: a
    path or a formula; a backslash before punctuation goes."""
    if "\\" not in raw:
        return raw
    try:
        return str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        return _unescape_loosely(raw)


def _unescape_loosely(raw: str) -> str:
    if _PATH.search(raw):
        return raw.replace('\\"', '"')
    text = _ESCAPE.sub(_unescaped, raw)
    if any("\ud800" <= c <= "\udfff" for c in text):
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    return text


def _unescaped(found: re.Match[str]) -> str:
    code, whole = found[1], found[0]
    if code[:1] in ("u", "x") and len(code) in (3, 5):
        return chr(int(code[1:], 16))
    if code[:1] == "u":
        return "" if found.end() == len(found.string) else whole
    if code.isalnum() and code not in _SIMPLE:
        return whole
    return _SIMPLE.get(code, code or whole)
