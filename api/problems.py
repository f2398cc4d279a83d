"""Errors as RFC 9457 problems: all of them, the framework's own included."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from api.throttle import QuotaExceededError, ThrottledError
from shared.addresses import WebhookRefusedError
from shared.door import RedisUnfitError
from shared.errors import KapitolaError, TranscriptRefusedError
from shared.export import ExportRefusedError
from shared.ledger import ConflictError
from shared.views import Problem

DOCS = "https://kapitola.invalid/errors#"
"""A problem's type is a name, not an address to visit; docs/errors.md has a heading for each."""


class NotFoundError(KapitolaError):
    """There is no such lecture or batch, or it was kept as long as was promised and is gone."""

    code = "not-found"


class NotYetError(KapitolaError):
    """The lecture has no outline yet, or never will: its state says which."""

    code = "no-outline"


class UnreadableRequestError(KapitolaError):
    """The request holds no transcripts in a form that the API reads."""

    code = "unreadable-request"


class TooLargeError(KapitolaError):
    """The request, or one transcript in it, is larger than this server takes."""

    code = "too-large"


class NothingToRetryError(KapitolaError):
    """The lecture has no failed chunks, or has not ended."""

    code = "nothing-to-retry"


class KeyNeededError(KapitolaError):
    """The request shows no key, and this server asks for one."""

    code = "key-needed"


class KeyRefusedError(KapitolaError):
    """The key that was shown does not exist, or was revoked."""

    code = "key-refused"


class CrossSiteError(KapitolaError):
    """A page of another site has a browser ask this server, which needs no key from this machine."""

    code = "cross-site"


ANSWERS: dict[int | str, dict[str, Any]] = {status: {"model": Problem} for status in (404, 409, 422, 503)}
"""The problems that any route about a lecture or batch may answer with, for the OpenAPI document."""
UNREADY: dict[int | str, dict[str, object]] = {503: {"model": Problem}}

STATUS: dict[type[KapitolaError], HTTPStatus] = {
    TranscriptRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    ExportRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnreadableRequestError: HTTPStatus.BAD_REQUEST,
    TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    NotFoundError: HTTPStatus.NOT_FOUND,
    NotYetError: HTTPStatus.CONFLICT,
    NothingToRetryError: HTTPStatus.CONFLICT,
    ConflictError: HTTPStatus.CONFLICT,
    RedisUnfitError: HTTPStatus.SERVICE_UNAVAILABLE,
    KeyNeededError: HTTPStatus.UNAUTHORIZED,
    KeyRefusedError: HTTPStatus.UNAUTHORIZED,
    CrossSiteError: HTTPStatus.FORBIDDEN,
    ThrottledError: HTTPStatus.TOO_MANY_REQUESTS,
    QuotaExceededError: HTTPStatus.TOO_MANY_REQUESTS,
    WebhookRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
}


def problem_of(error: KapitolaError) -> Problem:
    """The error as clients see it."""
    status = STATUS.get(type(error), HTTPStatus.INTERNAL_SERVER_ERROR)
    problem = _problem(status, error.code, str(error))
    if isinstance(error, TranscriptRefusedError):
        problem.file, problem.line = error.name, error.line
    if isinstance(error, ThrottledError):
        problem = problem.model_copy(update={"violated-policies": [error.policy]})
    return problem


def response_to(error: KapitolaError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The error as its response, with when to try again where that is known."""
    told = error.headers if isinstance(error, ThrottledError) else {}
    return _response(problem_of(error), {**told, **(headers or {})})


def redis_down() -> JSONResponse:
    """What is answered while there is no Redis to ask."""
    detail = "Redis does not take writes or does not answer. Nothing was accepted; try again in a few seconds."
    return _response(_problem(HTTPStatus.SERVICE_UNAVAILABLE, "redis-down", detail), {"Retry-After": "5"})


def install(app: FastAPI) -> None:
    """Has every error of `app` answered as a problem."""

    @app.exception_handler(KapitolaError)
    async def known(_: Request, error: KapitolaError) -> JSONResponse:
        return response_to(error)

    @app.exception_handler(RedisError)
    async def unreachable(_: Request, _error: RedisError) -> JSONResponse:
        return redis_down()

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        said = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return _response(_problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", said))

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        code = status.phrase.lower().replace(" ", "-")
        return _response(_problem(status, code, str(error.detail)), dict(error.headers or {}))


def _problem(status: HTTPStatus, code: str, detail: str) -> Problem:
    return Problem(type=DOCS + code, title=code.replace("-", " ").capitalize(), status=status.value, detail=detail)


def _response(problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    body = problem.model_dump(exclude_none=True)
    return JSONResponse(body, problem.status, headers, media_type="application/problem+json")
