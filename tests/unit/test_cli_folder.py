"""The output folder: what a rerun leaves alone, what it writes again, and whose names are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.folder import OutlineFolder
from cli.transcripts import TranscriptFile

FILE = TranscriptFile(0, Path("in/lecture.srt"), Path("lecture"), "lecture.srt")


@pytest.fixture
def folder(tmp_path: Path) -> OutlineFolder:
    return OutlineFolder(tmp_path / "out")


def delivered(folder: OutlineFolder, mark: str = "m", file: TranscriptFile = FILE) -> None:
    folder.note(mark, file, "lec_1", "bat_1", "here")
    for format in folder.missing(mark, ["json", "markdown"]):
        folder.write(mark, format, b"content")
    folder.complete(mark)


def test_a_complete_outline_is_known_to_the_next_run(folder: OutlineFolder) -> None:
    delivered(folder)
    again = OutlineFolder(folder.path)
    assert again.has("m", ["json", "markdown"])
    assert not again.has("m", ["json", "html"])
    assert again.missing("m", ["json", "html"]) == ["html"]
    assert sorted(path.name for path in folder.path.iterdir()) == [".kapitola.json", "lecture.json", "lecture.md"]


def test_a_file_that_was_deleted_is_missing_and_one_that_was_corrected_is_not(folder: OutlineFolder) -> None:
    delivered(folder)
    (folder.path / "lecture.json").unlink()
    (folder.path / "lecture.md").write_text("corrected")
    assert not folder.has("m", ["json"])
    assert folder.has("m", ["markdown"])
    assert folder.missing("m", ["json", "markdown"]) == ["json"]


def test_what_was_handed_in_is_found_again_on_the_same_server_only(folder: OutlineFolder) -> None:
    folder.note("m", FILE, "lec_1", "bat_1", "here")
    folder.save()
    again = OutlineFolder(folder.path)
    assert again.lecture("m", "here") == ("bat_1", "lec_1")
    assert again.lecture("m", "there") is None
    assert again.lecture("n", "here") is None


def test_a_further_format_of_what_the_server_has_forgotten_leaves_corrections_alone(folder: OutlineFolder) -> None:
    delivered(folder)
    folder.note("m", FILE, "lec_2", "bat_2", "here")
    assert folder.missing("m", ["json", "html"]) == ["html"]
    folder.note("changed", FILE, "lec_3", "bat_3", "here")
    assert folder.missing("changed", ["json", "html"]) == ["json", "html"]


def test_an_outline_that_was_not_complete_is_written_anew(folder: OutlineFolder) -> None:
    folder.note("m", FILE, "lec_1", "bat_1", "here")
    folder.write("m", "json", b"with a hole")
    assert not folder.has("m", ["json"])
    assert folder.missing("m", ["json"]) == ["json"]


def test_a_changed_transcript_keeps_its_name_and_the_old_outline_is_forgotten(folder: OutlineFolder) -> None:
    delivered(folder, "old")
    folder.note("new", FILE, "lec_2", "bat_2", "here")
    folder.write("new", "json", b"other")
    assert (folder.path / "lecture.json").read_bytes() == b"other"
    assert not folder.has("old", ["json"])


def test_another_transcript_never_takes_the_name_of_an_outline_that_is_there(folder: OutlineFolder) -> None:
    delivered(folder)
    folder.note(
        "other", TranscriptFile(0, Path("in/Lecture.vtt"), Path("Lecture"), "Lecture.vtt"), "lec_2", "bat_2", "here"
    )
    folder.write("other", "json", b"other")
    assert (folder.path / "lecture.json").read_bytes() == b"content"
    assert (folder.path / "Lecture (2).json").read_bytes() == b"other"


@pytest.mark.parametrize("spoilt", ["", "{", "[]", "[1]", '"x"', "null"])
def test_spoilt_notes_are_as_good_as_none(folder: OutlineFolder, spoilt: str) -> None:
    folder.path.mkdir()
    (folder.path / ".kapitola.json").write_text(spoilt)
    assert not OutlineFolder(folder.path).has("m", ["json"])
