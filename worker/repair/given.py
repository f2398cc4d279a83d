"""What a reply gave, before any of it is checked against the transcript."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.lecture import Repair


@dataclass(frozen=True, slots=True)
class GivenSection:
    """A section as the reply gave it: `title` is one clean line, in the reply's own words."""

    title: str
    cue: int | None = None
    """The cue number, if it gave one."""
    start: int | None = None
    """Milliseconds, if it gave a time in whatever form; None if none could be read."""
    subsections: tuple[GivenSection, ...] = ()


@dataclass(frozen=True, slots=True)
class Repaired:
    """An outline as read from a reply: no sections if nothing could be read, no repairs if it was exactly as asked."""

    sections: tuple[GivenSection, ...]
    repairs: tuple[Repair, ...]
    truncated: bool
    """The text ends in the middle of the outline."""


@dataclass(frozen=True, slots=True)
class GivenGroup:
    """Numbered sections that a reply put under one title."""

    title: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RepairedGroups:
    groups: tuple[GivenGroup, ...]
    joined: tuple[int, ...]
    """Numbers of sections that go on with the topic of the one before."""
    repairs: tuple[Repair, ...]


@dataclass(frozen=True, slots=True)
class RepairedTitles:
    titles: dict[int, str]
    repairs: tuple[Repair, ...]


@dataclass(slots=True)
class Notes:
    """What was mended, by name, each once."""

    found: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, detail: str = "") -> None:
        self.found.setdefault(name, detail)

    def repairs(self) -> tuple[Repair, ...]:
        return tuple(Repair(name=name, detail=detail) for name, detail in self.found.items())
