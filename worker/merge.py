"""Chunk outlines → the lecture's sections: seams closed, so that a boundary between two chunks leaves no trace."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from shared.outline import Section
from worker.wording import similar, words

_ALIKE = 0.6
"""Titles that share this much of their words, on both sides of a seam, are one topic."""


def laid_end_to_end(chunks: Sequence[Sequence[Section] | None]) -> tuple[list[Section], list[int]]:
    """All top-level sections in order, and the positions among them that open a chunk right behind another.

    There is no seam behind a chunk that failed: what was said there is not known.
    """
    sections: list[Section] = []
    seams: list[int] = []
    follows = False
    for chunk in chunks:
        if chunk and follows:
            seams.append(len(sections))
        sections += chunk or ()
        follows = bool(chunk)
    return sections, seams


def alike_seams(sections: Sequence[Section], seams: Sequence[int]) -> list[int]:
    """The seams whose two sides have titles too alike to be two topics: the answer without a model."""
    return [seam for seam in seams if similar(sections[seam - 1].title, sections[seam].title, _ALIKE)]


def joined(sections: Sequence[Section], seams: Collection[int]) -> tuple[list[Section], list[int]]:
    """The sections with those at `seams` joined to the one before; and for each given section its new position."""
    made: list[Section] = []
    places: list[int] = []
    for n, section in enumerate(sections):
        if n in seams and made:
            made[-1] = _join(made[-1], section)
        else:
            made.append(section)
        places.append(len(made) - 1)
    return made, places


def _join(before: Section, after: Section) -> Section:
    """One section over both. What `after` says for itself stays as subsections; a title that says the same goes."""
    below = list(before.subsections)
    following = list(after.subsections)
    if below and following and similar(below[-1].title, following[0].title, _ALIKE):
        following[0] = _join(below.pop(), following[0])
    if not following and not words(after.title) <= words(before.title):
        following = [after]
    return before.model_copy(
        update={
            "end": after.end,
            "repairs": (*before.repairs, "joined-over-a-seam"),
            "subsections": (*below, *following),
        }
    )


def stretched(sections: Sequence[Section], end: int) -> tuple[Section, ...]:
    """Each section's end where the next begins, and the last one's at `end`; the same for all below."""
    if not sections:
        return ()
    ends = [*(section.start for section in sections[1:]), end]
    return tuple(
        section.model_copy(
            update={"end": max(until, section.start), "subsections": stretched(section.subsections, until)}
        )
        for section, until in zip(sections, ends, strict=True)
    )
