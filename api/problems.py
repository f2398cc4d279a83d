"""Errors as RFC 9457 problems: all of them, the framework's own included."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic_core import ErrorDetails
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from api.document import methods_at
from api.errors import (
    CrossSiteError,
    EditRefusedError,
    FaultError,
    InvalidRequestError,
    KeyNeededError,
    KeyRefusedError,
    MethodNotAllowedError,
    NoSuchRouteError,
    RedisDownError,
    UnreadableRequestError,
    status_of,
)
from api.throttle import ThrottledError
from shared.errors import KapitolaError, TranscriptRefusedError
from shared.views import Problem

log = logging.getLogger(__name__)

DOCS = "https://kapitola.invalid/errors#"
"""A problem's type is a name, not an address to visit; docs/errors.md has a heading for each."""
MEDIA_TYPE = "application/problem+json"
_AGAIN_S = 5
"""Retry-After for whatever is the server's own trouble and passes by itself."""
_OF_THE_FRAMEWORK: Mapping[int, type[KapitolaError]] = {404: NoSuchRouteError, 405: MethodNotAllowedError}
_PARTS: Mapping[str | int, str] = {"query": "the parameter", "path": "the path's", "header": "the header"}
"""Of a request, as the framework calls them and as people do."""

Kinds = tuple[type[KapitolaError], ...]
EVERYWHERE: Kinds = (
    KeyNeededError, KeyRefusedError, CrossSiteError, ThrottledError, InvalidRequestError, FaultError, RedisDownError,
)  # fmt: skip
"""What any route under /v1 may answer with."""


def answers(*errors: type[KapitolaError], everywhere: Kinds = EVERYWHERE) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for the OpenAPI document: those of every route, and these."""
    found: dict[int, list[str]] = {}
    for error in (*errors, *everywhere):
        found.setdefault(status_of(error).value, []).append(f"`{error.code}`")
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": ", ".join(codes), "content": content} for status, codes in sorted(found.items())}


def problem_of(error: KapitolaError) -> Problem:
    """The error as clients see it."""
    title = error.code.replace("-", " ").capitalize()
    problem = Problem(type=DOCS + error.code, title=title, status=status_of(type(error)).value, detail=str(error))
    return problem.model_copy(update=_more(error))


def _more(error: KapitolaError) -> dict[str, Any]:
    """What a kind of error tells beside its detail."""
    match error:
        case TranscriptRefusedError():
            return {"file": error.name, "line": error.line}
        case ThrottledError():
            return {"violated-policies": [error.policy]}
        case EditRefusedError():
            return {"broken": error.broken}
        case FaultError():
            return {"incident": error.incident}
        case _:
            return {}


def response_to(error: KapitolaError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The error as its response, with when to try again where that is known."""
    told: Mapping[str, str] = {}
    if isinstance(error, ThrottledError):
        told = error.headers
    elif status_of(type(error)) is HTTPStatus.SERVICE_UNAVAILABLE:
        told = {"Retry-After": str(_AGAIN_S)}
    return response_with(problem_of(error).model_dump(exclude_none=True), {**told, **(headers or {})})


def response_with(problem: dict[str, Any], headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse(problem, problem["status"], headers, media_type=MEDIA_TYPE)


def places(errors: Sequence[ErrorDetails | dict[str, Any]]) -> list[str]:
    """What pydantic found: each place, with what is wrong there."""
    return [f"{_place(*e['loc'])}: {e['msg']}" for e in errors]


def _place(where: str | int = "", *inside: str | int) -> str:
    """A parameter or header by its name; a place in the body by the way to it."""
    if inside and where in _PARTS:
        return f"{_PARTS[where]} `{inside[0]}`"
    return ".".join(map(str, (where, *inside))) or "the body"


def in_words(errors: Sequence[ErrorDetails | dict[str, Any]]) -> str:
    """The same as one line, of the first ten places."""
    more = f"; and {len(errors) - 10} more" if len(errors) > 10 else ""
    return "; ".join(places(errors[:10])) + more


def install(app: FastAPI) -> None:
    """Has every error of `app` answered as a problem."""

    @app.exception_handler(KapitolaError)
    async def known(_: Request, error: KapitolaError) -> JSONResponse:
        return response_to(error)

    @app.exception_handler(RedisError)
    async def redis_down(_: Request, error: RedisError) -> JSONResponse:
        log.warning("Redis: %s", error)
        return response_to(RedisDownError())

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return response_to(InvalidRequestError(in_words(list(error.errors()))))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        kind = _OF_THE_FRAMEWORK.get(error.status_code, UnreadableRequestError)
        headers = dict(error.headers or {})
        if kind is MethodNotAllowedError and (methods := methods_at(app, request.url.path)):
            headers["Allow"] = ", ".join(methods)  # the framework names those of the first route alone
        return response_to(kind(f"{error.detail.rstrip('.')}. {kind.remedy}"), headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, _error: ClientDisconnect) -> Response:
        return Response(status_code=HTTPStatus.BAD_REQUEST)  # nobody is there to read it

    @app.exception_handler(Exception)
    async def fault(_: Request, error: Exception) -> JSONResponse:
        incident = secrets.token_hex(4)
        log.error("Incident %s: %s; its traceback follows", incident, type(error).__name__)
        return response_to(FaultError(incident))
