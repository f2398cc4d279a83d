"""The contract: what always holds of an outline, checked before it is handed on, whoever made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from shared.cues import Cue
from shared.errors import KapitolaError
from shared.lecture import Outline
from shared.outline import LONGEST_TITLE, MOST_SIBLINGS, Section, walk


class ContractBrokenError(KapitolaError):
    """The outline breaks a promise of Kapitola's. That is a fault in Kapitola, never yours: please report it."""

    code = "contract-broken"

    def __init__(self, broken: Sequence[str]) -> None:
        super().__init__(broken)
        self.broken = broken

    def __str__(self) -> str:
        return f"The outline breaks what Kapitola promises, please report it: {'; '.join(self.broken[:3])}"


def check(outline: Outline, cues: Sequence[Cue]) -> list[str]:
    """What is broken, in words; nothing if the contract holds."""
    broken = [*check_sections(outline.sections, cues, 0, len(cues))]
    for hole in outline.holes:
        if not hole.reason:
            broken.append(f"chunk {hole.chunk + 1} failed without a reason")
        inside = [s.title for _, s in walk(outline.sections) if hole.start <= s.start < hole.end]
        broken += [f"{title!r} begins in a part that failed" for title in inside]
    if not outline.sections and not outline.holes:
        broken.append("no section at all, and nothing said about why")
    return broken


def check_sections(sections: Sequence[Section], cues: Sequence[Cue], first: int, stop: int) -> Iterator[str]:
    """What is broken among sections that belong to the cues from `first` up to, not including, `stop`."""
    if len(sections) > MOST_SIBLINGS:
        yield f"{len(sections)} sections on one level"
    for section in sections:
        yield from _check(section, cues, first, stop)
        yield from check_sections(section.subsections, cues, first, stop)
        yield from _check_order([section, *section.subsections[:1]])
        if any(child.end > section.end for child in section.subsections):
            yield f"a subsection of {section.title!r} ends after it"
    yield from _check_order(sections)


def _check(section: Section, cues: Sequence[Cue], first: int, stop: int) -> Iterator[str]:
    title = section.title
    if not title.strip() or len(title) > LONGEST_TITLE or "\n" in title:
        yield f"the title {title!r} is empty, too long or more than a line"
    if not first <= section.cue < stop:
        yield f"{title!r} begins at cue {section.cue}, outside {first} to {stop}"
    elif cues[section.cue].start != section.start:
        yield f"{title!r} begins at {section.start} ms, where no cue begins"
    if section.end < section.start:
        yield f"{title!r} ends before it begins"


def _check_order(sections: Sequence[Section]) -> Iterator[str]:
    for before, after in pairwise(sections):
        if after.start < before.start or after.cue < before.cue:
            yield f"{after.title!r} comes after {before.title!r} but begins before it"
