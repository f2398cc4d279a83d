"""Which format of an outline a client takes: `?format=`, or else its Accept header (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterator

from api.errors import NotAcceptableError
from shared.export import FORMATS, Format, format_named

_DEFAULT = "json"


def chosen_format(name: str | None, accept: str | None) -> Format:
    """Raises ExportRefusedError for a name that there is not, NotAcceptableError for types that there are not."""
    if name is not None:
        return format_named(name)
    if not accept or not accept.strip():
        return FORMATS[_DEFAULT]
    for wanted in _by_preference(accept):
        for known in FORMATS.values():
            if _fits(wanted, _bare(known.media_type)):
                return known
    offered = ", ".join(dict.fromkeys(_bare(known.media_type) for known in FORMATS.values()))
    raise NotAcceptableError(f"There is no format that Accept asks for. There are {offered}; or name one: ?format=...")


def _by_preference(accept: str) -> Iterator[str]:
    """The media types that are wanted, best first; of equal ones the more exact, then the first."""
    ranges = []
    for part in accept.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(parameters)
        if kind and quality > 0:
            ranges.append((-quality, kind.count("*"), kind))
    return (kind for _, _, kind in sorted(ranges, key=lambda each: each[:2]))


def _quality(parameters: list[str]) -> float:
    given = next((p[2:].strip() for p in parameters if p.startswith("q=")), "1")
    try:
        return min(float(given), 1.0)
    except ValueError:
        return 1.0


def _fits(wanted: str, kind: str) -> bool:
    if wanted == "*/*":
        return True
    return wanted == kind or (wanted.endswith("/*") and kind.startswith(wanted[:-1]))


def _bare(media_type: str) -> str:
    return media_type.partition(";")[0]
