"""Repair: whatever a model sent → the sections, groups or titles in it. Nothing is read that the text does not say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from json_repair import repair_json

from shared.lecture import Repair
from worker.wording import tidy

_LONGEST = 200_000
"""Characters that the general repairer is given at most: it is quadratic on hostile text."""
_DEEPEST = 100
_TITLE = ("title", "heading", "headline", "name", "topic", "label", "subject", "titel", "název", "nazev", "titre")
_TIME = (
    "start_time",
    "starttime",
    "start",
    "timestamp",
    "time",
    "begin",
    "from",
    "t",
    "zeit",
    "startzeit",
    "čas",
    "cas",
)
_BELOW = ("subsections", "sub_sections", "subtopics", "children", "sections", "items", "topics", "chapters", "nodes",
          "outline", "podsekce", "unterabschnitte")  # fmt: skip
_CUE = ("cue", "cue_number", "line", "number", "index", "id")
_THINKING = re.compile(r"<(think|thinking|reasoning)>.*?</\1>", re.DOTALL | re.IGNORECASE)
_FENCE = re.compile(r"```[a-zA-Z]*[ \t]*\n?(.*?)```", re.DOTALL)
_BARE_TIME = re.compile(r"(:\s*)(\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d{1,3})?)(?=\s*[,}\]\n])")
_CLOCK = re.compile(r"^\s*\[?\(?(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,](\d{1,3}))?")
_SECONDS = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(?:s|sec|seconds)?\s*$")
_UNITS = re.compile(r"^\s*(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?\s*(?:(\d+)\s*s(?:ec)?)?\s*$")
_FOREIGN_MARKS = str.maketrans("“”„‟：，［］｛｝", '""""' + ":,[]{}")


@dataclass(frozen=True, slots=True)
class GivenSection:
    """A section as the reply gave it: `cue` is the number that it names, `start` milliseconds; None if it gave none."""

    title: str
    cue: int | None
    start: int | None
    subsections: tuple[GivenSection, ...] = ()


@dataclass(frozen=True, slots=True)
class Repaired:
    """`sections` is empty if none could be read; `truncated` if the text ends in the middle of the outline."""

    sections: tuple[GivenSection, ...]
    repairs: tuple[Repair, ...]
    truncated: bool


@dataclass(frozen=True, slots=True)
class GivenGroup:
    """A group as the reply gave it: its title, and the numbers of its sections."""

    title: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RepairedGroups:
    """`joined` are the numbers of sections that go on with the one before."""

    groups: tuple[GivenGroup, ...]
    joined: tuple[int, ...]
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True)
class RepairedTitles:
    """Titles by their number, from 1."""

    titles: dict[int, str]
    repairs: tuple[Repair, ...] = ()


def repair(text: str) -> Repaired:
    """The sections in a reply. Never raises, whatever the text."""
    value, repairs, truncated = _value(text, _sections_in)
    sections = _sections_in(value)
    if truncated and sections:
        sections = (*sections[:-1], _without_cut_time(sections[-1]))
    return Repaired(sections, repairs, truncated)


def repair_groups(text: str) -> RepairedGroups:
    """The groups in a reply. Never raises."""
    value, repairs, _ = _value(text, _groups_in)
    same = value.get("same", ()) if isinstance(value, dict) else ()
    return RepairedGroups(_groups_in(value), tuple(_numbers(same)), repairs)


def repair_titles(text: str) -> RepairedTitles:
    """The titles in a reply: a list in order, or objects with their numbers. Never raises."""
    value, repairs, _ = _value(text, _titles_in)
    return RepairedTitles(_titles_in(value), repairs)


def _value(text: str, wanted: Any) -> tuple[Any, tuple[Repair, ...], bool]:
    """The last JSON value in the text that holds what is `wanted`; how it was come by; whether it was cut short."""
    try:
        return json.loads(text), (), False
    except (ValueError, RecursionError):
        pass
    bare = _THINKING.sub("", text).replace("\x00", "")
    if "</think>" in bare:
        bare = bare.rpartition("</think>")[2]
    for name, candidates in (("text-around-json", _strict(bare)), ("json-mended", _mended(bare))):
        found = [value for value in candidates if wanted(value)]
        if found:
            truncated = name == "json-mended" and _is_open(bare)
            value = found if _is_lines(found) else found[-1]
            return value, (Repair(name=name),), truncated
    return None, (Repair(name="unreadable"),), False


def _is_lines(found: Sequence[Any]) -> bool:
    """Objects one after the other, each a section: a list without its brackets."""
    return len(found) > 1 and all(isinstance(value, dict) and _pick(value, _TITLE) for value in found)


def _strict(text: str) -> Iterator[Any]:
    """Every well-formed value in the text, in order."""
    decoder = json.JSONDecoder(strict=False)
    at, tries = 0, 0
    while tries < 100 and (opening := re.compile(r"[\[{]").search(text, at)):
        tries += 1
        try:
            value, at = decoder.raw_decode(text, opening.start())
            yield value
        except (ValueError, RecursionError):
            at = opening.end()
            if tries == 1:
                return  # the outermost value is broken: what is well-formed inside it is only a part


