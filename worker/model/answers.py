"""What a server sent, as a Reply or as the ModelError that it means. Pure: bytes and headers in, values out."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from shared.lecture import Usage
from worker.exchange import Prompt, Reply
from worker.model.errors import (
    ModelBusyError,
    ModelError,
    ModelMisconfiguredError,
    ModelReplyError,
    ModelUnavailableError,
    PromptTooLongError,
)

LONGEST_PAUSE_MS = 600_000
"""A server that says "come back tomorrow" is asked again after ten minutes."""

Finish = Literal["stop", "length", "refusal", "filter"]
_FINISH: dict[str, Finish] = {
    "length": "length", "max_tokens": "length", "content_filter": "filter", "safety": "filter", "refusal": "refusal",
}  # fmt: skip
_QUOTE_WORDS, _QUOTE_LENGTH = 3, 25
"""So many words in a row, or so long a one, that stand in the prompt as well are taken for a quotation of it."""


def read_reply(endpoint: str, model: str, prompt: Prompt, body: bytes) -> Reply:
    """The reply in a 200's body. Raises the ModelError that the body means where it holds none."""
    found = _object(body)
    if found is None:
        raise ModelReplyError(endpoint, f"answered with {_shown(body)} instead of JSON. Is its address that of an API?")
    if found.get("error") and not found.get("choices"):
        raise error_in_success(endpoint, found["error"])
    choices = found.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise ModelReplyError(endpoint, "answered without any choices")
    choice = choices[0]
    message = choice.get("message")
    if not isinstance(message, dict):
        message = {"content": choice.get("text")}
    if choice.get("finish_reason") == "error":
        raise ModelUnavailableError(endpoint, "broke off in the middle of its reply")
    text, finish = _text(message), _FINISH.get(str(choice.get("finish_reason")), "stop")
    if message.get("refusal"):
        text, finish = str(message["refusal"]), "refusal"
    if not text.strip() and finish == "stop":
        raise ModelReplyError(endpoint, "answered with an empty text")
    answered_by = found.get("model")
    return Reply(text, finish, answered_by if isinstance(answered_by, str) and answered_by else model,
                 _usage(found.get("usage"), prompt, text))  # fmt: skip


def error_in_success(endpoint: str, error: Any) -> ModelError:
    """OpenRouter and others answer 200 with {"error": …}; its code, if it is a status, says what it means."""
    code = str(error.get("code")) if isinstance(error, dict) else ""
    status = int(code) if code.isdecimal() else 0
    if status in (400, 422):
        return ModelReplyError(endpoint, f"refused the request: {message_of(error)}")
    return status_error(endpoint, status, {"error": error}, {}) or ModelReplyError(
        endpoint, f"answered with an error: {message_of(error)}"
    )


def status_error(endpoint: str, status: int, body: Any, headers: Mapping[str, str]) -> ModelError | None:
    """What an answer other than 200 means; None for a request that should be put differently (400, 422)."""
    error = body.get("error", body) if isinstance(body, dict) else body
    said = message_of(error)
    codes = {str(error.get("code")), str(error.get("type"))} if isinstance(error, dict) else set()
    if "insufficient_quota" in codes or status == 402:
        return ModelMisconfiguredError(
            endpoint, f"the account has no credit left ({said}). Add credit, or use another key, then retry."
        )
    if status == 429:
        return ModelBusyError(endpoint, f"asks for a pause ({said})", retry_after_ms(headers))
    if status in (401, 403):
        return ModelMisconfiguredError(
            endpoint, f"does not accept the key ({said}). Set OPENAI_API_KEY to one that may use this model."
        )
    if status in (404, 405):
        return ModelMisconfiguredError(
            endpoint,
            f"knows no such model or address ({said}). Check KAPITOLA_MODEL, and OPENAI_BASE_URL (mostly ends in /v1).",
        )
    if status in (408, 409, 425) or status >= 500:
        return ModelUnavailableError(endpoint, f"answered {status} ({said})", retry_after_ms(headers))
    if status == 413 or "context_length_exceeded" in codes or too_long(said):
        return PromptTooLongError(
            endpoint,
            f"the chunk does not fit the model ({said}). Take a model with a larger context, or set "
            "KAPITOLA_CHUNK_TOKENS lower and submit the lecture anew.",
        )
    if 300 <= status < 400:
        return ModelMisconfiguredError(
            endpoint, f"redirects elsewhere ({status}). Set OPENAI_BASE_URL to the final address."
        )
    return None


