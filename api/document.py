"""The OpenAPI document: what FastAPI knows of the routes, and what it cannot. docs/openapi.json is a copy of it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter, FastAPI, Response
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from shared.views import Accepting, GivenSection, Problem

_TAGS = {
    "lectures": "One transcript on its way to one outline: handed in, polled, cancelled, retried, removed.",
    "outlines": "The outline of a lecture in every format, and edited by hand.",
    "batches": "The lectures of one submission together.",
    "events": "Every change as it happens, resumable.",
    "webhooks": "What a client's addresses were told. docs/webhooks.md says how the messages are signed.",
    "server": "Whether the server lives, is ready, and what its models support.",
}
_DESCRIPTION = """
Lecture transcripts in; for each, one nested outline with times out.

Hand in one or many with `POST /v1/lectures`, then follow the batch: by its events, by `?wait=30`, or by polling with
`If-None-Match` as `Retry-After` says. Errors are problems (RFC 9457): docs/errors.md has a heading for each `type`.
"""
_READ_BY_HAND = (Problem, Accepting, GivenSection)
"""Models of bodies that routes read themselves, so that FastAPI has not met them."""


class LectureTold(BaseModel):
    """A lecture that has ended."""

    id: str
    batch: str
    name: str
    state: Literal["done", "incomplete", "failed"]
    version: int
    problem: str | None = Field(None, description="Why it failed.")


class LectureMessage(BaseModel):
    """The body of a webhook about a lecture, as Standard Webhooks has it."""

    type: Literal["lecture.done", "lecture.incomplete", "lecture.failed"]
    timestamp: datetime
    data: LectureTold


class BatchTold(BaseModel):
    """A batch of which every lecture has ended."""

    id: str
    lectures: dict[str, int] = Field(description="How many of its lectures ended in which state.")


class BatchMessage(BaseModel):
    """The body of a webhook about a batch."""

    type: Literal["batch.done"]
    timestamp: datetime
    data: BatchTold


def described() -> dict[str, Any]:
    """What the application says of itself."""
    return {
        "title": "Kapitola",
        "summary": "Outlines of lectures",
        "description": _DESCRIPTION.strip(),
        "license_info": {"name": "MIT", "identifier": "MIT"},
        "openapi_tags": [{"name": name, "description": meaning} for name, meaning in _TAGS.items()],
        # The pages that FastAPI makes load their script from elsewhere; our policy lets nothing in.
        "docs_url": None,
        "redoc_url": None,
    }


def install(app: FastAPI) -> None:
    """Has `app` give its document as it is meant."""
    app.webhooks.include_router(_webhooks())

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's documentation has it


def methods_at(app: FastAPI, path: str) -> list[str]:
    """The methods that the path takes, all its routes together."""
    found = (
        method.upper()
        for template, operations in app.openapi()["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
        for method in operations
    )
    return sorted(found)


def _webhooks() -> APIRouter:
    router = APIRouter(tags=["webhooks"])
    answers: dict[int | str, dict[str, Any]] = {
        204: {"description": "Taken."},
        410: {"description": "Nothing more is to be sent to this address."},
    }

    @router.post("lecture", operation_id="lectureEnded", status_code=204, responses=answers)
    def lecture_ended(body: LectureMessage) -> Response:
        """A lecture has ended: `lecture.done`, `lecture.incomplete` or `lecture.failed`."""
        raise NotImplementedError("a webhook is answered by its receiver")

    @router.post("batch", operation_id="batchEnded", status_code=204, responses=answers)
    def batch_ended(body: BatchMessage) -> Response:
        """Every lecture of a batch has ended: `batch.done`."""
        raise NotImplementedError("a webhook is answered by its receiver")

    return router


def _completed(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        license_info=app.license_info,
        tags=app.openapi_tags,
        routes=app.routes,
        webhooks=app.webhooks.routes,
    )
    _, models = models_json_schema(
        [(model, "validation") for model in _READ_BY_HAND], ref_template="#/components/schemas/{model}"
    )
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = dict(sorted({**schemas, **models["$defs"]}.items()))
    document["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "Not needed on the server's own machine."}
    }
    document["security"] = [{"key": []}, {}]
    return document
