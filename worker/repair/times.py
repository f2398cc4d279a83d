"""Times in whatever form a model writes them → milliseconds."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

_MOST_SECONDS = 360_000
"""A bare number beyond a hundred hours cannot be seconds: it is milliseconds."""

_FRACTION = r"(?:[.,:;](\d{1,6}))?"
_CLOCK = rf"(\d{{1,4}})\s?:\s?(\d{{1,2}})(?:\s?:\s?(\d{{1,2}}){_FRACTION}|[.,](\d{{1,6}}))?(?![\d:])"
_UNITS = (
    r"(?=\d)(?:(\d{1,3})\s?h[a-z]{0,4}[\s,:]{0,2})?(?:(\d{1,4})\s?m(?:in[a-z]{0,4})?[\s,:]{0,2})?"
    r"(?:(\d{1,6})(?:\.(\d{1,6}))?\s?s[a-z]{0,6})?\.?"
)
_FIND_CLOCK = re.compile(rf"(?<![\d:.,]){_CLOCK}")
_ONLY_CLOCK = re.compile(rf"\W{{0,3}}{_CLOCK}\W{{0,3}}(?:(?:-->|->|[-–—~→]|to)\W{{0,3}}{_CLOCK}\W{{0,3}})?")
_ONLY_UNITS = re.compile(rf"\W{{0,3}}(?:PT)?{_UNITS}\W{{0,3}}", re.IGNORECASE)
_NUMBER = re.compile(r"[+]?(\d{1,12})(?:[.,](\d{1,9}))?\s?(?:s|sec|seconds)?")
_AS_ASKED = re.compile(r"\d{2,3}:[0-5]\d:[0-5]\d")
_INTEGER = re.compile(r"\d{1,9}")
_DASHED = re.compile(r"(\d{1,2})[-.](\d{2})[-.](\d{2})")


def as_asked(text: str) -> bool:
    """Whether the time is written as the prompt asks, "HH:MM:SS"."""
    return _AS_ASKED.fullmatch(text) is not None


def is_time(text: str) -> bool:
    """Whether the text is a clock time, or a range of them, and nothing else."""
    return len(text) <= 60 and _ONLY_CLOCK.fullmatch(unicodedata.normalize("NFKC", text).strip()) is not None


def milliseconds(text: str, key: str = "") -> int | None:
    """The first time in `text`, the value of a key that names a time; None if there is none.

    A bare number is seconds, or milliseconds where the key or its size says so.
    """
    plain = unicodedata.normalize("NFKC", text[:80]).replace('"', "").strip()
    if number := _NUMBER.fullmatch(plain):
        return _bare(number[1], number[2] or "", key)
    if found := _FIND_CLOCK.search(plain):
        return _clock(found)
    if found := _DASHED.fullmatch(plain):
        return _sum(found[1], found[2], found[3], "")
    if (found := _ONLY_UNITS.fullmatch(plain)) and any(found.groups()):
        return _sum(found[1], found[2], found[3], found[4])
    return None


def leading(text: str) -> tuple[int | None, str]:
    """A time at the beginning or end of a line, and the rest of the line."""
    for pattern in (_LEADING, _TRAILING):
        if found := pattern.match(text):
            ms = milliseconds(found["time"])
            if ms is not None and found["rest"].strip():
                return ms, found["rest"].strip()
    return None, text


_BARE_CLOCK = r"\d{1,4}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_RANGE = rf"{_BARE_CLOCK}(?:\s?(?:-->|->|[-–—~→]|to)\s?{_BARE_CLOCK})?"
_LEADING = re.compile(
    rf"[\[(*`_~]{{0,4}}(?P<time>{_RANGE})[\])*`_]{{0,4}}\s*[-–—:|.)]{{0,2}}\s+(?P<rest>.+)", re.DOTALL
)
_TRAILING = re.compile(
    rf"(?P<rest>[^\n]{{1,400}}?)\s*[-–—:|,@]{{0,2}}\s?[\[(*`_]{{0,4}}(?:at |start(?:s|_time)?:? |from )?"
    rf"(?P<time>(?<![\d:]){_RANGE})[\])*`_]{{0,4}}\s*$"
)


def of_units(parts: dict[Any, Any]) -> int | None:
    """{"hours": 0, "minutes": 1, "seconds": 2}, or the start of a range as an object."""
    by_unit = {str(name)[:1].lower(): value for name, value in parts.items() if str(value).isdecimal()}
    if by_unit and by_unit.keys() <= {"h", "m", "s"} and "s" in by_unit:
        hours, minutes, seconds = (str(by_unit.get(unit, 0))[:6] for unit in "hms")
        return _sum(hours, minutes, seconds, "")
    start = next((v for name, v in parts.items() if str(name).lower() in ("start", "from", "begin")), None)
    return milliseconds(str(start)) if isinstance(start, str | int | float) and not isinstance(start, bool) else None


def cue_number(text: str) -> int | None:
    """The first whole number in `text`, the value of a key that names a cue."""
    found = _INTEGER.search(text[:40])
    return int(found[0]) if found else None


def _bare(whole: str, fraction: str, key: str) -> int:
    if key.endswith(("ms", "millis", "milliseconds")) or int(whole) > _MOST_SECONDS:
        return int(whole)
    return int(whole) * 1000 + _thousandths(fraction)


def _clock(found: re.Match[str]) -> int | None:
    first, second, third, fraction, short_fraction = found.groups()[:5]
    if third is None:
        return _sum("0", first, second, short_fraction or "")
    return _sum(first, second, third, fraction or "")


def _sum(hours: str | None, minutes: str | None, seconds: str | None, fraction: str | None) -> int | None:
    h, m, s = (int(part or 0) for part in (hours, minutes, seconds))
    if (s > 59 and (h or m)) or (m > 59 and h):
        return None
    return ((h * 60 + m) * 60 + s) * 1000 + _thousandths(fraction or "")


def _thousandths(digits: str) -> int:
    return int(digits[:3].ljust(3, "0")) if digits else 0
