"""Chunk outlines → the lecture's sections: seams closed, so that a boundary between two chunks leaves no trace."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from shared.outline import Section, stretched
from worker.wording import same, similar, words

ALIKE = 0.6
"""Titles that share this much of their words, on both sides of a seam, are one topic: the answer without a model."""


def laid_end_to_end(chunks: Sequence[Sequence[Section]]) -> tuple[list[Section], list[int]]:
    """All top-level sections in order, and the positions among them that open a chunk right behind another.

    There is no seam behind a chunk without sections: what was said there is not known.
    """
    sections: list[Section] = []
    seams: list[int] = []
    follows = False
    for chunk in chunks:
        if chunk and follows:
            seams.append(len(sections))
        sections += chunk
        follows = bool(chunk)
    return sections, seams


def alike_seams(sections: Sequence[Section], seams: Sequence[int], least: float) -> set[int]:
    """The seams whose two sides have titles too alike to be two topics."""
    pairs = {seam: (sections[seam - 1].title, sections[seam].title) for seam in seams}
    return {seam for seam, (a, b) in pairs.items() if same(a, b) or (least < 1 and similar(a, b, least))}


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
    if below and following and similar(below[-1].title, following[0].title, ALIKE):
        following[0] = _join(below.pop(), following[0])
    if not following and not words(after.title) <= words(before.title):
        following = [after]
    return before.model_copy(
        update={
            "end": after.end,
            "repairs": (*before.repairs, "joined-over-a-seam"),
            "subsections": stretched((*below, *following), after.end),
        }
    )
