"""One outline, many files: the table of formats that API, CLI and page all read. docs/exports.md states the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.export import markdown, outline_json, page, table_csv, webvtt, youtube
from shared.export.source import Export, ExportOptions, ExportRefusedError, Source, Warn
from shared.export.tidy import tidy

__all__ = ["FORMATS", "Export", "ExportOptions", "ExportRefusedError", "Format", "Source", "export"]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file that an outline can be written as. `write` takes a tidied source."""

    name: str
    title: str
    """What it is called where people choose."""
    suffix: str
    media_type: str
    flat: bool
    """Whether it knows no nesting: then one level is written unless a depth is asked for."""
    write: Callable[[Source, ExportOptions, Warn], str]


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        known.name: known
        for known in (
            Format("json", "Outline (JSON)", ".json", "application/json", False, outline_json.write),
            Format("markdown", "Markdown, Obsidian", ".md", "text/markdown; charset=utf-8", False, markdown.write),
            Format("html", "Web page, one file", ".html", "text/html; charset=utf-8", False, page.write),
            Format("youtube", "YouTube chapters", ".youtube.txt", "text/plain; charset=utf-8", True, youtube.write),
            Format("webvtt", "WebVTT chapters", ".chapters.vtt", "text/vtt; charset=utf-8", False, webvtt.write),
            Format("csv", "Spreadsheet (CSV)", ".csv", "text/csv; charset=utf-8", False, table_csv.write),
        )
    }
)

_AS_IT_IS = ExportOptions()


def export(source: Source, format: str, options: ExportOptions = _AS_IT_IS) -> Export:
    """`source` as a file of the format of that name. Raises ExportRefusedError for a format there is not."""
    chosen = FORMATS.get(format)
    if chosen is None:
        raise ExportRefusedError(f"There is no format “{format}”", f"Choose one of {', '.join(FORMATS)}")
    warnings: list[str] = []
    tidied = tidy(source, None if chosen.flat else options.depth, warnings.append)
    content = chosen.write(tidied, options, warnings.append).encode()
    if source.incomplete:
        warnings.append("incomplete: parts of the lecture have no sections; its document names them")
    return Export(content, chosen.media_type, chosen.suffix, tuple(warnings))
