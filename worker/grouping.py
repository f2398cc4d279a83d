"""At most ten: too many siblings are grouped under new sections, so that no level holds more. Nothing is dropped."""

from __future__ import annotations

from collections.abc import Sequence

from shared.outline import MOST_SIBLINGS, Section
from worker.repair import GivenGroup
from worker.wording import tidy, words

_LONGEST_TITLE = 120


def grouped(sections: Sequence[Section], groups: Sequence[GivenGroup]) -> tuple[Section, ...] | None:
    """The sections under the groups that a reply named by number, from 1.

    None unless the groups are runs that hold every section once and in order, no more of them than a level may have,
    and really fewer than the sections.
    """
    numbers = [number for group in groups for number in group.numbers]
    if numbers != list(range(1, len(sections) + 1)):
        return None
    runs = [group for group in groups if group.numbers]
    if len(runs) > MOST_SIBLINGS or len(runs) >= len(sections) or len(runs) == 1:
        return None
    return tuple(_under(group.title, [sections[n - 1] for n in group.numbers]) for group in runs)


def evenly(sections: Sequence[Section]) -> tuple[Section, ...]:
    """The sections under at most ten of about equal size, parted where neighbours' titles have least in common."""
    count = min(MOST_SIBLINGS, -(-len(sections) // MOST_SIBLINGS))
    share = len(sections) / count
    cuts = [0]
    for n in range(1, count):
        near = round(n * share)
        # Never so far that a group would grow beyond ten where ten would have done.
        reach = [at for at in (near, near - 1, near + 1) if cuts[-1] < at < len(sections)]
        fitting = [at for at in reach if at - cuts[-1] <= max(MOST_SIBLINGS, share)] or reach[:1]
        cuts.append(min(fitting, key=lambda at: len(words(sections[at - 1].title) & words(sections[at].title))))
    ends = [*cuts[1:], len(sections)]
    return tuple(_under("", sections[a:b]) for a, b in zip(cuts, ends, strict=True) if b > a)


def _under(title: str, members: Sequence[Section]) -> Section:
    """One section over `members`; a single member stands for itself."""
    if len(members) == 1:
        return members[0]
    first, last = members[0], members[-1]
    named = tidy(title, _LONGEST_TITLE) or tidy(f"{first.title} … {last.title}", _LONGEST_TITLE)
    return Section(
        title=named,
        start=first.start,
        end=last.end,
        cue=first.cue,
        quote=first.quote,
        repairs=("grouped",),
        subsections=tuple(members),
    )
