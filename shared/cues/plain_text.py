"""The lines of a cue into plain text: without tags, entities and invisible characters."""

from __future__ import annotations

import html
import re
import unicodedata

from shared.cues.block import Block
from shared.cues.mendings import Mended

# Only tags that subtitles have, so that `a<b and b>c` stays. Every repeat is bounded: no line is passed over twice.
_TAG = re.compile(
    r"</? ?(?:[bius]|em|strong|ruby|rt|br|c|p|tt) ?/? ?>"
    r"|</?(?:font|span|lang|p|div)(?: [^<>]{0,200})?>"
    r"|</?(?:c|b|i|u|v|lang|ruby|rt)(?:\.[\w.#-]{1,100})(?: [^<>]{0,200})?>"
    r"|</v>|<[0-9]{1,5}:[0-9]{2}(?::[0-9]{2})?\.[0-9]{3}>",
    re.IGNORECASE,
)
_VOICE = re.compile(r"<v(?:\.[\w.#-]{1,100})? ([^<>]{1,200})>", re.IGNORECASE)
# What ASS and SubRip put in braces; {\alpha} of a formula stays.
_OVERRIDE = re.compile(
    r"\{\\(?:an?[0-9]|pos\(|move\(|i?clip\(|fade?\(|[ibus][0-9]|f(?:n|s|sc[xy]|r[xyz]?)|[1-4]?c&|k[fo]?[0-9]|q[0-9]|bord|shad|r\b)[^{}]{0,200}\}"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
# The joiners U+200C and U+200D stay: Persian, Hindi and emoji are spelt with them.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u061c\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
_LOST = "\ufffd"
NEEDS_CARE = re.compile(
    "[<{&\u00ad\u200b\u200e\u200f\u061c\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffd]"
)


def is_plain(text: str) -> bool:
    """Whether no line of `text` has markup or an invisible character; its lines are clean."""
    if any(sign in text for sign in ("<", "{", "&", _LOST)):
        return False
    # One pass in C: false for whatever is invisible, a control character or an odd space.
    return text.replace("\n", "").isprintable()


def make_plain(blocks: list[Block], mended: Mended) -> list[Block]:
    """`blocks` with plain lines, each trimmed and none empty; without the cues of which nothing is left."""
    kept = []
    for block in blocks:
        lines = [_plain(line, block.line, mended) for line in block.lines]
        block.lines = [line for line in lines if line]
        if block.lines:
            kept.append(block)
        else:
            mended.note("empty cue", block.line)
    return kept


def _plain(line: str, at: int | None, mended: Mended) -> str:
    if NEEDS_CARE.search(line):
        line = _without_tags(line, at, mended)
        line = _decoded(line, at, mended)
        bare = _INVISIBLE.sub("", line)
        if bare != line:
            mended.note("invisible characters removed", at)
        if _LOST in bare:
            mended.note("replacement characters kept", at, bare.count(_LOST))
        line = bare
    return " ".join(line.split())


def _without_tags(line: str, at: int | None, mended: Mended) -> str:
    bare = line
    if "<" in line:
        bare = _TAG.sub(_instead, _VOICE.sub(r"\1: ", bare))
    if "{\\" in line and _OVERRIDE.search(bare):
        # Only beside other ASS tags is \N a line break: on its own it may be a path or a formula.
        bare = _OVERRIDE.sub("", bare).replace("\\N", " ").replace("\\h", " ")
    if bare != line:
        mended.note("tags removed", at)
    return bare


def _instead(tag: re.Match[str]) -> str:
    return " " if "br" in tag[0].lower() else ""


def _decoded(line: str, at: int | None, mended: Mended) -> str:
    if "&" not in line:
        return line
    text = _ENTITY.sub(_character, line)
    if text != line:
        mended.note("entities decoded", at)
    return text


def _character(entity: re.Match[str]) -> str:
    """What the entity stands for; the entity itself if that is no character of a text."""
    decoded = html.unescape(entity[0])
    usable = all(unicodedata.category(c) not in {"Cc", "Cs", "Cn", "Co"} and c != _LOST for c in decoded)
    return decoded if usable else entity[0]
