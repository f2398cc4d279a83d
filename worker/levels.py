"""Levels: no more than ten sections on any, grouped by a model that is given numbers, or else by what is said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from shared.outline import MOST_SIBLINGS, Section, down_to, walk
from worker.dialogue import Dialogue
from worker.grouping import by_cohesion, grouped
from worker.merge import ALIKE, alike_seams, joined
from worker.prompt import group_prompt
from worker.repair import GivenGroup, RepairedGroups, repair_groups

_MOST_ASKED = 100
"""Sections in one question: a course day of 20 hours is asked in windows, and their answers are grouped again."""


async def levelled(talk: Dialogue, sections: Sequence[Section], seams: Sequence[int] = ()) -> tuple[Section, ...]:
    """The sections with every level at ten or fewer, and topics that run over one of the `seams` made one."""
    level = list(sections)
    while seams or len(level) > MOST_SIBLINGS:
        grown: list[Section] = []
        # The offline model groups by the whole lecture: a window could part what belongs together.
        for start, stop in [(0, len(level))] if talk.is_offline else _windows(len(level), seams):
            inside = [seam - start for seam in seams if start < seam < stop]
            grown += await _closed_and_grouped(talk, level[start:stop], inside)
        level, seams = grown, ()
    return tuple([await _levelled_below(talk, section) for section in level])


async def _levelled_below(talk: Dialogue, section: Section) -> Section:
    if not section.subsections:
        return section
    return section.model_copy(update={"subsections": await levelled(talk, section.subsections)})


def no_deeper(talk: Dialogue, sections: Sequence[Section], depth: int | None) -> tuple[Section, ...]:
    """The sections without what is below the `depth` that was asked for. Each reply keeps to it, but whole chunks that
    are too many for one level were grouped since, one level further up."""
    if not depth:
        return tuple(sections)
    if below := sum(len(path) > depth for path, _ in walk(sections)):
        talk.mended("levels-left-out", f"{below} sections below level {depth}")
    return down_to(sections, depth)


def _windows(count: int, seams: Collection[int]) -> list[tuple[int, int]]:
    """Windows of about equal size, parted within a chunk where there is room: a seam between two is not asked about."""
    parts = -(-count // _MOST_ASKED)
    cuts = [0]
    for n in range(1, parts):
        even = n * count // parts
        cuts.append(next((at for at in range(even, even + MOST_SIBLINGS) if at not in seams), even))
    return list(pairwise([*cuts, count]))


async def _closed_and_grouped(talk: Dialogue, sections: list[Section], seams: list[int]) -> list[Section]:
    """One question about both: which topics run over a seam, and which sections make a chapter."""
    answer = await _ask(talk, sections, seams)
    over = alike_seams(sections, seams, 1.0 if answer else ALIKE) | (
        {n - 1 for n in answer.joined} if answer else set()
    )
    over &= set(seams)
    for seam in sorted(over):
        talk.mended("joined-over-a-seam", sections[seam].title)
    whole, places = joined(sections, over)
    if len(whole) <= MOST_SIBLINGS:
        return whole
    found = grouped(whole, _renumbered(answer, places)) if answer else ()
    talk.mended("too-many-siblings", f"{len(whole)} grouped {'by the model' if found else 'by what is said'}")
    return list(found or by_cohesion(whole, talk.cues, talk.spoken))


async def _ask(talk: Dialogue, sections: Sequence[Section], seams: Sequence[int]) -> RepairedGroups | None:
    """The model's answer; None if it has been asked too often, will not answer, or said nothing of use."""
    if not talk.groupings or not (seams or len(sections) > MOST_SIBLINGS):
        return None
    talk.groupings -= 1
    reply = await talk.say_more(group_prompt(talk.cues, sections, seams, talk.options, talk.spoken))
    answer = repair_groups(reply.text) if reply else None
    return answer if answer and (answer.groups or answer.joined) else None


def _renumbered(answer: RepairedGroups, places: Sequence[int]) -> list[GivenGroup]:
    """The groups by the numbers that the sections have once some are joined; each counts where it is named first."""
    seen: set[int] = set()
    groups = []
    for group in answer.groups:
        numbers = dict.fromkeys(places[n - 1] + 1 for n in group.numbers if 0 < n <= len(places))
        groups.append(GivenGroup(group.title, tuple(n for n in numbers if n not in seen)))
        seen.update(numbers)
    return groups
