"""A TCP proxy before Redis that can fall silent, break connections off, and dawdle."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """Listens at 127.0.0.1:`port`, forwards to a socket. `delay` is in seconds, each way."""

    def __init__(self, upstream: Path, tls: ssl.SSLContext | None = None) -> None:
        self._upstream, self._tls, self.port, self.delay = upstream, tls, 0, 0.0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._pairs: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._open = asyncio.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def hole(self) -> None:
        """Takes connections and bytes, and lets nothing through."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def mend(self) -> None:
        self._loop.call_soon_threadsafe(self._open.set)

    def reset(self) -> None:
        """Breaks every connection off with RST."""
        self._loop.call_soon_threadsafe(self._reset)

    async def _start(self) -> None:
        self._open.set()
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._server.close()
        self._open.set()
        self._reset()
        for pair in list(self._pairs):
            pair.cancel()
        await asyncio.gather(*self._pairs, return_exceptions=True)

    def _reset(self) -> None:
        for writer in list(self._writers):
            connection: socket.socket | None = writer.get_extra_info("socket")
            if connection is not None and connection.fileno() >= 0 and connection.family == socket.AF_INET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pair = asyncio.current_task()
        assert pair
        self._pairs.add(pair)
        pair.add_done_callback(self._pairs.discard)
        self._writers.add(writer)
        try:
            await self._open.wait()
            there, back = await asyncio.open_unix_connection(str(self._upstream))
            self._writers.add(back)
            try:
                await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
            finally:
                self._close(back)
        except OSError:
            return  # Redis is down: the client sees its connection end
        finally:
            self._close(writer)

    def _close(self, writer: asyncio.StreamWriter) -> None:
        self._writers.discard(writer)
        writer.transport.abort()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while content := await source.read(65_536):
            await self._open.wait()
            if self.delay:
                await asyncio.sleep(self.delay)
            target.write(content)
            await target.drain()
        target.transport.abort()
