"""The lecture's document: its outline and everything that a reader should know about how it came to be."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

from shared.outline import Section, clock

LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$"
"""What tags of languages look like."""
_MOST_TOLD, _LONGEST_TERM = 5, 60


class LectureState(StrEnum):
    """docs/lecture-states.md has a paragraph and a drawing for these."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({LectureState.DONE, LectureState.INCOMPLETE, LectureState.FAILED, LectureState.CANCELLED})


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class Options(_Frozen):
    """What the user may choose for a lecture."""

    language: str = Field("en", pattern=LANGUAGE)
    """The language of the titles: an ISO 639-1 code, or a BCP 47 tag that begins with one."""
    detail: Literal["brief", "normal", "fine"] = "normal"
    """About 4, 8 or 15 topics an hour are asked for. No level holds more than ten, and of long lectures the offline
    model expects fewer."""
    depth: int | None = Field(None, ge=1)
    """The most levels an outline may have; None for no limit."""
    glossary: tuple[str, ...] = ()
    """Names and terms of the course that titles must spell as given; each a `--term` of the command line."""
    title_style: Literal["topic", "question", "sentence"] = "topic"
    priority: int = Field(0, ge=-9, le=9)
    """Which of one client's lectures go first: 9 before 0 before -9. Other clients are not affected."""
    economy: bool = False
    """Ask for the flex tier, where the model's server has one: about half the price, and slow."""
    budget: float | None = Field(None, gt=0)
    """US dollars that its whole batch may cost; then no new call is made for it. None for no limit."""


def terms_in_words(terms: Sequence[str]) -> str:
    """Terms of a glossary as people read them, the first few: it may have hundreds."""
    first = ", ".join(f"“{term[:_LONGEST_TERM]}”" for term in terms[:_MOST_TOLD])
    return f"{first} and {len(terms) - _MOST_TOLD} more" if len(terms) > _MOST_TOLD else first


class Usage(_Frozen):
    """Tokens, as the model reported them (estimated where it reported none) and the calls that used them."""

    calls: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    estimated: bool = False
    from_cache: int = 0
    """Replies that our own reply cache gave, at no cost."""
    cost: float = 0.0
    """US dollars, by the price table, of the calls whose price is known."""
    unpriced: int = 0
    """Calls whose price is not known."""

    @property
    def known_cost(self) -> float | None:
        """US dollars; None if there were calls whose price is not known."""
        return None if self.unpriced else self.cost

    @property
    def was_free(self) -> bool:
        """Whether nobody but our own reply cache was asked."""
        return self.from_cache > 0 and not self.calls

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            calls=self.calls + other.calls,
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_cached=self.tokens_cached + other.tokens_cached,
            tokens_out=self.tokens_out + other.tokens_out,
            estimated=self.estimated or other.estimated,
            from_cache=self.from_cache + other.from_cache,
            cost=self.cost + other.cost,
            unpriced=self.unpriced + other.unpriced,
        )


class Repair(_Frozen):
    """One thing that was mended in a reply."""

    name: str
    detail: str = ""


class ChunkOutline(_Frozen):
    """The sections of one chunk, checked, and how they were come by."""

    index: int
    sections: tuple[Section, ...]
    given: int = 0
    """How many sections the model gave, groups made of them not counted."""
    grounded: int = 0
    """How many of those stand exactly where the model put them."""
    repairs: tuple[Repair, ...] = ()
    asked_again: int = 0
    degraded: str = ""
    """Why the offline model's outline stands in for the model's; empty if it does not."""
    models: tuple[str, ...] = ()
    prompt_versions: tuple[str, ...] = ()
    usage: Usage = Usage()


class Hole(_Frozen):
    """A part of the lecture that no section covers, because its chunk failed."""

    chunk: int
    start: int
    end: int
    reason: str

    def __str__(self) -> str:
        return f"chunk {self.chunk + 1}, {clock(self.start)}–{clock(self.end)}: {self.reason}"


class Outline(_Frozen):
    """The outline of a whole lecture, with what its chunks had to say about themselves."""

    sections: tuple[Section, ...]
    language: str
    """The detected language of the transcript, as an ISO 639-1 code; "und" if it could not be told."""
    title_language: str
    """The language that the titles are in: the one asked for, or the transcript's own (the offline model)."""
    chunks: tuple[ChunkOutline, ...]
    holes: tuple[Hole, ...] = ()
    repairs: tuple[Repair, ...] = ()
    """What was mended in merging."""
    terms_not_said: tuple[str, ...] = ()
    """Terms of the glossary that had no effect: in no title nor, as far as their spelling shows, in what is said."""
    models: tuple[str, ...] = ()
    """Whoever answered, for the chunks and for the merge."""
    prompt_versions: tuple[str, ...] = ()
    """Of every prompt that was asked, for the chunks and for the merge."""
    usage: Usage = Usage()
    """Everything together: the chunks' calls and the merge's own."""

    @property
    def is_patchy(self) -> bool:
        """Whether part of it is missing, or was made by the offline model in the model's place."""
        return bool(self.holes) or any(chunk.degraded for chunk in self.chunks)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def grounded_share(self) -> float:
        """The share of the chunks' sections that stand where the model put them, 0 to 1; 1 if there are none."""
        given = sum(chunk.given for chunk in self.chunks)
        return sum(chunk.grounded for chunk in self.chunks) / given if given else 1.0
