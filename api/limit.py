"""How large a request may be, and how slow: counted byte by byte before anything parses it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import BusyError, TooLargeError, TooSlowError
from api.problems import response_to
from shared.errors import KapitolaError
from shared.settings import Settings

_AT_ONCE = 4
"""So many of the largest requests are taken in at the same time; small ones fill the same room by their bytes."""
_PATIENCE_S = 60.0
"""How long a client may say nothing in the middle of its body."""
_SLOWEST = 2_000
"""Bytes a second, over the whole body: whoever drips a byte a minute would else hold a place for ever."""


@dataclass
class _Body:
    """One request's body on its way in."""

    most: int
    began: float
    read: int = 0
    whole: bool = False

    @property
    def seconds_left(self) -> float:
        """Until the next part has to be there."""
        until = self.began + _PATIENCE_S + self.read / _SLOWEST
        return min(_PATIENCE_S, until - time.monotonic())


class BodyLimit:
    """ASGI middleware: answers 413 as soon as a body is known to be too large, by its header or by counting."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._room = _AT_ONCE * settings.upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        body = _Body(self._most(headers), time.monotonic())
        answered = False

        async def counted() -> Message:
            if body.whole:  # what follows is at most the news that the client has gone
                return await receive()
            message = await self._in_time(receive, body)
            self._count(body, len(message.get("body", b"")))
            body.whole = not message.get("more_body", False)
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            self._declared(headers, body)
            return await self._app(scope, counted, noted)
        except _RefusedError as refused:
            if not answered:
                # What is left of the body is not read: the connection is not fit for another request.
                await response_to(refused.error, {"Connection": "close"})(scope, receive, send)
        finally:
            self._room += body.read

    def _most(self, headers: Headers) -> int:
        """JSON has to be held whole, several times over; the parts of a form go to disk."""
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        return self._settings.json_bytes if kind.endswith("json") else self._settings.upload_bytes

    def _declared(self, headers: Headers, body: _Body) -> None:
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > body.most:
            raise _RefusedError(_too_large(body.most))

    async def _in_time(self, receive: Receive, body: _Body) -> Message:
        try:
            async with asyncio.timeout(max(0.0, body.seconds_left)):
                return await receive()
        except TimeoutError:
            problem = f"The body was not there after {time.monotonic() - body.began:.0f} s"
            raise _RefusedError(TooSlowError(f"{problem}, {body.read:,} bytes of it. {TooSlowError.remedy}")) from None

    def _count(self, body: _Body, size: int) -> None:
        body.read += size
        self._room -= size
        if body.read > body.most:
            raise _RefusedError(_too_large(body.most))
        if self._room < 0:
            raise _RefusedError(BusyError(f"Too much is being handed in at this moment. {BusyError.remedy}"))


class _RefusedError(Exception):
    """Not a KapitolaError: the handlers of those would answer it where the rest of the body may still come in."""

    def __init__(self, error: KapitolaError) -> None:
        super().__init__(error)
        self.error = error


def _too_large(most: int) -> TooLargeError:
    return TooLargeError(f"The request is larger than {most / 1e6:g} MB. {TooLargeError.remedy}")
