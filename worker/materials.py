"""Materials: the cues and chunks of the lectures that are being worked on, read from the ledger once for all chunks.

A lecture of twenty hours took ten seconds a chunk while each chunk read all of it again.
"""

from __future__ import annotations

import asyncio

from shared.chunks import Chunk
from shared.cues import Cues
from shared.ledger import LectureRecord, Ledger

_MOST_CUES = 300_000
"""Kept in all, about 100 MB; the newest lecture is kept whatever its size."""

Material = tuple[Cues, list[Chunk]]


class Materials:
    """One process's. What was removed meanwhile may still be here: its commit is refused."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._reading: dict[str, asyncio.Task[Material]] = {}

    async def of(self, record: LectureRecord) -> Material:
        """Raises `GoneError` if there is none any more. Whoever comes while it is read waits for that reading."""
        reading = self._reading.get(record.id)
        if reading is None or (reading.done() and (reading.cancelled() or reading.exception())):
            reading = asyncio.create_task(self._ledger.material(record))
        self._reading.pop(record.id, None)
        self._reading[record.id] = reading  # the newest last
        material = await asyncio.shield(reading)
        self._forget_the_oldest()
        return material

    def _forget_the_oldest(self) -> None:
        read = [(id, task) for id, task in self._reading.items() if task.done() and not task.exception()]
        total = sum(len(task.result()[0].cues) for _, task in read)
        for id, task in read[:-1]:
            if total <= _MOST_CUES:
                return
            total -= len(task.result()[0].cues)
            del self._reading[id]
