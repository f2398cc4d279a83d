"""audacity: a label track (File, Import, Labels)."""

from __future__ import annotations

from shared.export.flatten import flatten
from shared.export.source import ExportOptions, Source, Warn


def write(source: Source, options: ExportOptions, warn: Warn) -> str:
    return "".join(
        f"{_seconds(chapter.start)}\t{_seconds(chapter.end)}\t{chapter.title}\n"
        for chapter in flatten(source, options.depth, warn)
    )


def _seconds(ms: int) -> str:
    return f"{ms // 1000}.{ms % 1000:03}000"
