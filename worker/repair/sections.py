"""Values as parsed → sections, whatever keys, times and wrappers they have. Nothing is mended here, only understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from worker.repair import times
from worker.repair.brackets import Left
from worker.repair.given import GivenSection
from worker.repair.keys import Role, plain, role
from worker.repair.scanner import Cut
from worker.repair.titles import as_typed, clean

_TABLES = {"outline", "toc", "tableofcontents", "gliederung", "osnova"}
"""Keys that hold a whole outline, never the subsections of one section."""
_NUMBERS = {"id", "number", "index", "no", "nr"}
"""Keys that may number lines, or sections only: whoever grounds them finds out which."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What was made of one object or list."""

    sections: tuple[GivenSection, ...] = ()
    start: int | None = None
    cue: int | None = None
    is_titled: bool = False
    """It is one section itself; otherwise `sections` are those inside it."""
    level: int | None = None
    texts: tuple[str, ...] = ()
    """A list of nothing but texts."""


def sections_in(value: Any) -> tuple[GivenSection, ...]:
    """The sections in a parsed value, wrapped in whatever objects and lists; none in what is no outline."""
    if isinstance(value, str):
        return ()
    boxes = _boxes(value)
    made: dict[int, _Part] = {}
    for box in reversed(boxes):
        made[id(box)] = _of_list(box, made) if isinstance(box, list) else _of_object(box, made, box is value)
    return made[id(value)].sections if boxes else ()


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a parsed value, the longest first: one of them may hold the outline once more encoded."""
    found = [value] if isinstance(value, str) else []
    for box in _boxes(value):
        found += [v for v in (box if isinstance(box, list) else box.values()) if isinstance(v, str)]
    yield from sorted(found, key=len, reverse=True)


def _boxes(value: Any) -> list[Any]:
    """Every list and object in the value, each before those inside it."""
    found, todo = [], [value]
    while todo:
        box = todo.pop()
        if isinstance(box, list | dict):
            found.append(box)
            todo += box if isinstance(box, list) else box.values()
    return found


def _of_list(box: list[Any], made: dict[int, _Part]) -> _Part:
    if texts := _texts(box):
        return _Part(texts=texts)
    if section := _positional(box, made):
        return _Part((section,), is_titled=True)
    parts = [made[id(entry)] for entry in box if isinstance(entry, list | dict)]
    levels = [part.level for part in parts if part.is_titled]
    sections = tuple(section for part in parts for section in part.sections)
    if levels and len(levels) == len(sections) and None not in levels and not any(s.subsections for s in sections):
        return _Part(nested(sections, [level or 0 for level in levels]))
    return _Part(sections)


def _texts(box: list[Any]) -> tuple[str, ...]:
    texts = tuple(entry for entry in box if isinstance(entry, str) and not isinstance(entry, Cut))
    return texts if len(texts) == len([e for e in box if not isinstance(e, Cut)]) else ()


def _positional(box: list[Any], made: dict[int, _Part]) -> GivenSection | None:
    """["Title", "00:01:00", [...]]: a section by the places of its values."""
    leaves = [entry for entry in box if not isinstance(entry, list | dict)]
    inside = [made[id(entry)] for entry in box if isinstance(entry, list | dict)]
    texts = [leaf for leaf in leaves if isinstance(leaf, str) and not _is_time(leaf)]
    if len(texts) != 1 or len(leaves) < 2 or len(leaves) + len(inside) > 4 or len(inside) > 1:
        return None
    starts = [leaf for leaf in leaves if isinstance(leaf, str) and _is_time(leaf)]
    numbers = [leaf for leaf in leaves if isinstance(leaf, int | float) and not isinstance(leaf, bool)]
    title = clean(texts[0])
    if isinstance(texts[0], Cut) or not title or not (starts or numbers):
        return None
    start = times.milliseconds(starts[0]) if starts else None
    cue = int(numbers[0]) if numbers else None
    return GivenSection(title, cue, start, inside[0].sections if inside else ())


def _is_time(leaf: str) -> bool:
    return times.is_time(leaf)


def nested(sections: Sequence[GivenSection], levels: Sequence[int]) -> tuple[GivenSection, ...]:
    """A flat list whose entries tell their levels, as the tree that they mean."""
    kept: list[tuple[int, list[GivenSection]]] = [(-1, [])]
    for level, section in [*zip(levels, sections, strict=True), (-1, None)]:
        while len(kept) > 1 and kept[-1][0] >= level:
            _, below = kept.pop()
            kept[-1][1][-1] = replace(kept[-1][1][-1], subsections=tuple(below))
        if section is not None:
            kept[-1][1].append(section)
            kept.append((level, []))
    return tuple(kept[0][1])


def _of_object(box: dict[Any, Any], made: dict[int, _Part], is_root: bool) -> _Part:
    fields = _Fields(box, made)
    title = fields.title()
    start, cue = fields.start(), fields.cue()
    below = fields.below()
    if title is None:
        return _Part(tuple(fields.of_no_title()), start, cue)
    if isinstance(title, Cut):
        return _Part(below)
    if isinstance(box, Left) and start is None and not below:
        return _Part()
    if is_root and start is None and cue is None and below and all(s.start is not None for s in below):
        return _Part(below)
    if is_root and fields.has_table and below:
        return _Part(below)
    start, line = (start, title) if start is not None else times.leading(as_typed(title))
    return _Part((GivenSection(clean(line), cue, start, below),), is_titled=True, level=fields.level())


class _Fields:
    """The fields of one object by what their values are."""

    def __init__(self, box: dict[Any, Any], made: dict[int, _Part]) -> None:
        self._made = made
        self._fields: list[tuple[str, Role, Any]] = [(str(name), role(str(name)), value) for name, value in box.items()]
        self.has_table = any(plain(name) in _TABLES and isinstance(v, list) for name, _, v in self._fields)

    def title(self) -> str | None:
        for _, what, value in self._fields:
            if what == "title" and isinstance(value, str) and (isinstance(value, Cut) or clean(value)):
                return value
        return None

    def start(self) -> int | None:
        for name, what, value in self._fields:
            if what == "time" and (found := self._time(value, name)) is not None:
                return found
        return None

    def _time(self, value: Any, name: str) -> int | None:
        if isinstance(value, bool | Cut):
            return None
        if isinstance(value, str | int | float):
            return times.milliseconds(str(value), plain(name))
        if isinstance(value, list) and len(value) == 3 and all(isinstance(part, int) for part in value):
            return times.milliseconds(":".join(f"{part:02}" for part in value))
        if isinstance(value, list):
            return self._time(value[0], name) if value and not isinstance(value[0], list | dict) else None
        return times.of_units(value) if isinstance(value, dict) else None

    def cue(self) -> int | None:
        for _, what, value in self._fields:
            if what == "cue" and not isinstance(value, bool | Cut) and isinstance(value, str | int | float):
                return times.cue_number(str(value))
        numbers = (
            str(value) for name, _, value in self._fields if plain(name) in _NUMBERS and not isinstance(value, Cut)
        )
        return next((int(number) for number in numbers if number.isdecimal() and len(number) < 9), None)

    def level(self) -> int | None:
        found = next((value for name, _, value in self._fields if plain(name) in ("level", "depth")), None)
        if isinstance(found, str) and found.isdecimal() and len(found) < 4:
            return int(found)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def below(self) -> tuple[GivenSection, ...]:
        """The sections inside, whatever their keys are called; texts only where subsections belong."""
        found: list[GivenSection] = []
        for _, what, value in self._fields:
            if self._holds(what, value):
                part = self._made[id(value)]
                found += part.sections
                if what == "children":
                    found += (_from_line(text) for text in part.texts if clean(text))
        return tuple(found)

    def _holds(self, what: Role, value: Any) -> bool:
        return isinstance(value, list | dict) and (what != "other" or self._only_others())

    def of_no_title(self) -> Iterator[GivenSection]:
        """Sections that a wrapper holds, or that are named by their keys:
        {"Title": {"start_time": …}}, {"Title": "00:01:00"} or {"00:01:00": "Title"}."""
        for name, what, value in self._fields:
            if self._holds(what, value):
                part = self._made[id(value)]
                is_named = what == "" and isinstance(value, dict) and not name.isdecimal() and not part.is_titled
                if is_named and (part.start is not None or part.cue is not None):
                    yield GivenSection(clean(name), part.cue, part.start, part.sections)
                else:
                    yield from part.sections
                    yield from (_from_line(text) for text in part.texts if what == "children" and clean(text))
            elif isinstance(value, str) and not isinstance(value, Cut):
                yield from _of_pair(name, what, value)

    def _only_others(self) -> bool:
        return not any(isinstance(value, list | dict) for _, what, value in self._fields if what != "other")


def _of_pair(name: str, what: Role, value: str) -> Iterator[GivenSection]:
    if times.is_time(name) and not times.is_time(value) and clean(value):
        yield GivenSection(clean(value), None, times.milliseconds(name))
    elif what == "" and times.is_time(value):
        yield GivenSection(clean(name), None, times.milliseconds(value))


def _from_line(text: str) -> GivenSection:
    start, title = times.leading(as_typed(text))
    return GivenSection(clean(title), None, start)
