"""Every move that a lecture or a work can make, by the script that makes it. docs/lecture-states.md draws it.

A test makes each script run on each state: what is not in these tables does not happen, and all that is in them does.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from shared.lecture import LectureState as Lecture


class WorkState(StrEnum):
    """The state of a chunk, or of a lecture's merge."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    DELAYED = "delayed"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


State = TypeVar("State")
Moves = Mapping[str, frozenset[tuple[State, State]]]
"""By script: from which state to which; None is before the beginning, and after the end."""


def _from_each(states: tuple[State, ...], to: State) -> frozenset[tuple[State, State]]:
    return frozenset((state, to) for state in states)


def _from_to(state: State, to_each: tuple[State, ...]) -> frozenset[tuple[State, State]]:
    return frozenset((state, to) for to in to_each)


_ENDED_BADLY = (Lecture.INCOMPLETE, Lecture.FAILED, Lecture.CANCELLED)
_ALL: tuple[Lecture | None, ...] = tuple(Lecture)

LECTURE_MOVES: Moves[Lecture | None] = {
    "accept": frozenset({(None, Lecture.QUEUED)}),
    "claim": frozenset({(Lecture.QUEUED, Lecture.RUNNING)}),
    "commit": frozenset({(Lecture.RUNNING, Lecture.DONE), (Lecture.RUNNING, Lecture.INCOMPLETE)}),
    "fail": frozenset({(Lecture.RUNNING, Lecture.FAILED)}),
    "release": frozenset({(Lecture.RUNNING, Lecture.FAILED)}),
    "sweep": frozenset({(Lecture.RUNNING, Lecture.FAILED)}),
    "renew": frozenset(),
    "cancel": _from_each((Lecture.QUEUED, Lecture.RUNNING), Lecture.CANCELLED),
    "retry": _from_each((*_ENDED_BADLY, Lecture.DONE), Lecture.RUNNING),  # done: with chunks that were stood in for
    "edit": frozenset(),
    "remove": _from_each(_ALL, None),
}

_UNFINISHED = (WorkState.WAITING, WorkState.CLAIMED, WorkState.DELAYED)
_WORKS: tuple[WorkState | None, ...] = tuple(WorkState)

_GIVEN_UP = _from_to(WorkState.CLAIMED, (WorkState.FAILED, WorkState.DONE)) | {(None, WorkState.WAITING)}
"""Of a chunk; done again where it has a stand-in from before. The last one makes the merge due."""

WORK_MOVES: Moves[WorkState | None] = {
    "accept": frozenset({(None, WorkState.WAITING)}),
    "claim": frozenset({(WorkState.WAITING, WorkState.CLAIMED)}),
    "commit": frozenset({(WorkState.CLAIMED, WorkState.DONE), (None, WorkState.WAITING)}),  # the merge is made due
    "fail": _GIVEN_UP,
    "release": _GIVEN_UP | _from_to(WorkState.CLAIMED, (WorkState.WAITING, WorkState.DELAYED)),
    "sweep": _GIVEN_UP | {(WorkState.CLAIMED, WorkState.WAITING), (WorkState.DELAYED, WorkState.WAITING)},
    "renew": frozenset(),
    "cancel": _from_each(_UNFINISHED, WorkState.STOPPED),
    "retry": _from_each((WorkState.FAILED, WorkState.STOPPED, WorkState.DONE), WorkState.WAITING)
    | _from_each((WorkState.DONE, WorkState.FAILED, WorkState.STOPPED), None),  # the merge is forgotten
    "edit": frozenset(),
    "remove": _from_each(_WORKS, None),
}
