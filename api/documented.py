"""What the OpenAPI document says where the code alone cannot: bodies that are read by hand, headers, examples."""

from __future__ import annotations

from typing import Any

from shared.outline import MOST_SIBLINGS
from shared.views import MOST_TRANSCRIPTS

_OPTIONS_EXAMPLE = '{"language": "en", "detail": "normal"}'

SUBMISSION_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["files"],
                "additionalProperties": False,
                "properties": {
                    "files": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": MOST_TRANSCRIPTS,
                        "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                        "description": "Each transcript as a part called `files`, with a file name.",
                    },
                    "options": {
                        "type": "string",
                        "contentMediaType": "application/json",
                        "contentSchema": {"$ref": "#/components/schemas/ChosenOptions"},
                        "examples": [_OPTIONS_EXAMPLE],
                    },
                    "encoding": {"type": "string", "examples": ["cp1250"]},
                    "webhook": {"type": "string", "examples": ["https://hooks.example.org/kapitola"]},
                },
            },
            "encoding": {"files": {"contentType": "application/x-subrip, text/vtt, text/plain, application/json"}},
        },
        "application/json": {"schema": {"$ref": "#/components/schemas/Accepting"}},
    },
}

EDIT_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_SIBLINGS,
                "items": {"$ref": "#/components/schemas/GivenSection"},
            },
            "example": [
                {
                    "title": "Why yeast needs sugar",
                    "start_time": "00:00:12",
                    "subsections": [{"title": "Fermentation", "start_time": "00:01:40", "subsections": []}],
                }
            ],
        }
    },
}

ETAG = {"ETag": {"description": "The version, for If-None-Match.", "schema": {"type": "string"}, "example": '"12"'}}
RETRY_AFTER = {
    "Retry-After": {
        "description": "Seconds until it is worth asking again, estimated from the progress so far; at most 30.",
        "schema": {"type": "integer", "minimum": 1},
    }
}
LOCATION = {"Location": {"description": "The batch.", "schema": {"type": "string", "format": "uri-reference"}}}
SUBMISSION_HEADERS = {
    **LOCATION,
    **RETRY_AFTER,
    "Idempotency-Replayed": {
        "description": "`true` where the key was used before: this is the batch that it made then.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "Nothing has changed since the version of If-None-Match.", "headers": {**ETAG, **RETRY_AFTER}}
}
_EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["id", "event", "data"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$", "description": "The version; resume with it as Last-Event-ID."},
        "event": {"type": "string", "enum": ["change", "missed", "end"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "example": {
        "id": "4",
        "event": "change",
        "data": '{"lecture":"lec_53b72a4ae2f755cfe169","state":"running","version":4,"at":1795636632869,"chunks":5,'
        '"done":2,"failed":0}',
    },
}
EVENT_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `change` for each version, `missed` where some are no longer kept, "
        "`end` when no more will come.",
        "content": {"text/event-stream": {"schema": _EVENT}},
    },
    204: {"description": "Everything has ended and was told: do not connect again."},
}
