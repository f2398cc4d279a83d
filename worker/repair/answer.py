"""A reply's text → the values in it, and which of them is the answer."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from worker.repair.brackets import readings, values
from worker.repair.given import GivenSection, Notes
from worker.repair.scanner import Scan, opener
from worker.repair.sections import sections_in

LONGEST = 300_000
"""Characters of a reply that are read: ten times what a chunk's outline takes."""
_STRICT_TRIES = 24
_THOUGHT = re.compile(
    r"(?:</(?:think|thinking|thought|reasoning|reflection|scratchpad|analysis)>|\[/THINK\]|◁/think▷)", re.I
)
_ESCAPED_ONCE_MORE = re.compile(r"[\[{](?:\\[nrt]|\s)*+[\[{]?(?:\\[nrt]|\s)*+\\+[\"']\w")
_ENTITIES = re.compile(r"[\[{]\s*+&(?:quot|#34|#39|apos);")
_DOUBLED = re.compile(r"[{,]\s*\"\"\w+\"\"\s*:")
_MARKED_KEY = re.compile(r"\*\*([\"'][^\"'\n]{1,40}[\"'])\*\*\s{0,9}:")
_MARKED_UNDERSCORE = re.compile(r"(?<!\\)\\_")
_TEX = re.compile(r"[{,]\s*+``\w+''\s*:")
_PREFIX = re.compile(r"[ \t]*(?:>|\||\+|data:|\d{1,5}\s*[|:])[ \t]?")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_LABEL = re.compile(r"```\w*|data:|~~~\w*|</?\w+>|<\|[^|\n]{0,30}\|>")
_EXAMPLE = re.compile(r"\bexample|\be\.g\.|\bdraft|\btemplate", re.I)
_ON = re.compile(r"contin|part|next|rest|section|chapter|second|remain|then|follow|and\b|also", re.I)
_NOT_ON = re.compile(
    r"example|shape|format|schema|draft|correct|revis|final|actual|instead|wait|sorry|better|improv", re.I
)


@dataclass(frozen=True, slots=True)
class Found:
    """One value in a reply's text."""

    value: Any
    before: str
    """What stands between it and the one before, without labels of fences."""
    sections: tuple[GivenSection, ...]
    is_left: bool = False
    """The text ends within it."""