def _mended(text: str) -> Iterator[Any]:
    """What the general repairer makes of each fenced block, and of the text from its first bracket on."""
    for block in (*_FENCE.findall(text), text):
        opening = re.search(r"[\[{［｛]", block)
        if opening is None:
            continue
        body = block[opening.start() :][:_LONGEST]
        if '"' not in body or re.search(r"[{,\[]\s*[“„”]", body):
            body = body.translate(_FOREIGN_MARKS)
        body = _BARE_TIME.sub(r'\1"\2"', body)
        try:
            yield repair_json(body, return_objects=True, skip_json_loads=True, stream_stable=True)
        except (RecursionError, ValueError):
            continue


def _is_open(text: str) -> bool:
    """Whether brackets are left open at the end."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*"?', "", text)
    return outside.count("[") + outside.count("{") > outside.count("]") + outside.count("}")


def _sections_in(value: Any, depth: int = 0) -> tuple[GivenSection, ...]:
    if depth > _DEEPEST:
        return ()
    if isinstance(value, str):
        return _double_encoded(value) if depth == 0 else _section_of_text(value)
    if isinstance(value, list):
        return tuple(section for entry in value for section in _sections_in(entry, depth + 1))
    if not isinstance(value, dict):
        return ()
    fields = {str(key).strip().lower().replace(" ", "_"): v for key, v in value.items()}
    title = _pick(fields, _TITLE)
    below = next((fields[k] for k in _BELOW if k in fields), None)
    children = _sections_in(below, depth + 1) if below is not None else ()
    if not isinstance(title, str) or not title.strip():
        if children or below is not None:
            return children
        return tuple(s for v in fields.values() if isinstance(v, (list, dict)) for s in _sections_in(v, depth + 1))
    cue = _pick(fields, _CUE)
    return (GivenSection(tidy(title, 300), _integer(cue), _time(_pick(fields, _TIME)), children),)


def _section_of_text(text: str) -> tuple[GivenSection, ...]:
    """A subsection given as no more than its title."""
    title = tidy(text, 300)
    return (GivenSection(title, None, None),) if title else ()


def _double_encoded(text: str) -> tuple[GivenSection, ...]:
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return () if isinstance(inner, str) else _sections_in(inner)


def _without_cut_time(section: GivenSection) -> GivenSection:
    """The last section of a text that was cut short: its last time may be only a part of one."""
    if section.subsections:
        below = (*section.subsections[:-1], _without_cut_time(section.subsections[-1]))
        return GivenSection(section.title, section.cue, section.start, below)
    return GivenSection(section.title, None, None)


def _groups_in(value: Any) -> tuple[GivenGroup, ...]:
    if isinstance(value, dict):
        value = next((value[key] for key in ("groups", "chapters", "sections", "outline") if key in value), None)
    if not isinstance(value, list):
        return ()
    groups = []
    for entry in value:
        if isinstance(entry, dict):
            numbers = next((entry[key] for key in ("sections", "numbers", "members", "items") if key in entry), ())
            groups.append(GivenGroup(tidy(str(_pick(entry, _TITLE) or ""), 300), tuple(_numbers(numbers))))
    return tuple(groups)


def _titles_in(value: Any) -> dict[int, str]:
    if isinstance(value, dict):
        value = next((value[key] for key in ("titles", "headings", "translations") if key in value), value)
    if isinstance(value, dict):
        value = [{"number": key, "title": title} for key, title in value.items()]
    if not isinstance(value, list):
        return {}
    titles: dict[int, str] = {}
    for place, entry in enumerate(value, 1):
        given = _pick(entry, _TITLE) if isinstance(entry, dict) else entry
        number = _integer(_pick(entry, _CUE)) if isinstance(entry, dict) else place
        if isinstance(given, str) and number is not None and tidy(given, 300):
            titles[number] = tidy(given, 300)
    return titles


def _numbers(value: Any) -> Iterator[int]:
    for entry in value if isinstance(value, list) else ():
        if (number := _integer(entry)) is not None:
            yield number


def _pick(fields: dict[str, Any], names: Sequence[str]) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _integer(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return int(value) if abs(value) < 1e9 and value == int(value) else None
    return int(value) if isinstance(value, str) and value.strip().isdecimal() and len(value) < 9 else None


def _time(value: Any) -> int | None:
    """Milliseconds: of a clock time in any of its forms, the first of a range, or seconds."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        return int(value * 1000) if 0 <= value < 1e6 else None
    if not isinstance(value, str):
        return None
    if clock := _CLOCK.match(value):
        hours, minutes, seconds, fraction = clock.groups()
        whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
        return whole * 1000 + int((fraction or "0").ljust(3, "0"))
    if seconds_only := _SECONDS.match(value):
        return int(float(seconds_only.group(1)) * 1000) if float(seconds_only.group(1)) < 1e6 else None
    units = _UNITS.match(value)
    if units and any(units.groups()):
        h, m, s = (int(part or 0) for part in units.groups())
        return (h * 3600 + m * 60 + s) * 1000
    return None
