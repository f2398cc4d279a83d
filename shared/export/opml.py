"""opml: OPML 2.0, for outliners and mind-map programs; `_note`, which most of them show, holds the time."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement

from shared.export.source import ExportOptions, Source, Warn, moment
from shared.export.xml_document import text_of
from shared.outline import Section


def write(source: Source, options: ExportOptions, _warn: Warn) -> str:
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = source.name
    _outlines(SubElement(root, "body"), source.sections, options)
    return text_of(root)


def _outlines(parent: Element, sections: Sequence[Section], options: ExportOptions) -> None:
    for section in sections:
        note = f"{section.start_time} {section.quote}".rstrip()
        entry = SubElement(parent, "outline", text=section.title, _note=note)
        if options.media_url:
            entry.set("type", "link")
            entry.set("url", moment(options.media_url, section.start))
        _outlines(entry, section.subsections, options)
