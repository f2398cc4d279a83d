"""At most ten: too many siblings are grouped under new sections, so that no level holds more. Nothing is dropped."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from shared.cues import Cue
from shared.outline import MOST_SIBLINGS, Section
from worker.model.offline.topics import groups as groups_by_cohesion
from worker.repair import GivenGroup
from worker.wording import LONGEST_TITLE, tidy

GROUPED = "grouped"
"""The repair of a section that was made to hold others."""
_TO = " … "


def grouped(sections: Sequence[Section], groups: Sequence[GivenGroup]) -> tuple[Section, ...] | None:
    """The sections under the groups that a reply named by number, from 1.

    None unless the groups are runs that hold every section once and in order, no more of them than a level may have,
    and really fewer than the sections.
    """
    runs = [group for group in groups if group.numbers]
    if [number for group in runs for number in group.numbers] != list(range(1, len(sections) + 1)):
        return None
    if not 1 < len(runs) <= MOST_SIBLINGS or len(runs) >= len(sections):
        return None
    return tuple(_under(group.title, [sections[n - 1] for n in group.numbers]) for group in runs)


def by_cohesion(sections: Sequence[Section], cues: Sequence[Cue], language: str) -> tuple[Section, ...]:
    """At most ten groups, parted where what is said changes most: the answer without a model."""
    stop = next((n for n in range(sections[-1].cue, len(cues)) if cues[n].start >= sections[-1].end), len(cues))
    opens = groups_by_cohesion(cues, language, [section.cue for section in sections], stop, MOST_SIBLINGS, ())
    # Sections that share a cue cannot be told apart by what is said: then they are shared out evenly.
    return _parted(sections, opens) if 1 < len(opens) <= MOST_SIBLINGS else evenly(sections)


def evenly(sections: Sequence[Section]) -> tuple[Section, ...]:
    """At most ten groups of about equal size."""
    count = min(MOST_SIBLINGS, -(-len(sections) // MOST_SIBLINGS))
    return _parted(sections, [n * len(sections) // count for n in range(count)])


def _parted(sections: Sequence[Section], opens: Sequence[int]) -> tuple[Section, ...]:
    return tuple(_under("", sections[a:b]) for a, b in pairwise([*opens, len(sections)]))


def _under(title: str, members: Sequence[Section]) -> Section:
    """One section over `members`; a single member stands for itself."""
    first, last = members[0], members[-1]
    if len(members) == 1:
        return first
    return Section(
        title=tidy(title) or _title(first, last),
        start=first.start,
        end=last.end,
        cue=first.cue,
        quote=first.quote,
        repairs=(GROUPED,),
        subsections=tuple(members),
    )


def _title(first: Section, last: Section) -> str:
    """ "First topic … last topic", of groups as of sections: better than "Part 2", and true in any language."""
    half = (LONGEST_TITLE - len(_TO)) // 2
    return tidy(first.title.partition(_TO)[0], half) + _TO + tidy(last.title.rpartition(_TO)[2], half)
