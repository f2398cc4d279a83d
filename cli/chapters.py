"""`kapitola chapters`: an outline's chapters into the recording itself, with ffmpeg, without encoding it again."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cli.target import force_option, refuse_to_spoil
from shared.export import ExportOptions, ExportRefusedError, Source, export
from shared.outline import Section, clock

_TIME = re.compile(r"(\d{2,}):([0-5]\d):([0-5]\d)")


@click.command(short_help="Write an outline's chapters into the recording.")
@click.argument("media", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("outline", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here; MEDIA stays as it is."
)
@force_option
@click.option(
    "--depth", type=click.IntRange(min=1), metavar="LEVELS", default=1, show_default=True,
    help="How many levels to write: 1 for main topics alone.",
)  # fmt: skip
def chapters(media: Path, outline: Path, output: Path | None, force: bool, depth: int) -> None:
    """Write the chapters of OUTLINE (an outline.json) into MEDIA, a video or sound file.

    Needs ffmpeg. Picture and sound are copied, not encoded again. MEDIA is replaced only when the new file is whole;
    with -o it is not touched at all.

    \b
    kapitola chapters lecture.mp4 lecture.json
    kapitola chapters lecture.mkv lecture.json --depth 2 -o with-chapters.mkv
    """
    if output and output != media:
        refuse_to_spoil(output, force)
    _require_ffmpeg()
    before = _probe(media)
    source = _source(media.stem, outline, before)
    try:
        written = export(source, "ffmetadata", ExportOptions(depth=depth))
    except ExportRefusedError as error:
        raise click.ClickException(str(error)) from error
    for warning in written.warnings:
        click.echo(warning, err=True)
    target = output or media
    # Beside the target, so that taking its place is one step of the file system.
    with tempfile.TemporaryDirectory(prefix=".kapitola-", dir=target.parent) as folder:
        new = Path(folder) / target.name
        _write(media, before, written.content, new)
        count = _check(before, _probe(new), written.content.count(b"\n[CHAPTER]\n"), target)
        shutil.copymode(media, new)
        new.replace(target)
    click.echo(f"{target}: {count} chapters", err=True)


def _require_ffmpeg() -> None:
    missing = [program for program in ("ffmpeg", "ffprobe") if shutil.which(program) is None]
    if missing:
        raise click.ClickException(
            f"{' and '.join(missing)} not found. Chapters are written by ffmpeg: install it "
            "(Debian, Ubuntu: apt-get install ffmpeg; macOS: brew install ffmpeg; others: ffmpeg.org) and try again."
        )


def _probe(media: Path) -> dict[str, Any]:
    """What ffprobe knows of `media`: `format`, `streams` and `chapters`."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters"]
    known: dict[str, Any] = json.loads(_run([*command, _local(media)], f"{media} is not a recording ffmpeg can read"))
    return known


def _source(name: str, outline: Path, probed: dict[str, Any]) -> Source:
    try:
        given = json.loads(outline.read_text(encoding="utf-8-sig"))
        starts = _flat(given)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(
            f"{outline} is not an outline: {error}. Expected the JSON that `kapitola outline` writes, "
            'a list of {"title", "start_time": "HH:MM:SS", "subsections"}.'
        ) from error
    duration = int(float(probed["format"].get("duration", 0)) * 1000) or max(starts, default=0) + 1
    late = sum(start >= duration for start in starts)
    if late:
        raise click.ClickException(
            f"{late} of {len(starts)} sections start after the recording's end at {clock(duration)}. "
            "Is this the outline of another recording?"
        )
    return Source(name, duration, "und", _sections(given, duration))


def _flat(given: Any) -> list[int]:
    """The starts of all sections of an outline.json. Raises ValueError, naming the place, for any other shape."""
    if not isinstance(given, list):
        raise ValueError("there is no list")  # noqa: TRY004 - for the user it is the file that is wrong
    starts = []
    for section in given:
        if not isinstance(section, dict) or not isinstance(section.get("title"), str):
            raise ValueError(f"{str(section)[:60]!r} has no title")  # noqa: TRY004
        starts += [_milliseconds(section.get("start_time")), *_flat(section.get("subsections", []))]
    return starts


def _sections(given: Sequence[dict[str, Any]], end: int) -> tuple[Section, ...]:
    """Sections that each end where the next one starts; the last one at `end`."""
    starts = [_milliseconds(section["start_time"]) for section in given]
    return tuple(
        Section(
            title=section["title"],
            start=start,
            end=following,
            cue=0,
            subsections=_sections(section.get("subsections", []), following),
        )
        for section, start, following in zip(given, starts, [*starts[1:], end], strict=False)
    )


def _milliseconds(time: Any) -> int:
    match = _TIME.fullmatch(time) if isinstance(time, str) else None
    if match is None:
        raise ValueError(f"{time!r} is no time")
    hours, minutes, seconds = (int(part) for part in match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


def _write(media: Path, probed: dict[str, Any], chapters: bytes, new: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-y", "-i", _local(media), "-f", "ffmetadata", "-i", "pipe:0"]
    command += ["-map", "0", "-ignore_unknown"]
    for stream in probed["streams"]:
        # The track in which an MP4 keeps its old chapters: copied, it would stay on as a stream of rubbish.
        if stream["codec_type"] == "data" and stream.get("codec_tag_string") == "text":
            command += ["-map", f"-0:{stream['index']}"]
    command += ["-map_metadata", "0", "-map_chapters", "1", "-c", "copy", _local(new)]
    _run(command, f"ffmpeg could not write {new.name}", chapters)


def _check(before: dict[str, Any], after: dict[str, Any], expected: int, target: Path) -> int:
    """How many chapters the new file has. Raises if it is not whole."""
    found = len(after["chapters"])
    if found != expected:
        raise click.ClickException(
            f"{target} would hold {found} of {expected} chapters; nothing was changed. "
            "MP4, M4A, MKV, WebM and MP3 files can hold them: choose one with -o."
        )
    lost = float(before["format"].get("duration", 0)) - float(after["format"].get("duration", 0))
    if lost > 1 or _kinds(before) - _kinds(after):
        raise click.ClickException(f"ffmpeg did not copy all of {target.name}; nothing was changed.")
    return found


def _kinds(probed: dict[str, Any]) -> set[tuple[str, int]]:
    """The picture, sound and subtitle streams, each kind numbered."""
    kinds = [stream["codec_type"] for stream in probed["streams"]]
    return {(kind, number) for kind in ("video", "audio", "subtitle") for number in range(kinds.count(kind))}


def _local(path: Path) -> str:
    """`path` for ffmpeg, which would take "a:b.mp4" for a protocol and "-x.mp4" for an option."""
    return f"file:{path}"


def _run(command: list[str], failure: str, given: bytes = b"") -> bytes:
    done = subprocess.run(command, input=given, capture_output=True, check=False)  # noqa: S603 - no shell
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise click.ClickException(f"{failure}; {command[0]} says: {said[-1] if said else 'nothing'}")
    return done.stdout
