"""Polls that nothing has changed for: answered by one look at Redis, before anything else is set in motion.

Most requests to a busy server are these. A route, its dependencies and its models would cost five times as much.
"""

from __future__ import annotations

import re
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.types import ASGIApp, Receive, Scope, Send

from api.polling import batch_retry_after, etag, lecture_retry_after, matches
from shared.keys import PREFIX
from shared.lecture import ENDED

_PATH = re.compile(r"/v1/(lectures|batches)/([A-Za-z0-9_]{1,64})")
_LECTURE = ("client", "version", "state", "created", "began", "kept", "chunks", "done", "failed")
_BATCH = ("client", "version", "queued", "running", "created", "lectures", "chunks")


class Unchanged:
    """ASGI middleware: 304 for a lecture or batch whose version is the one of If-None-Match. The rest it lets pass."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = _seen(scope)
        answer = await self._answer(scope, seen) if seen else None
        if answer is None:
            await self._app(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": 304, "headers": answer})
            await send({"type": "http.response.body", "body": b""})

    async def _answer(self, scope: Scope, seen: str) -> list[tuple[bytes, bytes]] | None:
        path = _PATH.fullmatch(scope["path"])
        if path is None:
            return None
        is_batch = path[1] == "batches"
        redis: Redis = scope["app"].state.redis
        key = f"{PREFIX}{'batch-record' if is_batch else 'lecture'}:{path[2]}"
        try:
            found = await redis.hmget(key, list(_BATCH if is_batch else _LECTURE))
        except RedisError:
            return None  # whoever answers in full says it in full
        client, version, *fields = cast(list[bytes | None], found)
        if client is None or version is None or client.decode() != scope["state"]["caller"].client:
            return None
        tag = etag(int(version))
        if not matches(seen, tag):
            return None
        again = (_batch_again if is_batch else _lecture_again)(int(version), fields)
        headers = [(b"etag", tag.encode()), (b"cache-control", b"no-cache")]
        return headers if again is None else [*headers, (b"retry-after", str(again).encode())]


def _seen(scope: Scope) -> str | None:
    """The If-None-Match of a plain poll; None for any other request."""
    if scope["type"] != "http" or scope["method"] != "GET" or scope["query_string"]:
        return None
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"if-none-match"), None)


def _lecture_again(_: int, fields: list[bytes | None]) -> int | None:
    state, *counts = fields
    if state is None or state.decode() in ENDED:
        return None
    created, began, kept, chunks, done, failed = (int(count or 0) for count in counts)
    return lecture_retry_after(created=created, began=began, ended=done + failed - kept, chunks=chunks - kept)


def _batch_again(version: int, fields: list[bytes | None]) -> int | None:
    queued, running, created, lectures, chunks = (int(count or 0) for count in fields)
    if queued + running == 0:
        return None
    return batch_retry_after(created=created, version=version, lectures=lectures, chunks=chunks)
