"""ffmpeg reads what ffmetadata says, and `kapitola chapters` puts it into recordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cli.chapters import chapters
from shared.export import ExportOptions, export
from shared.export.ffmetadata import LAST_BACKSLASH
from shared.export.flatten import flatten
from shared.export.tidy import tidy
from tests.exports.foreign import batch, program, run

OUTLINE = [
    {"title": "Begin = # ; \\ x", "start_time": "00:00:00", "subsections": []},
    {
        "title": "„Střed“",
        "start_time": "00:00:02",
        "subsections": [{"title": "Inner", "start_time": "00:00:03", "subsections": []}],
    },
    {"title": "End", "start_time": "00:00:04", "subsections": []},
]


def probed(path: Path, *more: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(
        run(program("ffprobe"), "-v", "error", "-of", "json", "-show_chapters", *more, str(path))
    )
    return read


def spelt(title: str) -> str:
    return title[:-1] + LAST_BACKSLASH if title.endswith("\\") else title


def test_ffmpeg_reads_the_same_starts_and_titles(tmp_path: Path) -> None:
    file = tmp_path / "chapters.ffmetadata"
    for source in batch(25):
        for depth in (1, 3):
            file.write_bytes(export(source, "ffmetadata", ExportOptions(depth=depth)).content)
            expected = flatten(tidy(source, None, lambda _: None), depth, lambda _: None)
            read = probed(file, "-show_format", "-f", "ffmetadata")
            assert read["format"]["tags"]["title"] == spelt(tidy(source, None, lambda _: None).name)
            assert [(c["start"], c["tags"]["title"]) for c in read["chapters"]] == [
                (c.start, spelt(c.title)) for c in expected
            ]
            assert [c["end"] for c in read["chapters"]] == [c.end for c in expected]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "lecture.mp4"
    picture, sound = ("-f", "lavfi", "-i", "testsrc=size=64x36:rate=5"), ("-f", "lavfi", "-i", "sine")
    run(program("ffmpeg"), "-v", "error", *picture, *sound, "-t", "6", "-c:v", "mpeg4", "-c:a", "aac", str(path))
    return path


@pytest.fixture
def outline(tmp_path: Path) -> Path:
    path = tmp_path / "outline.json"
    path.write_text(json.dumps(OUTLINE), encoding="utf-8")
    return path


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(chapters, [str(argument) for argument in arguments])


def copied(recording: Path, folder: Path, name: str) -> Path:
    """The recording under another name, in the container that the name says."""
    path = folder / name
    run(program("ffmpeg"), "-v", "error", "-i", f"file:{recording}", "-c", "copy", f"file:{path}")
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "-dash: colon.mp4"])
def test_chapters_are_written_into_a_recording_however_often(
    name: str, recording: Path, outline: Path, tmp_path: Path
) -> None:
    media = copied(recording, tmp_path, name)
    for _ in range(2):
        done = invoke("--", media, outline)
        assert done.exit_code == 0, done.output
        read = json.loads(
            run(program("ffprobe"), "-v", "error", "-of", "json", "-show_chapters", "-show_streams", f"file:{media}")
        )
        titles = [(float(c["start_time"]), c["tags"]["title"]) for c in read["chapters"]]
        assert titles == [(0.0, "Begin = # ; \\ x"), (2.0, "„Střed“"), (4.0, "End")]
        assert sum(stream["codec_type"] in {"video", "audio"} for stream in read["streams"]) == 2
        assert len(read["streams"]) <= 3, "an old chapter track is not carried along"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, outline.name])


def test_another_output_and_a_depth_may_be_chosen(recording: Path, outline: Path, tmp_path: Path) -> None:
    before = recording.read_bytes()
    done = invoke(recording, outline, "--depth", 2, "-o", tmp_path / "new.mkv")
    assert done.exit_code == 0, done.output
    assert [c["tags"]["title"] for c in probed(tmp_path / "new.mkv")["chapters"]][2] == "Inner"
    assert recording.read_bytes() == before


def test_a_recording_that_cannot_hold_chapters_is_left_as_it_was(
    recording: Path, outline: Path, tmp_path: Path
) -> None:
    media = copied(recording, tmp_path, "a.avi")
    before = media.read_bytes()
    done = invoke(media, outline)
    assert done.exit_code == 1
    assert "0 of 3 chapters; nothing was changed" in done.output
    assert media.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.avi", "outline.json"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("no json", "is not an outline"),
        ('{"title": "x"}', "there is no list"),
        ('[{"title": 5, "start_time": "00:00:00"}]', "has no title"),
        ('[{"title": "x", "start_time": "1:2"}]', "'1:2' is no time"),
        ('[{"title": "x", "start_time": "01:00:00", "subsections": []}]', "outline of another recording"),
        ("[" * 100_000, "is not an outline"),
    ],
)
def test_what_is_no_outline_of_the_recording_is_refused(
    content: str, told: str, recording: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(content, encoding="utf-8")
    done = invoke(recording, wrong)
    assert done.exit_code == 1
    assert told in done.output


def test_a_file_that_is_no_recording_is_refused(outline: Path, tmp_path: Path) -> None:
    program("ffprobe")
    media = tmp_path / "rubbish.mp4"
    media.write_bytes(bytes(range(256)))
    done = invoke(media, outline)
    assert done.exit_code == 1
    assert "not a recording ffmpeg can read" in done.output
