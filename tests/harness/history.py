"""What must hold of every run, whatever was broken in it, read from what the ledger keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from redis.asyncio import Redis

from shared.keys import PREFIX
from shared.lecture import ENDED, LectureState
from shared.ledger import Event, Ledger

_ENDED = {str(state) for state in ENDED}


@dataclass
class Verdict:
    """How lectures ended, and everything that is against the rules, in words."""

    states: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


async def verdict(redis: Redis, ledger: Ledger, accepted: Iterable[str]) -> Verdict:
    """Judges the lectures that were accepted; and that there are no others, and no outline without one."""
    known, found = set(accepted), Verdict()
    for id in known:
        record = await ledger.lecture(id)
        if record is None or record.state not in ENDED:
            found.lost.append(id)
            continue
        found.states[record.state] += 1
        found.broken += _of_events(id, await ledger.events(id), record.version)
        outline = await ledger.outline(id)
        has_one = record.state in {LectureState.DONE, LectureState.INCOMPLETE}
        if (outline is not None) != has_one:
            found.broken.append(f"{id} is {record.state}, and there is {'an' if outline else 'no'} outline")
        if outline and record.state is LectureState.DONE and outline.holes:
            found.broken.append(f"{id} is done, with holes")
    found.broken += [f"{id} was never accepted" for id in await _outlined(redis) - known]
    return found


def _of_events(id: str, events: list[Event], version: int) -> list[str]:
    """One for each version, without a gap, none after the end."""
    broken = []
    if [event.id for event in events] != list(range(1, version + 1)):
        broken.append(f"{id}: versions {[event.id for event in events]} up to {version}")
    ends = [event for event in events if event.state in _ENDED]
    if len(ends) != 1 or ends[0] is not events[-1]:
        broken.append(f"{id}: states {[event.state for event in events]}")
    return broken


async def _outlined(redis: Redis) -> set[str]:
    prefix = f"{PREFIX}outline:"
    return {key.decode().removeprefix(prefix) async for key in redis.scan_iter(f"{prefix}*", count=1000)}
