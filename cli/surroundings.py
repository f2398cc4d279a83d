"""What the processes of the embedded stack see of the user's settings, checked before any of them is started."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError

from cli.local_redis import LocalError
from shared.endpoints import OFFLINE, endpoints
from shared.settings import Settings

_PATHS = ("KAPITOLA_MODELS", "KAPITOLA_PRICES")
"""Settings that may be paths: relative to where the user is, not to where the processes run."""


def surroundings(redis: Path, model: str | None) -> dict[str, str]:
    """What the processes see: `.env` of the folder the user is in, the user's environment, and this stack's Redis."""
    named = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    named = {**named, **os.environ, "KAPITOLA_REDIS_URL": f"unix://{redis}"}
    if model:
        named["KAPITOLA_MODEL"] = model
    for name in _PATHS:
        if (given := named.get(name, "").strip()) and not given.startswith("["):
            named[name] = str(Path(given).absolute())
    try:
        Settings()
    except ValidationError as error:
        wrong = "\n".join(f"  {_variable(e['loc'][0])}: {e['msg']}" for e in error.errors(include_url=False))
        raise LocalError(f"These settings cannot be used (docs/settings.md has them all):\n{wrong}") from None
    return named


def asked(surroundings: Mapping[str, str]) -> str:
    """The models that the processes ask, a line each: its name, its address, and how much it may think."""
    found = endpoints(surroundings) or (OFFLINE,)
    return "\n".join(f"{each.model} {each.address} {each.reasoning}".strip() for each in found)


def _variable(field: str | int) -> str:
    name = str(field).upper()
    return name if name.startswith("OPENAI_") else f"KAPITOLA_{name}"
