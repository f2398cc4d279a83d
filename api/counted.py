"""Counts answers, and how long they took to begin."""

from __future__ import annotations

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.metrics import Answered


class Counted:
    """ASGI middleware: tells `answered` of every answer."""

    def __init__(self, app: ASGIApp, answered: Answered) -> None:
        self._app, self._answered = app, answered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                waits = b"wait=" in scope["query_string"] or scope["method"] not in ("GET", "HEAD")
                self._answered.count(message["status"], None if waits else time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, counted if scope["type"] == "http" else send)
