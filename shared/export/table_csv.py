"""csv: a row per section (RFC 4180), with a byte order mark, without which Excel garbles everything but English."""

from __future__ import annotations

import csv
import io

from shared.export.source import ExportOptions, Source, Warn
from shared.outline import clock, walk

COLUMNS = ("level", "start", "end", "title", "within", "quote")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""What makes a spreadsheet run a cell (CSV injection); Excel takes the full-width forms for the same."""


def write(source: Source, _options: ExportOptions, _warn: Warn) -> str:
    above: list[str] = []
    rows: list[tuple[str, ...]] = [COLUMNS]
    for path, section in walk(source.sections):
        level = len(path)
        del above[level - 1 :]
        rows.append(
            (str(level), section.start_time, clock(section.end), section.title, " > ".join(above), section.quote)
        )
        above.append(section.title)
    return "\ufeff" + table(rows)


def table(rows: list[tuple[str, ...]]) -> str:
    """`rows` as CSV in which no cell is a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([defused(cell) for cell in row] for row in rows)
    return out.getvalue()


def defused(cell: str) -> str:
    """`cell` with an apostrophe before it if a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
