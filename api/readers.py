"""Readers: processes that read and cut transcripts, so that five hundred handed in at once hold up nobody's poll."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections import deque
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process

from api.errors import BusyError
from api.reading import Outcome, Rules, Transcript, take_in_all

_PROCESSES = max(1, min(4, os.cpu_count() or 1))
_SMALL = 1_000_000
"""Bytes that are read here, on a thread: a process is not worth starting for them."""
_PORTION = 400_000
"""Bytes that go to a process at once: few enough to spread over all, enough to be worth the way."""


class Readers:
    """Reads on a thread what is small, and in processes of its own what is not. They start when first needed."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    async def read(self, transcripts: AsyncIterator[Transcript], rules: Rules) -> list[Outcome]:
        """What came of each, in their order. Holds no more of them at once than the processes have in hand.

        Raises BusyError if a process died of what it read.
        """
        outcomes: list[Outcome] = []
        under_way: deque[asyncio.Future[list[Outcome]]] = deque()
        size = 0
        try:
            async for portion in _portions(transcripts):
                size += sum(len(transcript.content) for transcript in portion)
                under_way.append(self._begin(portion, rules, small=size <= _SMALL))
                if len(under_way) > 2 * _PROCESSES:
                    outcomes += await under_way.popleft()
            while under_way:
                outcomes += await under_way.popleft()
        except BrokenProcessPool as error:
            self._pool = None
            raise BusyError(f"A process that reads transcripts ended by itself. {BusyError.remedy}") from error
        finally:
            for waiting in under_way:
                waiting.cancel()
        return outcomes

    async def close(self) -> None:
        """Waits for what is being read; what was not begun is not."""
        if self._pool is not None:
            await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    def _begin(self, portion: list[Transcript], rules: Rules, *, small: bool) -> asyncio.Future[list[Outcome]]:
        if self._pool is None and not small:
            # Forked from a process with threads and a loop, a child would hold locks that nobody will ever release.
            self._pool = ProcessPoolExecutor(_PROCESSES, get_context("spawn"), _begin_reader)
        executor = None if small else self._pool
        return asyncio.get_running_loop().run_in_executor(executor, take_in_all, portion, rules)


async def _portions(transcripts: AsyncIterator[Transcript]) -> AsyncIterator[list[Transcript]]:
    portion: list[Transcript] = []
    size = 0
    async for transcript in transcripts:
        portion.append(transcript)
        size += len(transcript.content)
        if size >= _PORTION:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _begin_reader() -> None:
    """In each new process. It ends with its parent, however that ends; Ctrl-C is for the parent to act on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        connection.wait([parent.sentinel])
    os._exit(0)
