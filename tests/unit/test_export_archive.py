"""The zip of a batch: streamed, with names that are unique, relative and safe."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.export import ExportRefusedError, Source, export
from shared.export.archive import Archive, unique_name
from shared.outline import Section
from tests.exports.hostile import zipped

SECTION = Section(title="=Jména & <časy>", start=0, end=60_000, cue=0)
LECTURE = Source("Lecture", 60_000, "en", (SECTION,), notes=("Model: none.",))

HOSTILE: tuple[str, ...] = (
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\x",
    "a\x00b",
    "\u202egnp.exe",
    "x" * 4096,
    "č" * 4096,
    "CON",
    "nul.txt",
)
HOSTILE += (
    "",
    ".",
    "..",
    "...",
    "a.",
    "a ",
    " a",
    "A",
    "a",
    "a\u0301",
    "\u00e1",
    "\ud800",
    "tab\tname\r\nX: y",
    "\x1b[31m",
)


def opened(sources: list[Source], *formats: str) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(zipped(sources, formats)))
    assert archive.testzip() is None
    return archive


def test_a_zip_holds_every_lecture_in_every_format_and_two_indexes() -> None:
    archive = opened([LECTURE, replace(LECTURE, name="lecture")], "json", "html")
    expected = ["json/Lecture.json", "html/Lecture.html", "json/lecture (2).json", "html/lecture (2).html"]
    assert archive.namelist() == [*expected, "index.html", "index.csv"]
    assert archive.read("json/Lecture.json") == export(LECTURE, "json").content


def test_the_index_links_each_section_and_its_cells_are_no_formulas() -> None:
    archive = opened([replace(LECTURE, name="=1+1 #?%")], "html", "csv")
    page = archive.read("index.html").decode()
    assert 'href="html/%3D1%2B1%20%23_%25.html#s-1"' in page
    assert "=Jména &amp; &lt;časy&gt;" in page
    assert "html: dropped: the transcript" in page
    rows = list(csv.reader(io.StringIO(archive.read("index.csv").decode("utf-8-sig"))))
    assert rows[0][:6] == ["name", "duration", "language", "sections", "html", "csv"]
    assert rows[1][:5] == ["'=1+1 #?%", "00:01:00", "en", "1", "html/=1+1 #_%.html"]
    assert "html: dropped: the transcript" in rows[1][-1]


@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), max_size=40))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_names_are_unique_relative_and_safe_on_every_system(names: list[str]) -> None:
    taken: set[str] = set()
    made = [unique_name(name, taken) for name in [*names, *HOSTILE]]
    assert len({name.casefold() for name in made}) == len(made)
    for name in made:
        assert name == name.strip(". ") != ""
        assert not set(name) & set('\\/:*?"<>|\0\r\n\t\x1b\u202e')
        assert len(name.encode()) < 140
        assert name.split(".")[0].upper() not in {"CON", "NUL"}


def test_a_zip_is_sent_while_it_is_made() -> None:
    archive = Archive(["markdown"])
    pieces = [archive.add(replace(LECTURE, name=f"Lecture {number}")) for number in range(200)]
    assert pieces[0].startswith(b"PK")
    assert max(map(len, pieces)) < 1_000, "only the indexes at the end grow with the number of lectures"
    assert zipfile.ZipFile(io.BytesIO(b"".join([*pieces, archive.finish()]))).testzip() is None


def test_an_unknown_format_is_refused_before_the_first_byte() -> None:
    with pytest.raises(ExportRefusedError, match="docx"):
        Archive(["json", "docx"])


def test_the_same_lectures_give_the_same_zip() -> None:
    assert zipped([LECTURE], ["json"]) == zipped([LECTURE], ["json"])
