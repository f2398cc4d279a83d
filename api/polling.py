"""Waiting for a change: ETags, `wait=`, and when it is worth asking again."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

from fastapi import Header, Query

from shared.ledger import BatchRecord, LectureRecord, Ledger

T = TypeVar("T")

_LOOK_EVERY = 0.2
"""Seconds between two looks at what nobody tells the changes of."""
_LONGEST_RETRY_AFTER = 30
_MOVES = 3
"""A lecture's changes beside those of its chunks: handed in, begun, ended."""
_TAG = re.compile(r'(?:W/)?("[^"]*")')

Wait = Annotated[float, Query(ge=0, le=60, description="Seconds to wait for a change.")]
IfNoneMatch = Annotated[str | None, Header(description="The ETag of what is known already.")]


async def waited(look: Callable[[], Awaitable[tuple[bool, T]]], wait: float) -> T:
    """What `look` gives, as soon as it says that it is worth telling, or after `wait` seconds."""
    until = asyncio.get_running_loop().time() + wait
    while True:
        telling, value = await look()
        if telling or asyncio.get_running_loop().time() >= until:
            return value
        await asyncio.sleep(_LOOK_EVERY)


R = TypeVar("R", LectureRecord, BatchRecord)


async def changed(ledger: Ledger, look: Callable[[], Awaitable[R]], wait: float, seen: str | None) -> R:
    """The record as soon as it is another than `seen` (or, with nothing seen, has ended), or after `wait` seconds."""
    until = asyncio.get_running_loop().time() + wait
    while True:
        record = await look()
        telling = not matches(seen, etag(record.version)) if seen else record.ended
        left = until - asyncio.get_running_loop().time()
        if telling or left <= 0:
            return record
        await ledger.events(record.id, record.version, left)


def etag(version: int, variant: str = "") -> str:
    """The tag of a version, or of one of its variants: `"12"`, `"12.markdown"`."""
    return f'"{version}.{variant}"' if variant else f'"{version}"'


def matches(header: str | None, tag: str) -> bool:
    """Whether an If-None-Match or If-Match header names `tag`."""
    return header is not None and (header.strip() == "*" or tag in _TAG.findall(header))


def versions_in(header: str) -> set[int]:
    """The versions that an If-Match header names, whatever their variant."""
    tags = (tag.strip('"').partition(".")[0] for tag in _TAG.findall(header))
    return {int(version) for version in tags if version.isdecimal() and len(version) < 16}


def lecture_retry_after(*, created: int, began: int, ended: int, chunks: int) -> int:
    """Seconds until a lecture may have ended: what is left at the pace of what was done.

    `began` and `created` are milliseconds since 1970; `ended` counts the chunks that ended since it began, `chunks`
    those that had not by then. With nothing to go by, it is as long again as it has taken so far.
    """
    elapsed = time.time() - (began or created) / 1000
    left = chunks - ended + 1  # the merge
    return _bounded(elapsed * left / ended if began and ended else elapsed)


def batch_retry_after(*, created: int, version: int, lectures: int, chunks: int) -> int:
    """Seconds until a batch may have ended: every change counts its version up, and it is known how many there are."""
    elapsed = time.time() - created / 1000
    seen, all_moves = version - lectures, chunks + lectures * (_MOVES - 1)
    return _bounded(elapsed * (all_moves - seen) / seen if seen > 0 else elapsed)


def record_retry_after(record: LectureRecord | BatchRecord) -> dict[str, str]:
    """The header, where there is something to wait for."""
    if record.ended:
        return {}
    if isinstance(record, BatchRecord):
        seconds = batch_retry_after(
            created=record.created, version=record.version, lectures=record.lectures, chunks=record.chunks
        )
    else:
        ended = record.done + record.failed - record.kept
        seconds = lecture_retry_after(
            created=record.created, began=record.began, ended=ended, chunks=record.chunks - record.kept
        )
    return {"Retry-After": str(seconds)}


def _bounded(seconds: float) -> int:
    return round(min(max(seconds, 1), _LONGEST_RETRY_AFTER))
