"""Clients that poll, in a process of their own: as fast as they are answered, or at a rate whoever else is slow.

    python bench/polls.py PORT SECONDS CONNECTIONS RATE < [[path, headers], ...]

RATE 0 is as fast as possible. With a rate, a poll's time counts from when it was due, so that a server that stalls
cannot hide it by being asked less. Prints the count of each status, the seconds, and the times in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from itertools import cycle


class Poller(asyncio.Protocol):
    """One connection that is kept alive. Reads no more of an answer than its status and its length."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or self._answer is None:
            return
        status = int(head[9:12])
        length = 0 if status == 304 else int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) >= length:
            self._received = b""
            self._answer.set_result(status)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("the server closed the connection"))

    async def poll(self, request: bytes) -> int:
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


class Load:
    """What was asked and how it was answered."""

    def __init__(self, requests: list[bytes], rate: float) -> None:
        self._requests, self._rate = cycle(requests), rate
        self.statuses: Counter[int] = Counter()
        self.times: list[float] = []
        self._begin = time.perf_counter()
        self._sent = 0

    async def keep_polling(self, poller: Poller, until: float) -> None:
        while (due := await self._next_due()) < until:
            self.statuses[await poller.poll(next(self._requests))] += 1
            self.times.append(time.perf_counter() - due)

    async def _next_due(self) -> float:
        now = time.perf_counter()
        if not self._rate:
            return now
        due = self._begin + self._sent / self._rate
        self._sent += 1
        await asyncio.sleep(max(0.0, due - now))
        return due


async def measure(port: int, seconds: float, connections: int, rate: float, requests: list[bytes]) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    pollers = [(await loop.create_connection(Poller, "127.0.0.1", port))[1] for _ in range(connections)]
    load = Load(requests, rate)
    begin = time.perf_counter()
    await asyncio.gather(*(load.keep_polling(poller, begin + seconds) for poller in pollers))
    took = time.perf_counter() - begin
    times = sorted(load.times)
    at = {name: round(times[int(len(times) * share)] * 1000, 2) for name, share in (("p50", 0.5), ("p99", 0.99))}
    return {"statuses": load.statuses, "seconds": took, **at, "longest": round(times[-1] * 1000, 2)}


def request_bytes(path: str, headers: dict[str, str]) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


if __name__ == "__main__":
    port, seconds, connections, rate = sys.argv[1:]
    wanted = [request_bytes(path, headers) for path, headers in json.load(sys.stdin)]
    print(json.dumps(asyncio.run(measure(int(port), float(seconds), int(connections), float(rate), wanted))))
