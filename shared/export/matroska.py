"""matroska: nested chapters for `mkvmerge --chapters` and mkvpropedit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from xml.etree.ElementTree import Element, SubElement

from shared.export.source import ExportOptions, Source, Warn
from shared.export.tidy import distinct
from shared.export.webvtt import timestamp
from shared.export.xml_document import text_of
from shared.outline import Section


def write(source: Source, _options: ExportOptions, warn: Warn) -> str:
    root = Element("Chapters")
    _atoms(SubElement(root, "EditionEntry"), distinct(source.sections, warn), source.language, count(1))
    return text_of(root)


def _atoms(parent: Element, sections: Sequence[Section], language: str, numbers: Iterator[int]) -> None:
    for section in sections:
        atom = SubElement(parent, "ChapterAtom")
        SubElement(atom, "ChapterUID").text = str(next(numbers))
        SubElement(atom, "ChapterTimeStart").text = _nanoseconds(section.start)
        SubElement(atom, "ChapterTimeEnd").text = _nanoseconds(section.end)
        display = SubElement(atom, "ChapterDisplay")
        SubElement(display, "ChapterString").text = section.title
        SubElement(display, "ChapLanguageIETF").text = language
        _atoms(atom, section.subsections, language, numbers)


def _nanoseconds(ms: int) -> str:
    return f"{timestamp(ms)}000000"