def reply_in_refusal(endpoint: str, model: str, prompt: Prompt, body: Any) -> Reply | None:
    """The reply that a refusal is all the same: a filter's (Azure: 400; OpenRouter's moderation: 403), or what a model
    answered where Groq's server refuses that as no JSON: it may be mended. None if asking differently may help."""
    error = _error(body)
    metadata = error.get("metadata")
    is_moderated = isinstance(metadata, dict) and bool(metadata.get("reasons"))
    if is_moderated or error.get("code") in ("content_filter", "content_policy_violation"):
        return Reply("", "filter", model)
    if error.get("code") != "json_validate_failed":
        return None
    if not (text := str(error.get("failed_generation") or "")):
        raise ModelReplyError(endpoint, "answered with something that is no JSON, and does not show it")
    return Reply(text, "stop", model, _usage(None, prompt, text))


def is_tier_full(status: int, body: Any) -> bool:
    """OpenAI's flex tier answers 429 when it is full, Groq's 498: the usual tier may have room. Not when the account's
    own limit is reached, which is that of both."""
    return status == 498 or (
        status == 429 and _error(body).get("code") not in ("rate_limit_exceeded", "insufficient_quota")
    )


def too_long(said: str) -> bool:
    said = said.lower()
    return "context" in said and any(w in said for w in ("length", "window", "exceed", "size", "too long"))


def without_quotes(said: str, request: str) -> str:
    """Some servers quote the prompt that they refuse; what was said goes to logs, where no transcript belongs."""
    words, flat = said.split(), " ".join(request.split())
    kept: list[str] = []
    at = 0
    while at < len(words):
        end = next((e for e in range(len(words), at, -1) if _is_quote(" ".join(words[at:e]), e - at, flat)), at)
        kept.append("[...]" if end > at else words[at])
        at = max(end, at + 1)
    return " ".join(kept)


def _is_quote(words: str, count: int, request: str) -> bool:
    return (count >= _QUOTE_WORDS or len(words) > _QUOTE_LENGTH) and words.strip("'\".,()[]") in request


def message_of(error: Any) -> str:
    """What the server said, on one short line: {"message"}, LM Studio's plain string, or whatever else."""
    if isinstance(error, dict):
        error = error.get("message") or error.get("detail") or json.dumps(error)
    said = " ".join("".join(c if c.isprintable() else " " for c in str(error)).split())
    return said[:300] or "no reason given"


def retry_after_ms(headers: Mapping[str, str]) -> int:
    """How long to wait: Retry-After in seconds, as a date or in ms, capped; 0 if the server does not say."""
    for name, scale in (("retry-after-ms", 1.0), ("retry-after", 1000.0)):
        value = headers.get(name, "").strip()
        try:
            wait = float(value) * scale
        except ValueError:
            wait = _until(value, headers.get("date", "")) * 1000 if value else 0
        if math.isfinite(wait) and wait > 0:
            return min(math.ceil(wait), LONGEST_PAUSE_MS)
        if wait == math.inf:
            return LONGEST_PAUSE_MS
    return 0


def _until(date: str, now: str) -> float:
    """Seconds from the server's own `now` (or ours) to the date; 0 for what is no date."""
    try:
        start = parsedate_to_datetime(now).timestamp() if now else time.time()
        return parsedate_to_datetime(date).timestamp() - start
    except (ValueError, OverflowError):
        return 0


def _error(body: Any) -> dict[str, Any]:
    error = body.get("error", body) if isinstance(body, dict) else {}
    return error if isinstance(error, dict) else {}


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(message: Mapping[str, Any]) -> str:
    """The content, without a leading reasoning block. Where a server filed the whole answer under reasoning, that."""
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    text = content if isinstance(content, str) else ""
    if not text.strip():
        text = next((v for n in ("reasoning_content", "reasoning") if isinstance(v := message.get(n), str)), "")
    if text.lstrip().startswith("<think>") and "</think>" in text:
        text = text.split("</think>", 1)[1].lstrip()
    return text


def _usage(given: Any, prompt: Prompt, text: str) -> Usage:
    given = given if isinstance(given, dict) else {}
    details = given.get("prompt_tokens_details")
    cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else None
    tokens_in, tokens_out = _count(given.get("prompt_tokens")), _count(given.get("completion_tokens"))
    return Usage(
        calls=1,
        tokens_in=estimate(prompt.rules + prompt.request) if tokens_in is None else tokens_in,
        tokens_cached=cached or 0,
        tokens_out=estimate(text) if tokens_out is None else tokens_out,
        estimated=tokens_in is None or tokens_out is None,
        cost=_dollars(given.get("cost")),  # OpenRouter tells; a price of ours, where there is one, comes first
    )


def _dollars(value: Any) -> float:
    told = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if told and 0 <= value < math.inf else 0.0


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def estimate(text: str) -> int:
    """UTF-8 bytes / 4: never far under in any language, unlike characters / 4 (Chinese −58 %)."""
    return len(text.encode("utf-8", "replace")) // 4 + 1


def _shown(body: bytes) -> str:
    return "a web page" if body.lstrip()[:1] == b"<" else "something else"
