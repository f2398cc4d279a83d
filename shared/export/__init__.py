"""One outline, many files: the table of formats that API, CLI and page all read. docs/exports.md states the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from shared.export import (
    anki,
    audacity,
    edl,
    ffmetadata,
    iiif,
    jsonld,
    markdown,
    matroska,
    mermaid,
    opml,
    outline_json,
    page,
    podcast,
    podlove,
    table_csv,
    webvtt,
    youtube,
)
from shared.export.source import Export, ExportOptions, ExportRefusedError, Source, Warn
from shared.export.tidy import tidy
from shared.export.titles import one_line

__all__ = ["FORMATS", "Export", "ExportOptions", "ExportRefusedError", "Format", "Source", "export", "format_named"]


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


_UTF8 = "; charset=utf-8"
_IIIF = 'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json"'

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        known.name: known
        for known in (
            Format("json", "Outline (JSON)", ".json", "application/json", False, outline_json.write),
            Format("markdown", "Markdown, Obsidian", ".md", f"text/markdown{_UTF8}", False, markdown.write),
            Format("html", "Web page with the transcript", ".html", f"text/html{_UTF8}", False, page.write),
            Format("youtube", "YouTube chapters", ".youtube.txt", f"text/plain{_UTF8}", True, youtube.write),
            Format(
                "podcast",
                "Podcast chapters (Podcasting 2.0)",
                ".chapters.json",
                "application/json+chapters",
                True,
                podcast.write,
            ),
            Format("webvtt", "WebVTT chapters", ".chapters.vtt", f"text/vtt{_UTF8}", False, webvtt.write),
            Format("ffmetadata", "Chapters for ffmpeg", ".ffmetadata", f"text/plain{_UTF8}", True, ffmetadata.write),
            Format("matroska", "Matroska chapters", ".matroska.xml", "application/xml", False, matroska.write),
            Format("psc", "Podlove Simple Chapters", ".psc.xml", "application/xml", True, podlove.write),
            Format("opml", "OPML, for outliners", ".opml", "text/x-opml", False, opml.write),
            Format("mermaid", "Mermaid mind map", ".mmd", f"text/vnd.mermaid{_UTF8}", False, mermaid.write),
            Format("anki", "Anki cards", ".anki.txt", f"text/plain{_UTF8}", False, anki.write),
            Format("csv", "Spreadsheet (CSV)", ".csv", f"text/csv{_UTF8}", False, table_csv.write),
            Format("audacity", "Audacity labels", ".labels.txt", f"text/plain{_UTF8}", True, audacity.write),
            Format("edl", "DaVinci Resolve markers", ".edl", f"text/plain{_UTF8}", True, edl.write),
            Format("iiif", "IIIF Presentation 3, for archives", ".iiif.json", _IIIF, False, iiif.write),
            Format("jsonld", "schema.org for search engines", ".jsonld", "application/ld+json", True, jsonld.write),
        )
    }
)

_AS_IT_IS = ExportOptions()


def format_named(name: str) -> Format:
    """The format of that name. Raises ExportRefusedError, naming those there are, if there is none."""
    if name not in FORMATS:
        raise ExportRefusedError(f"There is no format “{one_line(name)}”", f"Choose one of {', '.join(FORMATS)}")
    return FORMATS[name]


def export(source: Source, format: str, options: ExportOptions = _AS_IT_IS) -> Export:
    """`source` as a file of the format of that name. Raises ExportRefusedError for a format there is not."""
    chosen = format_named(format)
    warnings: list[str] = []
    spoken_of = replace(source, language=options.language) if options.language else source
    tidied = tidy(spoken_of, None if chosen.flat else options.depth, warnings.append)
    content = chosen.write(tidied, options, warnings.append).encode()
    if source.incomplete:
        warnings.append("incomplete: parts of the lecture have no sections; its document names them")
    return Export(content, chosen.media_type, chosen.suffix, tuple(warnings))
