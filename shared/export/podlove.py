"""psc: Podlove Simple Chapters, for podcast feeds and players."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, register_namespace

from shared.export.flatten import flatten
from shared.export.source import ExportOptions, Source, Warn, moment
from shared.export.webvtt import timestamp
from shared.export.xml_document import text_of

NAMESPACE = "http://podlove.org/simple-chapters"
register_namespace("psc", NAMESPACE)


def write(source: Source, options: ExportOptions, warn: Warn) -> str:
    root = Element(f"{{{NAMESPACE}}}chapters", version="1.2")
    for chapter in flatten(source, options.depth, warn):
        entry = SubElement(root, f"{{{NAMESPACE}}}chapter", start=timestamp(chapter.start), title=chapter.title)
        if options.media_url:
            entry.set("href", moment(options.media_url, chapter.start))
    return text_of(root)
