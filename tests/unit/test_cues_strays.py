"""Cues far away from all others are told, and no length counts them; a break is none of their business."""

from __future__ import annotations

import io
import zipfile

import pytest

from shared.chunks import cut
from shared.cues import Cue, length, remarks
from shared.export import export
from shared.export.archive import Archive
from shared.export.from_outline import source_of
from shared.lecture import Options, Outline
from shared.outline import Section
from worker.prompt import outline_prompt

MINUTE = 60_000
HOUR = 60 * MINUTE


def spoken(start: int, minutes: int) -> list[Cue]:
    """So many minutes of speech, a cue every four seconds, from `start` on."""
    return [Cue(0, start + at, start + at + 3_500, "and so on") for at in range(0, minutes * MINUTE, 4_000)]


def alone(start: int) -> Cue:
    return Cue(0, start, start + 2_000, "Subtitles by nobody")


MEETING = spoken(0, 41)
DAY = [*spoken(0, 180), *spoken(5 * HOUR, 180)]


def test_two_cues_hours_after_the_others_are_told_and_not_counted() -> None:
    cues = [*MEETING, alone(22_400_000), alone(22_403_000)]
    assert remarks(cues) == [
        "The last 2 cues, at 06:13:20, come 5 h 32 min after all others. If they are no part of the lecture "
        "(a forgotten advertisement, a time gone wrong), take them out and hand the file in again."
    ]
    assert length(cues) == length(MEETING) == MEETING[-1].end


def test_a_cue_hours_before_the_others_is_told_as_well() -> None:
    cues = [alone(0), *spoken(10 * HOUR, 41)]
    (remark,) = remarks(cues)
    assert remark.startswith("The first cue, at 00:00:00, comes 9 h 59 min before all others. If it is no part")
    assert length(cues) == length(MEETING)


@pytest.mark.parametrize(
    "cues",
    [
        MEETING,
        DAY,
        [*DAY, alone(DAY[-1].end + HOUR)],  # the words that end a day, after a last hour of exercises
        [*MEETING, alone(MEETING[-1].end + 15 * MINUTE)],
        spoken(10 * HOUR, 41),  # broadcasts begin at 10:00:00
        [alone(n * HOUR) for n in range(9)],
        [alone(0)],
    ],
    ids=["a meeting", "a day with a break", "a late goodbye", "a quarter of an hour", "from ten", "hourly", "one cue"],
)
def test_breaks_and_files_of_few_cues_are_not_accused(cues: list[Cue]) -> None:
    assert remarks(cues) == []
    assert length(cues) == cues[-1].end


def test_exports_tell_of_them() -> None:
    cues = [*MEETING, alone(6 * HOUR)]
    outline = Outline(
        sections=(Section(title="All", start=0, end=cues[-1].end, cue=0),), language="en", title_language="en",
        chunks=(), models=("gpt-x",),
    )  # fmt: skip
    source = source_of("Meeting", outline, cues)
    assert source.notes[1:] == tuple(remarks(cues))
    assert source.duration == cues[-1].end
    assert '<p class="facts">00:40:59 · 1 section' in export(source, "html").content.decode()
    archive = Archive(["json"])
    listed = zipfile.ZipFile(io.BytesIO(archive.add(source) + archive.finish())).read("index.html").decode()
    assert '<span class="time">00:40:59</span>' in listed


def test_no_topics_are_asked_for_of_the_silence_before_them() -> None:
    def reminder(cues: list[Cue]) -> str:
        (chunk,) = cut(tuple(cues), 1_000_000)
        asked = outline_prompt(tuple(cues), chunk, "meeting.srt", Options(), "en").request
        return next(line for line in asked.splitlines() if line.startswith("That was chunk"))

    assert "about 5 main topics" in reminder(MEETING)
    assert "about 5 main topics" in reminder([*MEETING, alone(6 * HOUR)])
