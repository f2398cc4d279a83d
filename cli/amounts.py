"""Amounts as people read them: counts, durations, dollars."""

from __future__ import annotations


def counted(number: int, what: str) -> str:
    """ "1 lecture", "1,200 lectures"."""
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"


def duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5_400 else f"{seconds / 3600:.1f} h"


def dollars(cost: float | None) -> str:
    return "price unknown" if cost is None else f"${cost:.2f}" if cost >= 1 else f"${cost:.4f}"
