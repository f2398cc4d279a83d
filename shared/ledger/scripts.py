"""The ledger's Lua scripts, as files beside this one: every move of a state is one of them, whole or not at all."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def script(name: str, *before: str) -> str:
    """The text of `name`.lua, behind what all build on and behind `before` (other scripts' functions)."""
    folder = files("shared.ledger")
    parts = [(folder / f"{shared}.lua").read_text("utf-8") for shared in ("webhooks", "work")]
    return "\n".join([*parts, *before, (folder / f"{name}.lua").read_text("utf-8")])
