"""Streams: an answer that goes on for as long as there is something to tell, and how many a client may have open."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from api.throttle import ThrottledError

_AGAIN_MS = 5_000
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class OpenStreams:
    """How many event streams each client has open at this process: each keeps a connection, whatever it tells."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: Counter[str] = Counter()

    def open(self, client: str) -> None:
        """Raises ThrottledError where the client has as many as it may."""
        if self._open[client] >= self._most:
            raise ThrottledError(
                f"More than {self._most} event streams at once. Close some, or follow a batch: its stream tells of all "
                "its lectures. An operator may raise KAPITOLA_CLIENT_STREAMS.",
                "streams",
                _AGAIN_MS,
            )
        self._open[client] += 1

    def close(self, client: str) -> None:
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]


class EventStream(StreamingResponse):
    """Server-sent events to a client. Its place is taken as the answer begins, and free again however it ends."""

    media_type = "text/event-stream"

    def __init__(self, told: AsyncIterator[str], streams: OpenStreams, client: str) -> None:
        super().__init__(told, headers=_HEADERS)
        self._streams, self._client = streams, client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._streams.open(self._client)
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.close(self._client)
