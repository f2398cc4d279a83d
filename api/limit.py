"""The largest request that is read: counted byte by byte before anything parses it."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import TooLargeError, problem_of


class BodyLimit:
    """ASGI middleware: answers 413 as soon as a body is known to exceed `most` bytes, by its header or by counting."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        if int(dict(scope["headers"]).get(b"content-length", b"0")) > self._most:
            return await self._refuse(send)
        read = 0
        answered = False

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise _OverflowError
            return message

        async def noted(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            return await self._app(scope, counted, noted)
        except _OverflowError:
            if not answered:
                await self._refuse(send)

    async def _refuse(self, send: Send) -> None:
        detail = f"The request is larger than {self._most / 1e6:.0f} MB. Send fewer transcripts at a time."
        body = problem_of(TooLargeError(detail)).model_dump_json(exclude_none=True).encode()
        headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class _OverflowError(Exception):
    """The body went on past the limit."""
