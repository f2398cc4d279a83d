"""Repair: whatever a model sent → the sections, groups or titles in it. Nothing is read that the text does not say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    if truncated and sections and _ends_in_a_string(text):
        sections = _without_last_leaf(sections)
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
            value = found if _go_on(found) else found[-1]
            return value, (Repair(name=name),), truncated
    return None, (Repair(name="unreadable"),), False


def _go_on(found: Sequence[Any]) -> bool:
    """Several values that are parts of one outline, by their growing times; not one answer given again."""
    starts = [sections[0].start for sections in map(_sections_in, found) if sections]
    known = [start for start in starts if start is not None]
    return len(found) > 1 and len(known) == len(found) and all(a < b for a, b in pairwise(known))


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
        body = _BARE_TIME.sub(r'\1"\2"', _with_plain_marks(block[opening.start() :][:_LONGEST]))
        try:
            yield repair_json(body, return_objects=True, skip_json_loads=True, stream_stable=True)
        except (RecursionError, ValueError):
            continue


def _with_plain_marks(body: str) -> str:
    """JSON's own punctuation where other marks stand for it; titles keep theirs wherever the two can be told apart."""
    if re.match(r"[\[{\s]*\\", body):  # the whole text is escaped once more
        body = body.replace("\\n", "\n").replace('\\"', '"')
    if re.search(r"`\w+`\s*:", body):
        body = body.replace('"', '\\"').replace("`", '"')
    if '"' not in body or re.search(r'[{,\[]\s*[“„”]|"\s*[：，]|[｛［]', body):
        body = body.translate(_FOREIGN_MARKS)
    return re.sub(r'("\s*)=>?(\s*["\[\d])', r"\1:\2", body)


def _is_open(text: str) -> bool:
    """Whether brackets are left open at the end."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*"?', "", text)
    return outside.count("[") + outside.count("{") > outside.count("]") + outside.count("}")


def _ends_in_a_string(text: str) -> bool:
    return len(re.findall(r'(?<!\\)"', text)) % 2 == 1


def _sections_in(value: Any, depth: int = 0) -> tuple[GivenSection, ...]:
    """The sections in a parsed value, wrapped in whatever objects and lists; none in what is no outline."""
    if depth > _DEEPEST:
        return ()
    if isinstance(value, str):
        return _double_encoded(value) if depth == 0 else ()
    if isinstance(value, list):
        return tuple(section for entry in value for section in _sections_in(entry, depth + 1))
    if not isinstance(value, dict):
        return ()
    fields = {_key(key): v for key, v in value.items()}
    title = _pick(fields, _TITLE)
    below = next((fields[k] for k in _BELOW if k in fields), None)
    if not isinstance(title, str) or not title.strip():
        wrapped = [below] if below is not None else [v for v in fields.values() if isinstance(v, list | dict)]
        return tuple(section for v in wrapped for section in _sections_in(v, depth + 1))
    return (
        GivenSection(
            tidy(title, 300), _integer(_pick(fields, _CUE)), _time(_pick(fields, _TIME)), _children(below, depth)
        ),
    )


def _children(below: Any, depth: int) -> tuple[GivenSection, ...]:
    """Subsections; one that is no more than a text is its title."""
    if isinstance(below, list):
        return tuple(
            section
            for entry in below
            for section in (
                (GivenSection(tidy(entry, 300), None, None),)
                if isinstance(entry, str) and tidy(entry, 300)
                else _sections_in(entry, depth + 1)
            )
        )
    return _sections_in(below, depth + 1)


def _key(key: object) -> str:
    """A key's name, without case, and whether it is written with spaces, dashes or capitals within."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[\s-]+", "_", str(key).strip()).lower()


def _double_encoded(text: str) -> tuple[GivenSection, ...]:
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return ()
    return () if isinstance(inner, str) else _sections_in(inner)


def _without_last_leaf(sections: tuple[GivenSection, ...]) -> tuple[GivenSection, ...]:
    """Without the section in which the text was cut short: what is left of its title or time may say something else."""
    *rest, last = sections
    if not last.subsections:
        return tuple(rest)
    return (*rest, GivenSection(last.title, last.cue, last.start, _without_last_leaf(last.subsections)))


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
