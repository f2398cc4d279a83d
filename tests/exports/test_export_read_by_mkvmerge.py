"""mkvmerge reads the Matroska chapters, nested."""

from __future__ import annotations

from pathlib import Path

from lxml import etree

from shared.export import export
from shared.export.tidy import distinct, tidy
from shared.export.webvtt import timestamp
from shared.outline import Section
from tests.exports.foreign import batch, program, run

Node = tuple[str, str, str, list["Node"]]


def read(atoms: list[etree._Element]) -> list[Node]:
    return [
        (
            str(atom.findtext("ChapterTimeStart")),
            str(atom.findtext("ChapterTimeEnd")),
            str(atom.findtext("ChapterDisplay/ChapterString")),
            read(atom.findall("ChapterAtom")),
        )
        for atom in atoms
    ]


def expected(sections: tuple[Section, ...]) -> list[Node]:
    return [
        (f"{timestamp(s.start)}000000", f"{timestamp(s.end)}000000", s.title, expected(s.subsections)) for s in sections
    ]


def test_mkvmerge_reads_the_same_tree(tmp_path: Path) -> None:
    written, muxed = tmp_path / "chapters.xml", tmp_path / "chapters.mkv"
    read_ones = 0
    for source in batch(20):
        if not source.sections:
            continue
        written.write_bytes(export(source, "matroska").content)
        run(program("mkvmerge"), "-q", "-o", str(muxed), "--chapters", str(written))
        given = run(program("mkvextract"), str(muxed), "chapters", "-").lstrip("\ufeff")
        root = etree.fromstring(given.encode())
        edition = root.find("EditionEntry")
        assert edition is not None
        tidied = tidy(source, None, lambda _: None)
        assert read(edition.findall("ChapterAtom")) == expected(distinct(tidied.sections, lambda _: None))
        assert {element.text for element in root.iter("ChapLanguageIETF")} == {tidied.language}
        numbers = [element.text for element in root.iter("ChapterUID")]
        assert len(set(numbers)) == len(numbers)
        read_ones += 1
    assert read_ones > 10
