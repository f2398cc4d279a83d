"""Text into lines that end with a line feed and hold no control characters."""

from __future__ import annotations

import re

from shared.cues.mendings import Mended

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f]")
_SEPARATORS = re.compile("[\x0b\x0c\x85\u2028\u2029]")


def clean_lines(text: str, mended: Mended) -> str:
    """`text` with every line end as a line feed, without control characters but the tab, and without spare spaces."""
    if "\r" in text:
        text = _without_returns(text, mended)
    if not text.replace("\n", "").isprintable():  # one pass, which the usual file ends with
        text = _without_control(text, mended)
    while "  " in text:  # in a subtitle spaces only place a word on the screen; halved each time, so this ends soon
        text = text.replace("  ", " ")
    for spare in (" \n", "\n "):
        if spare in text:
            text = text.replace(spare, "\n")
    return text


def _without_returns(text: str, mended: Mended) -> str:
    # CR CR LF is what a text-mode copy makes of CR LF: one line end, not two.
    if "\r\r\n" in text:
        mended.note("line ends", _line(text, text.index("\r\r\n")), text.count("\r\r\n"))
        text = text.replace("\r\r\n", "\n")
    text = text.replace("\r\n", "\n")
    if alone := text.count("\r"):
        mended.note("line ends", _line(text, text.index("\r")), alone)
        text = text.replace("\r", "\n")
    return text


def _without_control(text: str, mended: Mended) -> str:
    if found := _SEPARATORS.search(text):
        line = _line(text, found.start())
        text, count = _SEPARATORS.subn("\n", text)
        mended.note("line ends", line, count)
    if found := _CONTROL.search(text):
        line = _line(text, found.start())
        text, count = _CONTROL.subn("", text)
        mended.note("NUL and control characters removed", line, count)
    return text


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
