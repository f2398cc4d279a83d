"""Where models are: what OPENAI_*, KAPITOLA_MODEL and KAPITOLA_MODELS say, as endpoints."""

from __future__ import annotations

import ipaddress
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.errors import KapitolaError
from shared.settings import Settings

OPENAI = "https://api.openai.com/v1"
DEFAULT_MODEL = "gpt-5-mini"
ONLY_LOCAL = "KAPITOLA_ONLY_LOCAL_MODELS"
"""The switch that no test can get round: with it set, only addresses of this machine are called."""


_FEW_IN_FLIGHT = 4
_ANSWER_FEW = {11434, 8080, 1234}
"""Where Ollama, llama.cpp and LM Studio listen: with 64 calls at once, the last would wait past its deadline."""


class EndpointsError(KapitolaError):
    """The configuration of models cannot be understood."""

    code = "models-setting"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the account allows; None where it is not known, and learnt from the server's headers."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    in_flight: int = 64


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Seconds. `first_byte` also bounds the silence between two bytes; `total` bounds the whole call."""

    connect: float = 10.0
    first_byte: float = 300.0
    total: float = 600.0
    bytes: int = 4_000_000


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model at an address. `name` is what documents and logs show; the key never shows."""

    name: str
    base_url: str = field(repr=False)
    model: str
    key: str = field(default="", repr=False)
    api_version: str = ""
    """Azure's; empty for everybody else, and for Azure's /openai/v1."""
    limits: Limits = Limits()
    deadlines: Deadlines = Deadlines()
    reasoning: str = ""
    """How much it may think before it answers: "minimal", "low", "medium" or "high"; "" leaves it to the server."""
    economy: bool = False
    """Ask for the flex tier: half the price, slow, and back to the usual one when it is full."""

    @property
    def identity(self) -> str:
        """What its replies and what they take depend on: the model, and how much it may think."""
        return f"{self.model}:{self.reasoning}" if self.reasoning else self.model

    @property
    def address(self) -> str:
        """Where it is, as people may see it: a name and password in `base_url` do not show."""
        parts = urlsplit(self.base_url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    @property
    def is_offline(self) -> bool:
        return not self.base_url

    @property
    def is_local(self) -> bool:
        host = urlsplit(self.base_url).hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"


OFFLINE = Endpoint(name="offline", base_url="", model="offline")
"""The built-in model: no address, no key, no limits but the calls in flight."""


def endpoints_from(settings: Settings) -> tuple[Endpoint, ...]:
    """The endpoints that the settings name; the offline model where they name none. KAPITOLA_MODELS comes first."""
    given = settings.model_dump()
    environ = {name.upper() if name.startswith("openai") else f"KAPITOLA_{name.upper()}": str(value)
               for name, value in given.items() if value not in (None, False, "")}  # fmt: skip
    if settings.openai_api_key is not None:
        environ["OPENAI_API_KEY"] = settings.openai_api_key.get_secret_value()
    named = {name: value for name, value in os.environ.items() if name not in environ}
    return endpoints({**named, **environ}) or (OFFLINE,)


def endpoints(environ: Mapping[str, str]) -> tuple[Endpoint, ...]:
    """The endpoints that are configured, in order of preference; none means the offline model.

    KAPITOLA_MODELS is a JSON list of {"model", "base_url", "key" or "key_env", "requests_per_minute", ...}, or the
    path of a TOML file with [[models]]. Raises EndpointsError, naming what is wrong and never a key.
    """
    if environ.get("KAPITOLA_MODEL") == "offline":
        return ()
    if listed := environ.get("KAPITOLA_MODELS", "").strip():
        found = tuple(_endpoint(entry, environ) for entry in _entries(listed))
    elif environ.get("OPENAI_API_KEY") or environ.get("OPENAI_BASE_URL"):
        found = (_endpoint({}, environ),)
    else:
        return ()
    if len({e.name for e in found}) < len(found):
        raise EndpointsError("KAPITOLA_MODELS: two models have the same name. Give each a `name` of its own.")
    if environ.get(ONLY_LOCAL, "") not in ("", "0"):
        for endpoint in found:
            forbid_remote(endpoint)
    return found


def forbid_remote(endpoint: Endpoint) -> None:
    if not (endpoint.is_offline or endpoint.is_local):
        raise EndpointsError(f"{endpoint.name}: {ONLY_LOCAL} is set, and {endpoint.address} is not this machine.")


def _entries(listed: str) -> list[dict[str, Any]]:
    try:
        if listed.startswith("["):
            found = json.loads(listed)
        else:
            found = tomllib.loads(Path(listed).read_text("utf-8"))["models"]
    except (ValueError, KeyError, OSError) as error:
        # The text may hold keys: only the kind of error is told.
        raise EndpointsError(
            "KAPITOLA_MODELS is neither a JSON list nor the path of a TOML file with [[models]]"
            f' ({type(error).__name__}). Example: [{{"model": "gpt-5-mini", "key_env": "OPENAI_API_KEY"}}]'
        ) from None
    if not isinstance(found, list) or not found or not all(isinstance(e, dict) for e in found):
        raise EndpointsError("KAPITOLA_MODELS must list at least one model, each as an object.")
    return found


_KNOWN = {
    "name", "model", "base_url", "key", "key_env", "api_version", "economy",
    "requests_per_minute", "tokens_per_minute", "calls_in_flight", "model_deadline", "reasoning",
}  # fmt: skip


def _endpoint(entry: dict[str, Any], environ: Mapping[str, str]) -> Endpoint:
    if unknown := set(entry) - _KNOWN:
        raise EndpointsError(f"KAPITOLA_MODELS: unknown {sorted(unknown)}. Known are {sorted(_KNOWN)}.")
    base_url = str(entry.get("base_url") or environ.get("OPENAI_BASE_URL") or OPENAI).rstrip("/")
    if urlsplit(base_url).scheme not in ("http", "https"):
        raise EndpointsError(
            "OPENAI_BASE_URL must begin with http:// or https://, for example http://127.0.0.1:11434/v1."
        )
    model = str(entry.get("model") or environ.get("KAPITOLA_MODEL") or DEFAULT_MODEL)
    # A key goes where it was given for: OPENAI_API_KEY is never sent to an address that only KAPITOLA_MODELS names.
    key_env = str(entry.get("key_env") or ("" if "base_url" in entry else "OPENAI_API_KEY"))
    key = str(entry.get("key") or environ.get(key_env, ""))
    return Endpoint(
        name=str(entry.get("name") or model),
        base_url=base_url,
        model=model,
        key=key,
        api_version=str(entry.get("api_version") or environ.get("OPENAI_API_VERSION", "")),
        limits=Limits(
            _positive(entry, environ, "requests_per_minute"),
            _positive(entry, environ, "tokens_per_minute"),
            _positive(entry, environ, "calls_in_flight") or _in_flight(base_url),
        ),
        deadlines=Deadlines(
            total=_positive(entry, environ, "model_deadline") or Deadlines().total,
            bytes=_positive(entry, environ, "reply_bytes") or Deadlines().bytes,
        ),
        reasoning=str(entry.get("reasoning") or environ.get("KAPITOLA_REASONING", "")),
        economy=bool(entry.get("economy", environ.get("KAPITOLA_ECONOMY", "") not in ("", "0"))),
    )


def _in_flight(base_url: str) -> int:
    return _FEW_IN_FLIGHT if urlsplit(base_url).port in _ANSWER_FEW else Limits().in_flight


def _positive(entry: Mapping[str, Any], environ: Mapping[str, str], name: str) -> int | None:
    value = entry.get(name) or environ.get(f"KAPITOLA_{name.upper()}")
    if not value:
        return None
    if not str(value).isdigit():
        raise EndpointsError(f"{name} must be a whole number above 0, not {str(value)[:20]!r}.")
    return int(value)
