"""What kinds of model servers refuse, in their own words: an answer where this one refuses the request, else None.

Each is what a release of that server, or the documentation of that service, was seen to say.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web
from model_faults import refusal

Request = dict[str, Any]
Kind = Callable[[Request], web.Response | None]
_CONTEXT = 8_192


def unlike(imitated: str, request: Request) -> web.Response | None:
    """What a server of this kind answers instead of a completion; None if it takes the request, or is none of these."""
    kind = KINDS.get(imitated)
    return kind(request) if kind else None


def _format(request: Request) -> str:
    return str(request.get("response_format", {}).get("type", ""))


def _is_recursive(request: Request) -> bool:
    return "$ref" in json.dumps(request.get("response_format", {}))


def _if(refused: Callable[[Request], Any], status: int, message: str, code: str | None = None) -> Kind:
    return lambda request: refusal(status, message, code) if refused(request) else None


def _newer_openai(request: Request) -> web.Response | None:
    if "max_tokens" in request:
        return refusal(400, "Unsupported parameter: 'max_tokens' is not supported with this model.")
    if request.get("temperature", 1) != 1:
        return refusal(400, "Unsupported value: 'temperature' does not support 0 with this model.")
    return None


def _lm_studio(request: Request) -> web.Response | None:
    """Its errors are plain strings."""
    if _format(request) == "json_object" or _is_recursive(request):
        return web.json_response({"error": "'response_format.type' must be 'json_schema' or 'text'"}, status=400)
    return None


def _vllm(request: Request) -> web.Response | None:
    """Its errors are at the top, and it counts the room for the answer into the context."""
    asked = request.get("max_completion_tokens") or request.get("max_tokens") or 0
    if _is_recursive(request):
        said = "The provided JSON schema contains features not supported by xgrammar."
    elif asked > _CONTEXT // 2:
        said = f"This model's maximum context length is {_CONTEXT} tokens. However, you requested {asked} tokens."
    else:
        return None
    return web.json_response(
        {"object": "error", "message": said, "type": "BadRequestError", "param": None, "code": 400}, status=400
    )


def _llama_cpp(request: Request) -> web.Response | None:
    if not _is_recursive(request):
        return None
    error = {"code": 400, "message": "failed to parse grammar", "type": "invalid_request_error"}
    return web.json_response({"error": error}, status=400)


def _groq(request: Request) -> web.Response | None:
    if _format(request) == "json_schema":
        return refusal(400, "This model does not support response format `json_schema`.", "invalid_request_error")
    if request.get("service_tier") == "flex":
        return refusal(498, "Flex tier capacity exceeded", "capacity_exceeded")
    return None


KINDS: dict[str, Kind] = {
    "plain": _if(_format, 400, "response_format is not supported"),
    "ollama": _if(_is_recursive, 400, "invalid JSON schema in format: recursion is not supported"),
    "newer-openai": _newer_openai,
    "older": _if(
        lambda request: "max_completion_tokens" in request, 400, "Unrecognized request argument: max_completion_tokens"
    ),
    "azure-older": _if(
        lambda request: _format(request) == "json_schema", 400,
        "response_format value as json_schema is enabled only for api versions 2024-08-01-preview and later",
    ),
    "lm-studio": _lm_studio,
    "vllm": _vllm,
    "llama-cpp": _llama_cpp,
    "groq": _groq,
    "openrouter": _if(
        _is_recursive, 404, "No endpoints found that can handle the requested parameters: response_format"
    ),
    "thoughtless": _if(
        lambda request: "reasoning_effort" in request, 400, "Unrecognized request argument supplied: reasoning_effort"
    ),
    "no-flex": _if(lambda request: "service_tier" in request, 400, "Unknown parameter: 'service_tier'."),
    "flex-full": _if(
        lambda request: request.get("service_tier") == "flex", 429, "Resource unavailable", "resource_unavailable"
    ),
}  # fmt: skip
