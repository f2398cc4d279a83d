"""Headers that keep browsers from making anything of an answer but what it is (S6, S20)."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_RAW = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
_POLICY = b"content-security-policy"
_BUT_POLICY = [(name, value) for name, value in _RAW if name != _POLICY]


class Hardening:
    """ASGI middleware: puts `HEADERS` on every answer. One that has a policy of its own, as the page has, keeps it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                has_policy = any(name == _POLICY for name, _ in given)
                message["headers"] = [*given, *(_BUT_POLICY if has_policy else _RAW)]
            await send(message)

        await self._app(scope, receive, hardened if scope["type"] == "http" else send)
