"""Watching several batches as one, for as long as is wanted."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Sequence

from cli.client import Kapitola
from shared.views import LectureView

_LOOK_SECONDS = 2.0
"""A process of the embedded stack that has ended is noticed within so many seconds."""
_REST_SECONDS = 0.2
"""Between two looks: where hundreds of lectures change all the time, each look is as long as all of them."""


def watch_all(client: Kapitola, batches: Sequence[str]) -> Iterator[list[LectureView]]:
    """The lectures of all the batches as they are now, and after each change, until all have ended."""
    watches = {batch: client.watch(batch, every=max(_LOOK_SECONDS / len(batches), 0.5)) for batch in batches}
    seen: dict[str, list[LectureView]] = {batch: [] for batch in batches}
    while watches:
        for batch, watch in list(watches.items()):
            if (view := next(watch, None)) is None:
                del watches[batch]
            else:
                seen[batch] = view.lectures
        yield [lecture for lectures in seen.values() for lecture in lectures]
        time.sleep(_REST_SECONDS if watches else 0)


def until(views: Iterator[list[LectureView]], seconds: float | None) -> Iterator[list[LectureView]]:
    """The views of so many seconds; of all the time for None."""
    end = None if seconds is None else time.monotonic() + seconds
    for view in views:
        yield view
        if end is not None and time.monotonic() >= end:
            return


def resume_command(batches: Sequence[str], server: str | None) -> str:
    """What to type to watch them again."""
    named = ["--server", server] if server else []
    return shlex.join(["kapitola", "wait", *batches, *named])
