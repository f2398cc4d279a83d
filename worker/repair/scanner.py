"""Text → tokens: brackets, keys and values, with whatever a model writes between and around them skipped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from worker.repair.keys import known
from worker.repair.strings import (
    COLON,
    COMMAS,
    COMMENT,
    OPENING,
    SPACE,
    ends,
    key_at,
    mangled_key_at,
    string_at,
    unescape,
)

Kind = Literal["{", "[", "}", "]", "key", "value"]


class Bare(str):
    """A value written without quotes: a number, a name, a time."""

    __slots__ = ()


class Cut(str):
    """A value that the end of the text cut short."""

    __slots__ = ()


class Token(NamedTuple):
    kind: Kind
    value: str
    indent: int
    """The white space before it, if it is the first on its line; else -1."""


_BRACKETS: dict[str, Kind] = {
    "{": "{", "｛": "{", "}": "}", "｝": "}", "[": "[", "［": "[", "【": "[", "]": "]", "］": "]", "】": "]",
}  # fmt: skip
_SKIP = re.compile(
    rf"(?:{SPACE}(?://[^\n]*+|/\*(?:[^*]|\*(?!/))*+(?:\*/|$)|<!--(?:[^-]|-(?!->))*+(?:-->|$)|\#[^\n]*+|\.\.\.+|…"
    rf"|[{COMMAS}+\\]))*+{SPACE}"
)
_MOST_BRACKETS = 4_000
"""Brackets beyond five to each key and value: with more of them it is no outline, and the reading ends."""
_NEVER_SKIPPED = frozenset('[]{}":')
_OPENER = re.compile(
    rf"[\[｛{{［](?={SPACE}(?:[{OPENING}]|[\[{{\]}}［｛］｝]|[^\W\d_][\w -]{{0,40}}{SPACE}{COLON}|{COMMENT}|\\\"|$"
    rf"|\w+\(|\d+\s*,\s*[\"'\[]))|^[ \t]*(?P<key>(?=[{OPENING}]\w))",
    re.MULTILINE,
)
_ASIDE = re.compile(
    rf"[\[{{](?:([^\W\d_][\w -]{{0,40}}){SPACE}{COLON})?[^\[\]{{}}{OPENING},]{{0,80}}[\]}}](?!\s*[\[{{])", re.ASCII
)
_MORE = re.compile(rf"{SPACE}[{COMMAS}]?{SPACE}[\[\]{{}}｛｝［］]")
_ANY_KEY = re.compile(rf"[{OPENING}]([^{OPENING}»」』\n\\]{{1,200}})[{OPENING}»」』]{SPACE}{COLON}")
_ESCAPED_KEY = re.compile(rf"\"((?:[^\"\\\n]|\\.){{1,200}}+)\"{SPACE}[:：]")
_BARE_KEY = re.compile(rf"([^\W\d_][\w-]*(?: \w+)?|\d{{1,4}})[{OPENING}»]?{SPACE}{COLON}(?![/\d]{{2}})")
_ATOM = re.compile(
    r"(?:\d{1,4}(?::\d{1,2}){1,3}(?:[.,]\d{1,6})?(?:\s*-->\s*\d+(?::\d+){1,2}(?:[.,]\d+)?)?"
    rf"|[-+]?\d[\d_]*+(?:\.\d+)?(?:[eE][-+]?\d+)?|[A-Za-z]+)(?=\s*+(?:[{COMMAS}}}\]｝］)\n#/]|\\n|$))"
)
_BARE_STOP = re.compile(rf"[{COMMAS}}}｝\]］\n]|\\n")
_BARE_CLOSED = re.compile(rf"[}}｝\]］]{SPACE}(?:$|[{COMMAS}}}\]｝］{{\[]|```)")
_MOST_STOPS = 300
_CALL = re.compile(r"[^\W\d]\w{0,40}(?=\([^\W\d]\w{0,40}\s*=)")
_PROSE = re.compile(r"[^\W\d_][\w'’]*[ ,]+(?:[\w'’]+[ ,.:!]+){2}")
_PROSE_BETWEEN = re.compile(rf"{_PROSE.pattern}[^\n{{}}\[\]\"]{{0,200}}+\n\s*+(?=[{{}}\]])")
_HALF_STRING = re.compile(r"((?:[^\"\n\\]|\\.){2,300}+)\"")
"""A string that lost its first quote."""
_WORD = re.compile(r"[^\s,{}\[\]｛｝［］\"“]++")


def opener(text: str, at: int) -> int | None:
    """Where the next piece of JSON-like text begins."""
    while found := _OPENER.search(text, at):
        start = found.end() if found["key"] is not None else found.start()
        if found["key"] is None and not _is_aside(text, start):
            return start
        if found["key"] is not None and (key := key_at(text, start)) and known(key[1]):
            return start
        at = found.end() + 1
    return None


def _is_aside(text: str, start: int) -> bool:
    """A few words in brackets, within prose."""
    aside = _ASIDE.match(text, start)
    return bool(aside and not (aside[1] and known(aside[1])))


class Scan:
    """One pass over a piece of JSON-like text. `at` is where it has come to: at last, where the piece ends."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.indent = at - (text.rfind("\n", max(0, at - 500), at) + 1)
        if text[at - self.indent : at].strip():
            self.indent = -1
        self._depth = 0 if text[at] in _BRACKETS else 1  # the first bracket is missing
        self._parens: list[Kind] = []

    def tokens(self) -> Iterator[Token]:
        """From an opening bracket to where prose begins again."""
        after_key, left = False, _MOST_BRACKETS
        while True:
            self._skip()
            if self.at >= len(self.text) or self._is_over(after_key):
                return
            token = self._next(after_key)
            if token is None:
                continue
            yield token
            left += 5 if token.kind in ("key", "value") else -1
            if left < 0:
                self.at = len(self.text)
                return
            after_key = token.kind == "key"
            if self._depth <= 0 and token.kind in "}]" and not _MORE.match(self.text, self.at):
                return

    def _skip(self) -> None:
        if self._depth and self.at < len(self.text) and self.text[self.at] in _NEVER_SKIPPED:
            self.indent = -1
            return
        skipped = _SKIP.match(self.text, self.at)
        old, self.at = self.at, skipped.end() if skipped else self.at
        if self.at > old:
            line = self.text.rfind("\n", old, self.at)
            self.indent = self.at - line - 1 if line >= 0 and self.text[line + 1 : self.at].isspace() else -1
            if line == self.at - 1:
                self.indent = 0
        elif self._depth:
            self.indent = -1

    def _is_over(self, after_key: bool) -> bool:
        if self.text.startswith("```", self.at):
            return True
        if self._depth > 0 and self.indent >= 0 and (aside := _PROSE_BETWEEN.match(self.text, self.at)):
            self.at = aside.end()
        return self.indent >= 0 and not after_key and _PROSE.match(self.text, self.at) is not None

    def _token(self, kind: Kind, value: str = "") -> Token:
        return Token(kind, value, self.indent)

    def _next(self, after_key: bool) -> Token | None:
        char = self.text[self.at]
        if after_key and char in "]}" and self.text[self.at + 1 : self.at + 2].isalpha():
            self.at += 1  # it stands for the first quote of a string
            return None
        if kind := _BRACKETS.get(char):
            return self._bracket(kind)
        if char in "()":
            return self._paren(char)
        if (not after_key or self._value_is_missing()) and (token := self._key(char)):
            return token
        if char in OPENING:
            return self._string(after_key)
        return self._bare() if after_key else self._word()

    def _bracket(self, kind: Kind) -> Token:
        self._depth += 1 if kind in "{[" else -1
        self.at += 1
        return self._token(kind)

    def _paren(self, char: str) -> Token | None:
        """Python's tuples are lists; calls with named arguments are objects."""
        if char == "(":
            is_call = _BARE_KEY.match(self.text, self.at + 1) is not None
            self._parens.append("}" if is_call else "]")
            return self._bracket("{" if is_call else "[")
        if not self._parens:
            self.at += 1
            return None
        return self._bracket(self._parens.pop())

    def _value_is_missing(self) -> bool:
        """Another key stands where a value should be."""
        found = _ANY_KEY.match(self.text, self.at)
        return bool(found and known(found[1]))

    def _key(self, char: str) -> Token | None:
        found = self._found_key(char)
        if found is None:
            return None
        self.at = found.end()
        return self._token("key", unescape(found[1]).strip())

    def _found_key(self, char: str) -> re.Match[str] | None:
        if char not in OPENING:
            return _BARE_KEY.match(self.text, self.at) or mangled_key_at(self.text, self.at)
        text, at = self.text, self.at
        return _ANY_KEY.match(text, at) or _ESCAPED_KEY.match(text, at) or key_at(text, at)

    def _string(self, is_value: bool) -> Token:
        is_triple = self.text.startswith('"""', self.at)
        if is_triple:
            self.at += 2
        span = string_at(self.text, self.at, is_value)
        self.at = span.after
        content = unescape(self.text[span.start : span.stop])
        if is_triple:
            content = content.removesuffix('""')
        return self._token("value", Cut(content) if span.is_cut else content)

    def _bare(self) -> Token:
        """A value without quotes, or one that lost the first of them."""
        if atom := _ATOM.match(self.text, self.at):
            self.at = atom.end()
            return self._token("value", Cut(atom[0]) if self.at == len(self.text) else Bare(atom[0]))
        half = _HALF_STRING.match(self.text, self.at)
        if half and ends(self.text, half.end(), True):
            self.at = half.end()
            return self._token("value", unescape(half[1]))
        start, self.at = self.at, self._bare_end()
        content = self.text[start : self.at].strip().rstrip(COMMAS)
        if content and content[-1] in OPENING and content.count(content[-1]) % 2:
            content = content[:-1]
        return self._token("value", Cut(content) if self.at == len(self.text) else Bare(content))

    def _bare_end(self) -> int:
        at = self.at
        for _ in range(_MOST_STOPS):
            stop = _BARE_STOP.search(self.text, at)
            if stop is None:
                return len(self.text)
            if self._stops_bare(stop):
                return stop.start()
            at = stop.end()
        return at

    def _stops_bare(self, stop: re.Match[str]) -> bool:
        char, text = stop[0], self.text
        if char in COMMAS:
            after = _SKIP.match(text, stop.end())
            at = after.end() if after else stop.end()
            return at == len(text) or text[at] in "{}[]｛｝［］" or key_at(text, at) is not None
        return char in ("\n", "\\n") or _BARE_CLOSED.match(text, stop.start()) is not None

    def _word(self) -> Token | None:
        """Something that is no part of JSON: a number in a list, or prose in the middle."""
        if atom := _ATOM.match(self.text, self.at):
            self.at = atom.end()
            return self._token("value", Cut(atom[0]) if self.at == len(self.text) else Bare(atom[0]))
        if call := _CALL.match(self.text, self.at):
            self.at = call.end()
            return None
        word = _WORD.match(self.text, self.at)
        self.at = word.end() if word else self.at + 1
        return None
