"""At most ten: too many siblings are grouped under new sections, so that no level holds more. Nothing is dropped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from shared.cues import Cue
from shared.outline import LONGEST_TITLE, MOST_SIBLINGS, Section
from worker.model.offline.topics import groups as groups_by_cohesion
from worker.repair import GivenGroup
from worker.wording import tidy

GROUPED = "grouped"
"""The repair of a section that was made to hold others."""
_TO = " … "
_LEAST_KEPT = 0.9
"""Models leave a number out now and then; the share of those that must stand where they were put."""
_SAYS_NOTHING = re.compile(
    r"(?:(?:more|other|further|general|misc\w*|various|additional|next|final|first|last)\s+)?"
    r"(?:chapter|part|section|group|topic|segment|portion|piece|continu\w+|misc\w*|other|various)s?"
    r"(?:\s*[\dIVX]+|\s+(?:one|two|three|four|five|six|seven|eight|nine|ten))?(?:\s+(?:of|and|to)\s*\d+)?\W*",
    re.IGNORECASE,
)
"""“Part 2”, “Continued”, “Other topics”: what grouping must not be titled."""


def grouped(sections: Sequence[Section], groups: Sequence[GivenGroup]) -> tuple[Section, ...]:
    """The sections under the groups that a reply named by number, from 1; each runs up to the next one's first number.

    Nothing if too many of the numbers are missing or elsewhere, or if they make no real groups: for then the reply
    was about something else. More than ten groups are groups all the same, to be grouped again.
    """
    runs = sorted((group for group in groups if group.numbers), key=lambda group: group.numbers[0])
    opens = [0, *(group.numbers[0] - 1 for group in runs[1:])]
    spans = list(pairwise([*opens, len(sections)]))
    if not 1 < len(runs) <= max(MOST_SIBLINGS, len(sections) // 2) or len(runs) >= len(sections):
        return ()
    kept = sum(a < n <= b for group, (a, b) in zip(runs, spans, strict=True) for n in group.numbers)
    if kept < _LEAST_KEPT * len(sections):
        return ()
    return tuple(_under(group.title, sections[a:b]) for group, (a, b) in zip(runs, spans, strict=True))


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
    told = "" if _SAYS_NOTHING.fullmatch(tidy(title)) else tidy(title)
    return Section(
        title=told or _title(first, last),
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
