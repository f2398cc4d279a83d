"""Values as parsed → groups of numbered sections, and titles by their number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from worker.repair.given import GivenGroup
from worker.repair.keys import plain, role
from worker.repair.scanner import Cut
from worker.repair.titles import clean

_GROUPS = {"groups", "chapters", "sections", "outline", "grouping", "result"}
_MEMBERS = {"sections", "numbers", "members", "items", "entries", "section", "ids", "lines", "children", "subsections"}
_SAME = {"same", "joined", "continued", "continues"}
_TITLES = {"titles", "headings", "translations", "result", "translated", "translatedtitles"}
_NUMBERS = {"number", "no", "nr", "n", "id", "index", "line", "cue", "key"}


def groups_in(value: Any) -> tuple[GivenGroup, ...]:
    """The groups in a reply's value; none if it has none."""
    entries = _under(value, _GROUPS) if isinstance(value, dict) else value
    if not isinstance(entries, list):
        return ()
    found = (_group(entry) for entry in entries if isinstance(entry, dict))
    return tuple(group for group in found if group is not None)


def _group(entry: dict[Any, Any]) -> GivenGroup | None:
    members = [value for name, value in entry.items() if plain(str(name)) in _MEMBERS]
    if not members:
        return None
    title = next((v for name, v in entry.items() if role(str(name)) == "title" and isinstance(v, str)), "")
    return GivenGroup("" if isinstance(title, Cut) else clean(title), numbers_in(members[0]))


def joined_in(value: Any) -> tuple[int, ...]:
    """The numbers of sections that go on with the one before."""
    return numbers_in(_under(value, _SAME)) if isinstance(value, dict) else ()


def titles_in(value: Any) -> dict[int, str]:
    """Titles by their number: of a list in order, of objects with numbers, or of an object whose keys are numbers."""
    inner = _under(value, _TITLES) if isinstance(value, dict) else None
    value = value if inner is None else inner
    if isinstance(value, dict):
        value = [{"number": name, "title": title} for name, title in value.items()]
    if not isinstance(value, list):
        return {}
    titles: dict[int, str] = {}
    for place, entry in enumerate(value, 1):
        number, given = _numbered(entry) if isinstance(entry, dict) else (place, entry)
        if isinstance(given, str) and not isinstance(given, Cut) and number is not None and clean(given):
            titles[number] = clean(given)
    return titles


def _numbered(entry: dict[Any, Any]) -> tuple[int | None, Any]:
    number = next((v for name, v in entry.items() if plain(str(name)) in _NUMBERS), None)
    title = next((v for name, v in entry.items() if role(str(name)) == "title" or plain(str(name)) == "english"), None)
    return next(_whole_numbers([number]), None), title


def numbers_in(value: Any) -> tuple[int, ...]:
    return tuple(_whole_numbers(value if isinstance(value, list) else [value]))


def _whole_numbers(values: list[Any]) -> Iterator[int]:
    """Those that are whole numbers or written as such; what the end of the text cut short may be half of one."""
    for value in values:
        if isinstance(value, bool | Cut):
            continue
        if isinstance(value, int | float):
            if abs(value) < 1e9 and value == int(value):
                yield int(value)
        elif isinstance(value, str) and value.strip().isdecimal() and len(value) < 9:
            yield int(value)


def _under(value: dict[Any, Any], names: set[str]) -> Any:
    return next((held for name, held in value.items() if plain(str(name)) in names), None)
