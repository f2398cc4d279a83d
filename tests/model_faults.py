"""What the stand-in model server can do wrong, by name. Each is what some real server was seen to do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web

Fault = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]
"""Takes the request and the body that a faultless server would have answered with."""


def refusal(status: int, message: str, code: str | None = None, **headers: str) -> web.Response:
    error = {"message": message, "type": code or "error", "code": code, "param": None}
    return web.json_response(
        {"error": error}, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def _status(status: int, message: str, code: str | None = None, **headers: str) -> Fault:
    async def fault(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
        return refusal(status, message, code, **headers)

    return fault


def _raw(status: int, body: Any) -> Fault:
    async def fault(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return fault


def _generated(text: str) -> Fault:
    """Groq's server refuses its own model's answer, and says what that was."""
    error = {"message": "Failed to generate JSON.", "code": "json_validate_failed", "failed_generation": text}
    return _raw(400, {"error": error})


def _text(text: str, status: int = 200, kind: str = "text/html") -> Fault:
    async def fault(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type=kind)

    return fault


def _quoting(status: int) -> Fault:
    """A server that says what it was asked, and with which key."""

    async def fault(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
        asked = (await request.json())["messages"][-1]["content"][-200:]
        return refusal(status, f"Cannot answer '{asked}' for {request.headers['Authorization']}")

    return fault


def _body(change: Callable[[dict[str, Any]], Any]) -> Fault:
    async def fault(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
        return web.json_response(change(good))

    return fault


def _message(finish: str | None = "stop", **parts: Any) -> Fault:
    def change(good: dict[str, Any]) -> dict[str, Any]:
        choice = good["choices"][0]
        return good | {"choices": [choice | {"message": choice["message"] | parts, "finish_reason": finish}]}

    return _body(change)


def _content(change: Callable[[str], str], finish: str = "stop") -> Fault:
    async def fault(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
        return await _message(finish, content=change(good["choices"][0]["message"]["content"]))(request, good)

    return fault


async def _date(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=3), usegmt=True)
    return refusal(429, "Slow down", "rate_limit_exceeded", retry_after=when)


async def _reset(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _cut(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
    """Says how much will come, sends half, and breaks off."""
    body = json.dumps(good).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    return await _reset(request, good)  # type: ignore[return-value]


async def _hang(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
    await asyncio.sleep(3600)
    return web.Response()


def _pour(part: bytes, every_s: float) -> Fault:
    async def fault(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(part)
            await asyncio.sleep(every_s)

    return fault


def _said(good: dict[str, Any]) -> Any:
    return good["choices"][0]["message"]["content"]


async def _redirect(request: web.Request, good: dict[str, Any]) -> web.StreamResponse:
    return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/elsewhere"})


def _refiled(good: dict[str, Any], **message: Any) -> dict[str, Any]:
    return good | {"choices": [good["choices"][0] | {"message": {"role": "assistant"} | message}]}


FAULTS: dict[str, Fault] = {
    "429": _status(429, "Slow down", "rate_limit_exceeded", retry_after="1"),
    "429-date": _date,
    "429-absurd": _status(429, "Slow down", "rate_limit_exceeded", retry_after="99999999999"),
    "429-rubbish": _status(429, "Slow down", "rate_limit_exceeded", retry_after="soon"),
    "429-ms": _status(429, "Requests to the API have exceeded the call rate limit", "429", retry_after_ms="1500"),
    "quota": _status(429, "You exceeded your current quota", "insufficient_quota"),
    "401": _status(401, "Incorrect API key provided", "invalid_api_key"),
    "404": _status(404, "The model does not exist", "model_not_found"),
    "too-long": _status(400, "This model's maximum context length is 8192 tokens", "context_length_exceeded"),
    "too-large": _status(413, "Request too large: tokens per minute (TPM): Limit 6000", "rate_limit_exceeded"),
    "no-credit": _status(402, "Insufficient credits"),
    "loading": _status(503, "Loading model"),
    "moderated": _raw(403, {"error": {"code": 403, "message": "Input was flagged", "metadata": {"reasons": ["odd"]}}}),
    "bad-json-400": _generated('{"outline": [{"title": "Bread is old", "cue": 1'),
    "no-json-400": _generated(""),
    "filter-400": _status(400, "The response was filtered", "content_filter"),
    "500": _status(500, "The server had an error"),
    "502": _text("<html>502 Bad Gateway</html>", 502),
    "503": _status(503, "Overloaded", retry_after="1"),
    "quoting-500": _quoting(500),
    "quoting-400": _quoting(400),
    "redirect": _redirect,
    "reset": _reset,
    "cut": _cut,
    "hang": _hang,
    "drip": _pour(b" ", 0.1),
    "endless": _pour(b" " * 65_536, 0),
    "html": _text("<html>Welcome</html>"),
    "rubbish": _text("\x00\x01 no json", kind="application/json"),
    "deep-body": _text("[" * 100_000, kind="application/json"),
    "error-200": _body(lambda good: {"error": {"message": "Provider returned error", "code": 502}}),
    "error-string-200": _body(lambda good: {"error": "Model unloaded"}),
    "no-choices": _body(lambda good: good | {"choices": []}),
    "null-choices": _body(lambda good: good | {"choices": None}),
    "no-usage": _body(lambda good: {k: v for k, v in good.items() if k != "usage"}),
    "empty": _message(content=""),
    "null": _message(content=None),
    "refusal": _message(content=None, refusal="I can't help with that."),
    "filter": _message("content_filter", content=""),
    "broke-off": _message("error", content="{"),
    "no-finish": _message(None),
    "thinking": _content(lambda text: f"<think>A draft: []</think>\n{text}"),
    "reasoning": _body(lambda good: _refiled(good, content="", reasoning_content=_said(good))),
    "parts": _body(lambda good: _refiled(good, content=[{"type": "text", "text": _said(good)}])),
    "fenced": _content(lambda text: f"Here it is:\n```json\n{text}\n```"),
    "truncated": _content(lambda text: text[: len(text) // 2], "length"),
    "garbage": _content(lambda text: "I am only a language model."),
    "10mb": _content(lambda text: text + " " * 10_000_000),
    "500-deep": _content(lambda text: '{"outline":' + "[" * 500 + "]" * 500 + "}"),
    "times-out-of-range": _content(lambda text: '[{"title": "Late", "start_time": "99:59:59", "subsections": []}]'),
    "wrong-language": _content(lambda text: '[{"title": "Úvod do přednášky", "cue": 1, "subsections": []}]'),
}
