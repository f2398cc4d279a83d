"""The shapes of answers, as JSON schemas that servers can enforce. Strict mode wants an object at the root."""

from __future__ import annotations

from typing import Any, Literal

from worker.exchange import Purpose

Structure = Literal["recursive", "unrolled", "json", "none"]
LADDER: tuple[Structure, ...] = ("recursive", "unrolled", "json", "none")
"""From what is enforced best to what any server takes. A server that refuses a rung gets the next, for good."""

_LEVELS = 4
"""Deep enough for any lecture: three hundred sections of ten fit three levels."""


def response_format(purpose: Purpose, structure: Structure) -> dict[str, Any] | None:
    """The `response_format` that asks for the purpose's answer, or None where the server takes none."""
    if structure == "none":
        return None
    if structure == "json":
        return {"type": "json_object"}
    schema = _outline(structure) if purpose in ("outline", "correct") else _FLAT[purpose]
    return {"type": "json_schema", "json_schema": {"name": purpose, "strict": True, "schema": schema}}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}

_FLAT: dict[str, dict[str, Any]] = {
    "translate": _object(titles=_array(_TEXT)),
    "group": _object(groups=_array(_object(title=_TEXT, sections=_array(_NUMBER))), same=_array(_NUMBER)),
}


def _outline(structure: Structure) -> dict[str, Any]:
    """Sections as worker/prompts/outline.txt asks for them."""
    if structure == "recursive":
        section = _object(title=_TEXT, start_time=_TEXT, cue=_NUMBER, subsections=_array({"$ref": "#/$defs/section"}))
        return _object(outline=_array({"$ref": "#/$defs/section"})) | {"$defs": {"section": section}}
    level = _object(title=_TEXT, start_time=_TEXT, cue=_NUMBER)
    for _ in range(_LEVELS - 1):
        level = _object(title=_TEXT, start_time=_TEXT, cue=_NUMBER, subsections=_array(level))
    return _object(outline=_array(level))
