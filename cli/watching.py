"""Watching several batches and lectures as one, for as long as is wanted."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Iterator, Sequence

from cli.client import Kapitola
from shared.views import LectureView

_LOOK_SECONDS = 2.0
"""A process of the embedded stack that has ended is noticed within so many seconds."""
_SHORTEST_LOOK = 0.05
_REST_SECONDS = 0.2
"""Between two looks: where hundreds of lectures change all the time, each look is as long as all of them."""


def watch_all(client: Kapitola, ids: Sequence[str]) -> Iterator[list[LectureView]]:
    """The lectures of batches, and single ones, as they are now, and after each change, until all have ended."""
    watches = {id: _watch(client, id, max(_LOOK_SECONDS / len(ids), _SHORTEST_LOOK)) for id in ids}
    seen: dict[str, Sequence[LectureView]] = {id: [] for id in ids}
    while watches:
        for id, watch in list(watches.items()):
            if (lectures := next(watch, None)) is None:
                del watches[id]
            else:
                seen[id] = lectures
        yield each_once(lecture for lectures in seen.values() for lecture in lectures)
        time.sleep(_REST_SECONDS if watches else 0)


def _watch(client: Kapitola, id: str, every: float) -> Iterator[Sequence[LectureView]]:
    if is_lecture(id):
        return ([lecture] for lecture in client.watch_lecture(id, every))
    return (batch.lectures for batch in client.watch(id, every))


def is_lecture(id: str) -> bool:
    """Whether it is the id of a lecture; else it is taken for a batch's."""
    return id.startswith("lec_")


def each_once(lectures: Iterable[LectureView]) -> list[LectureView]:
    """A lecture may be named beside its batch."""
    return list({lecture.id: lecture for lecture in lectures}.values())


def until(views: Iterator[list[LectureView]], seconds: float | None) -> Iterator[list[LectureView]]:
    """The views of so many seconds; of all the time for None."""
    end = None if seconds is None else time.monotonic() + seconds
    for view in views:
        yield view
        if end is not None and time.monotonic() >= end:
            return


def resume_command(ids: Sequence[str], server: str | None) -> str:
    """What to type to watch them again."""
    named = ["--server", server] if server else []
    return shlex.join(["kapitola", "wait", *ids, *named])
