"""Sections as a reply gave them → sections grounded in the chunk's cues."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from shared.chunks import Chunk
from shared.cues import Cue
from shared.lecture import Options, Repair
from shared.outline import Section
from worker.places import Node, Reading, preorder, put_in_order
from worker.repair import GivenSection
from worker.wording import same, tidy

_DEEPEST = 8
"""Sections nested deeper are raised to this level: no lecture has more, and no reader follows them."""
_QUOTE_WORDS = 14


@dataclass(frozen=True, slots=True)
class Draft:
    """What became of one reply: its sections, what was mended, and what to ask for again (`faults`, for the model)."""

    sections: tuple[Section, ...] = ()
    grounded: int = 0
    repairs: tuple[Repair, ...] = ()
    faults: tuple[str, ...] = ()
    seams: tuple[int, ...] = ()
    """Positions in `sections` that open the second of two halves, where the chunk was asked in halves."""


def ground(given: Sequence[GivenSection], cues: Sequence[Cue], chunk: Chunk, options: Options) -> Draft:
    """Puts every section on a cue of the chunk: the one it names, or the nearest that fits between its neighbours.

    No section is invented; none is dropped but those without a title and those that repeat a neighbour.
    """
    repairs: list[Repair] = []
    nodes = Reading(cues, chunk, min(options.depth or _DEEPEST, _DEEPEST), repairs).read(given)
    _sort(nodes)
    nodes = _fold(nodes, repairs)
    flat = preorder(nodes)
    faults = _faults(flat)
    put_in_order(flat, chunk)
    repairs += [Repair(name=name, detail=node.title) for node in flat for name in node.repairs]
    sections = _sections(nodes, cues, cues[chunk.stop - 1].end if chunk.stop == len(cues) else cues[chunk.stop].start)
    return Draft(sections, sum(not n.repairs for n in flat), tuple(repairs), faults)


def _sort(nodes: list[Node]) -> None:
    """Siblings whose places are all known are put in order of time."""
    for node in nodes:
        _sort(node.below)
    places = [node.place for node in nodes]
    known = [place for place in places if place is not None]
    if len(known) == len(places) and known != sorted(known):
        nodes.sort(key=lambda node: node.place or 0)
        for before, node in zip(places, nodes, strict=True):
            if before != node.place:
                node.repairs.append("siblings-put-in-order")


def _fold(nodes: list[Node], repairs: list[Repair]) -> list[Node]:
    """Neighbours of one title are one section, and so are a section and a first subsection of its own title."""
    kept: list[Node] = []
    for node in nodes:
        if node.below and same(node.title, node.below[0].title):
            repairs.append(Repair(name="repeat-folded", detail=node.title))
            node.below[:1] = node.below[0].below
        if kept and same(kept[-1].title, node.title):
            repairs.append(Repair(name="repeat-folded", detail=node.title))
            kept[-1].below += node.below
        else:
            kept.append(node)
    for node in kept:
        node.below = _fold(node.below, repairs)
    return kept


def _faults(flat: Sequence[Node]) -> tuple[str, ...]:
    """What is wrong beyond quiet mending: too many sections that are nowhere in the chunk."""
    lost = [node.title for node in flat if node.place is None]
    if not flat:
        return ("It held no sections.",)
    if len(lost) * 4 <= len(flat):
        return ()
    # In quotation marks that they cannot end: titles may be what somebody said to mislead the model.
    named = ", ".join(json.dumps(tidy(title, 80), ensure_ascii=False) for title in lost[:5])
    return (f"{len(lost)} of {len(flat)} sections have a cue number or start_time outside this chunk: {named}.",)


def _sections(nodes: Sequence[Node], cues: Sequence[Cue], end: int) -> tuple[Section, ...]:
    made: list[Section] = []
    for n, node in enumerate(nodes):
        place = node.place or 0
        following = nodes[n + 1].place if n + 1 < len(nodes) else None
        until = cues[following].start if following is not None else end
        section = Section(
            title=node.title,
            start=cues[place].start,
            end=max(until, cues[place].start),
            cue=place,
            quote=" ".join(cues[place].text.split()[:_QUOTE_WORDS])[:200],
            repairs=tuple(node.repairs),
        )
        made.append(section.model_copy(update={"subsections": _sections(node.below, cues, section.end)}))
    return tuple(made)
