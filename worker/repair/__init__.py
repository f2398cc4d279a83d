"""Repair: whatever a model sent → the sections, groups or titles in it. Nothing is read that the text does not say.

text → tokens (`scanner`, `strings`) → values (`brackets`) → the answer among them (`answer`) → sections (`sections`).
Every step is one pass with bounded looks ahead: what a reply costs grows with its length, whatever it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from shared.lecture import Repair
from worker.repair.answer import Found, as_json, chosen, cleaned, found_in, is_placed
from worker.repair.given import (
    GivenGroup,
    GivenSection,
    Notes,
    Repaired,
    RepairedGroups,
    RepairedTitles,
)
from worker.repair.groups import groups_in, joined_in, titles_in
from worker.repair.lines import sections_in_lines
from worker.repair.sections import sections_in, texts_in

__all__ = [
    "GivenGroup",
    "GivenSection",
    "Repaired",
    "RepairedGroups",
    "RepairedTitles",
    "repair",
    "repair_groups",
    "repair_titles",
]
_DEEPEST_ENCODED = 3
"""How often an outline may be a string within JSON, within a string within JSON."""
_MOST_TEXTS = 3
"""The longest texts of a value that are looked into."""


def repair(text: str) -> Repaired:
    """The sections in a reply. Never raises, whatever the text."""
    return _repaired(text, _DEEPEST_ENCODED)


def _repaired(text: str, layers: int) -> Repaired:
    value = as_json(text)
    notes = Notes()
    found = [] if value is None else [Found(value, "", sections_in(value))]
    sections, is_cut = chosen(found, notes)
    for candidate in () if found else cleaned(text, notes):
        found = found_in(candidate, notes)
        sections, is_cut = chosen(found, notes)
        if sections:
            break
        if sections := sections_in_lines(candidate):
            notes = Notes()
            notes.add("lines-for-json")
            break
    if layers and not is_placed(sections) and (inner := _encoded(found, layers)):
        return inner
    repairs = notes.repairs() if sections else (Repair(name="unreadable"),)
    return Repaired(sections, repairs, is_cut)


def _encoded(found: Sequence[Found], layers: int) -> Repaired | None:
    """The outline in a text that is itself a value of JSON's: encoded twice, or the envelope of a server's answer."""
    for one in reversed(found):
        for text in islice(texts_in(one.value), _MOST_TEXTS):
            if "[" in text or "{" in text:
                repaired = _repaired(text, layers - 1)
                if is_placed(repaired.sections):
                    return repaired
    return None


def repair_groups(text: str) -> RepairedGroups:
    """The groups in a reply, and the numbers of the sections that go on with the one before. Never raises."""
    value, repairs = _last_value(text, lambda found: groups_in(found) or joined_in(found))
    return RepairedGroups(groups_in(value), joined_in(value), repairs)


def repair_titles(text: str) -> RepairedTitles:
    """The titles in a reply: a list in order, or objects with their numbers. Never raises."""
    value, repairs = _last_value(text, titles_in)
    return RepairedTitles(titles_in(value), repairs)


def _last_value(text: str, wanted: Callable[[Any], object]) -> tuple[Any, tuple[Repair, ...]]:
    """The last value in the text that holds what is `wanted`; None if there is none."""
    value = as_json(text)
    if value is not None and wanted(value):
        return value, ()
    notes = Notes()
    for candidate in cleaned(text, notes):
        for one in reversed(found_in(candidate, notes)):
            if wanted(one.value):
                return one.value, notes.repairs()
    return None, (Repair(name="unreadable"),)
