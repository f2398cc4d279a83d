"""Waiting for a change: what `wait=` and ETags of lectures and batches rest on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, TypeVar

from fastapi import Query

from shared.ledger import LectureRecord
from shared.views import LectureView

T = TypeVar("T")

_LOOK_EVERY = 0.2
"""Seconds between two looks at what a client waits for."""

Wait = Annotated[float, Query(ge=0, le=60, description="Seconds to wait for a change.")]


async def waited(look: Callable[[], Awaitable[tuple[bool, T]]], wait: float) -> T:
    """What `look` gives, as soon as it says that it is worth telling, or after `wait` seconds."""
    until = asyncio.get_running_loop().time() + wait
    while True:
        telling, value = await look()
        if telling or asyncio.get_running_loop().time() >= until:
            return value
        await asyncio.sleep(_LOOK_EVERY)


def etag(lectures: Iterable[LectureRecord | LectureView]) -> str:
    """Changes with every change of any of them: versions only grow."""
    return f'"{sum(lecture.version for lecture in lectures)}"'
