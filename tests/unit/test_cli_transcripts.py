"""Which files a command means, and what their outlines are called."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import pytest

from cli.transcripts import TranscriptFile, refused_at_sight, transcripts


def written(*paths: Path, content: str = "x") -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def stems(files: list[TranscriptFile]) -> list[str]:
    return [str(file.stem) for file in files]


def test_a_folder_is_searched_to_the_bottom_and_outlines_keep_their_place(tmp_path: Path) -> None:
    written(tmp_path / "b.srt", tmp_path / "week 1" / "a.VTT", tmp_path / "week 2" / "a.sbv", tmp_path / "notes.txt")
    assert stems(transcripts([tmp_path])) == ["b", "week 1/a", "week 2/a"]


def test_of_json_only_transcripts_are_taken_from_a_folder_and_hidden_files_never(tmp_path: Path) -> None:
    written(tmp_path / "whisper.json", content='{"text": "a", "segments": []}')
    written(tmp_path / "outline.json", content='[{"title": "a", "start_time": "00:00:00", "subsections": []}]')
    written(tmp_path / "._lecture.srt", tmp_path / ".kapitola.json")
    assert stems(transcripts([tmp_path])) == ["whisper"]
    assert stems(transcripts([tmp_path / "outline.json"])) == ["outline"]  # named: its user knows better


def test_what_an_earlier_run_wrote_into_the_folder_is_not_taken_for_transcripts(tmp_path: Path) -> None:
    written(tmp_path / "a.srt", tmp_path / "outlines" / "a.chapters.vtt")
    assert stems(transcripts([tmp_path], but=tmp_path / "outlines")) == ["a"]


def test_patterns_are_expanded_where_the_shell_has_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "a.srt", tmp_path / "deep" / "down" / "b.srt", tmp_path / "c.txt")
    monkeypatch.chdir(tmp_path)
    assert stems(transcripts([Path("**/*.srt")])) == ["a", "b"]
    written(tmp_path / "odd[1].srt")
    assert stems(transcripts([Path("odd[1].srt")])) == ["odd[1]"]  # a file of that very name goes first


def test_a_file_that_is_named_twice_is_taken_once_and_equal_names_get_numbers(tmp_path: Path) -> None:
    written(tmp_path / "a" / "x.srt", tmp_path / "b" / "x.srt", tmp_path / "b" / "x.vtt")
    named = [tmp_path / "a" / "x.srt", tmp_path / "a" / "x.srt", tmp_path / "b" / "x.srt", tmp_path / "b" / "x.vtt"]
    assert stems(transcripts(named)) == ["x", "x (2)", "x (3)"]


def test_files_are_shown_by_the_shortest_path_that_tells_them_apart(tmp_path: Path) -> None:
    written(tmp_path / "a" / "w1" / "x.srt", tmp_path / "b" / "w1" / "x.srt", tmp_path / "b" / "w2" / "x.srt")
    written(tmp_path / "b" / "y.srt")
    labels = {file.label for file in transcripts([tmp_path])}
    assert labels == {"a/w1/x.srt", "b/w1/x.srt", "w2/x.srt", "y.srt"}
    assert transcripts([tmp_path / "a"])[0].label == "x.srt"


def test_what_no_server_would_take_is_known_at_sight(tmp_path: Path) -> None:
    written(tmp_path / "empty.srt", content="")
    written(tmp_path / "good.srt", content="1\n00:00:01,000 --> 00:00:02,000\nBread.\n")
    written(tmp_path / "page.srt", content="<html><body>Not found</body></html>")
    written(tmp_path / "long.srt", content="x" * 2_000)
    refused = refused_at_sight(transcripts([tmp_path]), None, most_bytes=1_000)
    told = {file.label: problem for file, problem in refused.items()}
    assert told.keys() == {"empty.srt", "page.srt", "long.srt"}
    assert told["empty.srt"].startswith("empty.srt: the file is empty. Expected")
    assert "web page" in told["page.srt"] and "larger than 0.001 MB" in told["long.srt"]


def test_more_than_is_read_in_a_moment_is_left_to_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.transcripts._READ_AT_SIGHT", 10)
    written(tmp_path / "a.srt", tmp_path / "b.srt", content="nothing")
    refused = refused_at_sight(transcripts([tmp_path]), None, most_bytes=1_000)
    assert [file.label for file in refused] == ["a.srt"]


@pytest.mark.parametrize("name", ["not there.srt", "*.srt", "\x1b[31m.srt"])
def test_a_name_that_nothing_has_is_wrong_usage(tmp_path: Path, name: str) -> None:
    with pytest.raises(click.UsageError, match="There is no file"):
        transcripts([tmp_path / name])


def test_a_folder_without_transcripts_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(click.UsageError, match="holds no transcripts"):
        transcripts([tmp_path])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    written(tmp_path / "a.srt")
    (tmp_path / "a.srt").chmod(0)
    with pytest.raises(click.UsageError, match="no permission"):
        transcripts([tmp_path / "a.srt"])


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS takes no names that are not UTF-8")
def test_hostile_names_are_read_and_get_harmless_ones(tmp_path: Path) -> None:
    names = [b"\xff\xfe lekce.srt", b"tab\tand\nline.srt", b"\x1b[31mred.srt", b"k" * 250 + b".srt", b" .. .srt"]
    for name in names:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_bytes(b"x")
    found = transcripts([tmp_path])
    assert len(found) == len(names)
    for file in found:
        assert len(file.digest) == 64
        file.name.encode()
        assert str(file.stem).isprintable()
        (tmp_path / f"{file.stem}.json").write_text("[]")


def test_name_place_and_content_make_a_file_what_it_is(tmp_path: Path) -> None:
    written(tmp_path / "a.srt", tmp_path / "b.srt")
    first, other = transcripts([tmp_path])
    assert first.digest == transcripts([tmp_path])[0].digest
    assert first.digest != other.digest
    written(tmp_path / "a.srt", content="y")
    assert first.digest != transcripts([tmp_path])[0].digest