def as_json(text: str) -> Any:
    """The value, if the whole text is JSON that says each thing once; else None."""
    try:
        return _STRICT_DECODER.decode(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        return None


def found_in(text: str, notes: Notes) -> list[Found]:
    """Every JSON-like value in the text, in order."""
    found: list[Found] = []
    at = end = 0
    strict = _STRICT_TRIES
    while (start := opener(text, at)) is not None:
        value, stop = _strictly(text, start) if strict and text[start] in "[{" else (None, None)
        if stop is None:
            strict -= 1
            scan = Scan(text, start)
            roots, is_left = _mended(scan, notes)
            stop = scan.at
        else:
            roots, is_left = [value], False
            if not notes.found:
                notes.add("text-around-json" if text[:start].strip() or text[stop:].strip() else "json-mended")
        for n, root in enumerate(roots):
            if root:
                before = "" if n else _LABEL.sub(" ", text[max(end, start - 2_000) : start])
                found.append(Found(root, before, sections_in(root), is_left and n == len(roots) - 1))
        at = end = max(stop, start + 1)
    return found


def _strictly(text: str, start: int) -> tuple[Any, int | None]:
    """The well-formed value that begins here and where it ends; None for the latter if there is none."""
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object none of whose keys is there twice: where one is, two objects ran together."""
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key twice")
    return made


_DECODER = json.JSONDecoder(object_pairs_hook=_once, strict=False)
_STRICT_DECODER = json.JSONDecoder(object_pairs_hook=_once)


def _mended(scan: Scan, notes: Notes) -> tuple[list[Any], bool]:
    """The values of the cheapest reading, and whether the text ends within. Of equals, times in order decide."""
    paths = readings(scan.tokens())
    near = [path for path in paths if path.cost <= paths[0].cost + 1.0]
    made = [values(path) for path in near]
    notes.add("json-mended")
    costs = [path.cost + 0.5 * _disorder(roots) for path, roots in zip(near, made, strict=True)] if near[1:] else [0.0]
    best = costs.index(min(costs))
    last = near[best].steps
    return made[best], last is not None and last[1] == "left"


def _disorder(roots: Sequence[Any]) -> int:
    """How often time goes back in reading order."""
    starts = [start for root in roots for start in _starts(sections_in(root))]
    return sum(a > b for a, b in pairwise(starts))


def _starts(sections: Sequence[GivenSection]) -> Iterator[int]:
    todo = list(reversed(sections))
    while todo:
        section = todo.pop()
        if section.start is not None:
            yield section.start
        todo += reversed(section.subsections)


def chosen(found: Sequence[Found], notes: Notes) -> tuple[tuple[GivenSection, ...], bool]:
    """The sections of the answer: the last one, whole if it was given in pieces; and whether it was cut short."""
    with_sections = [one for one in found if one.sections]
    placed = [one for one in with_sections if is_placed(one.sections)]
    answers: list[list[Found]] = []
    for one in placed or with_sections:
        if answers and _goes_on(answers[-1], one):
            answers[-1].append(one)
        else:
            answers.append([one])
    if not answers:
        return (), False
    answer = answers[-1]
    if len(answers) > 1:
        notes.add("earlier-answer-left-out")
        if answer[-1].is_left and _titles(answer) <= _titles(answers[-2]):
            answer = answers[-2]
    if len(answer) > 1:
        notes.add("pieces-put-together")
    return tuple(section for one in answer for section in one.sections), answer[-1].is_left


def _goes_on(before: Sequence[Found], one: Found) -> bool:
    """Whether `one` is a further part of the same outline, not another answer."""
    if _titles([one]) <= _titles(before):
        return False
    words = bool(_WORDS.search(one.before))
    if not words and isinstance(one.value, dict) and isinstance(before[-1].value, dict):
        return True
    last, first = _last(before[-1].sections), _first(one.sections)
    if last is None or first is None or first < last:
        return False
    if _NOT_ON.search(one.before) or _EXAMPLE.search(before[0].before):
        return False
    return not words or bool(_ON.search(one.before)) or len(before[-1].sections) > 1


def _titles(parts: Sequence[Found]) -> set[tuple[str, int | None]]:
    return {(section.title, section.start) for part in parts for section in part.sections}


def is_placed(sections: Sequence[GivenSection]) -> bool:
    """Whether one of the sections has a time or a cue number."""
    return _first(sections) is not None


def _first(sections: Sequence[GivenSection]) -> int | None:
    return next((start for s in sections for start in (s.start, s.cue) if start is not None), None)


def _last(sections: Sequence[GivenSection]) -> int | None:
    starts = list(_starts(sections))
    return max(starts) if starts else None


def cleaned(text: str, notes: Notes) -> Iterator[str]:
    """The text without what is not the answer; then, in case nothing is found in that, the text as it came."""
    text = text.replace("\x00", "")
    thoughts = list(_THOUGHT.finditer(text))
    for thought in reversed(thoughts[-3:]):
        if _outside_string(text, thought.start()) and re.search(r"[\[{]", text[thought.end() :]):
            notes.add("reasoning-left-out")
            yield from _as_written(text[thought.end() :], notes)
            break
    yield from _as_written(text, notes)


def _outside_string(text: str, at: int) -> bool:
    line = text[text.rfind("\n", max(0, at - 2_000), at) + 1 : at]
    return not re.search(r"[\"']title[\"']\s*:\s*[\"'][^\"]*$", line)


def _as_written(text: str, notes: Notes) -> Iterator[str]:
    """The text with a layer of escapes or of line marks taken off, if all of it has one."""
    if len(text) > LONGEST:
        notes.add("too-long", f"only the first {LONGEST} of {len(text)} characters were read")
        text = text[:LONGEST]
    lines = [line for line in text.splitlines() if line.strip()]
    marked = [mark for line in lines if (mark := _PREFIX.match(line))]
    if (
        len(lines) > 2
        and len(marked) >= 0.9 * len(lines)
        and len({re.sub(r"\d+", "0", m[0].strip()) for m in marked}) < 3
    ):
        text = "\n".join(_PREFIX.sub("", line, count=1) for line in text.splitlines())
    text = _MARKED_KEY.sub(r"\1:", _MARKED_UNDERSCORE.sub("_", text))
    for pattern, undone in (
        (_ENTITIES, html.unescape),
        (_ESCAPED_ONCE_MORE, _unescaped_once),
        (_DOUBLED, _undoubled),
        (_TEX, _untexed),
    ):
        if pattern.search(text):
            notes.add("escapes-undone")
            text = undone(text)
    yield text


def _undoubled(text: str) -> str:
    return text.replace('""', '"')


def _untexed(text: str) -> str:
    return text.replace("``", '"').replace("''", '"')


def _unescaped_once(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return re.sub(r"\\(?:([\"'\\/])|n|r|t)", lambda found: found[1] or " ", text)
