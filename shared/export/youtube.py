"""youtube: the lines that YouTube turns into chapters when they stand in a video's description.

One broken rule and YouTube shows no chapters at all, without a word (its help page "Video chapters"):
the first starts at 0:00, there are three or more, in ascending order, each ten seconds or longer; a description
has no "<" or ">" and at most 5,000 characters.
"""

from __future__ import annotations

import re
from dataclasses import replace

from shared.export.flatten import Chapter, flatten, join, whole_seconds
from shared.export.source import ExportOptions, Source, Warn
from shared.export.titles import shorten
from shared.outline import walk

LEAST_CHAPTERS = 3
LEAST_MS = 10_000
MOST_CHARACTERS = 5_000
MOST_TITLE = 100
"""A habit, not a rule: the player cuts off what is longer."""
MOST_CHAPTERS = 100
"""So that each title may have 39 characters."""

_OPENING = "Start"
# A second time in a line makes YouTube take the line for something else.
_TIME_IN_TITLE = re.compile(r"(?<=\d):(?=\d)")
_LINE = re.compile(r"(?:([1-9]\d*):(?=[0-5]\d:))?([0-5]?\d):([0-5]\d) (\S.*)")


def write(source: Source, options: ExportOptions, warn: Warn) -> str:
    chapters = _few_enough(_enough(source, options, warn), warn)
    most = min(MOST_TITLE, MOST_CHARACTERS // max(len(chapters), 1) - len("999:59:59 \n"))
    return "".join(f"{timestamp(c.start)} {_title(c.title, most, warn)}\n" for c in chapters)


def timestamp(ms: int) -> str:
    """m:ss, or h:mm:ss from an hour on."""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def faults(description: str, duration: int) -> list[str]:
    """Why YouTube would show no chapters for a video of `duration` ms with this description; empty if it would."""
    found = []
    if len(description) > MOST_CHARACTERS:
        found.append(f"it has {len(description)} characters; a description may have {MOST_CHARACTERS}")
    if set(description) & {"<", ">"}:
        found.append("it has “<” or “>”, which a description may not hold")
    starts = []
    for line in description.splitlines():
        match = _LINE.fullmatch(line)
        if match is None or _TIME_IN_TITLE.search(match[4]):
            found.append(f"“{line}” is not one time and a title")
        else:
            hours, minutes, seconds = (int(part or 0) for part in match.group(1, 2, 3))
            starts.append(((hours * 60 + minutes) * 60 + seconds) * 1000)
    return found + _faults_of_times(starts, duration)


def _faults_of_times(starts: list[int], duration: int) -> list[str]:
    found = []
    if len(starts) < LEAST_CHAPTERS:
        found.append(f"it has {len(starts)} chapters; YouTube wants {LEAST_CHAPTERS} or more")
    if starts[:1] != [0]:
        found.append("the first chapter is not at 0:00")
    for start, following in zip(starts, [*starts[1:], duration], strict=False):
        if following - start < LEAST_MS:
            found.append(f"the chapter at {timestamp(start)} does not last ten seconds")
    return found


def _enough(source: Source, options: ExportOptions, warn: Warn) -> list[Chapter]:
    """The chapters of the depth asked for, or of the first deeper one that has three."""
    asked = options.depth or 1
    deepest = max((len(path) for path, _ in walk(source.sections)), default=1)
    for depth in range(asked, max(asked, deepest) + 1):
        chapters, changes = _obeying(source, depth)
        if len(chapters) >= LEAST_CHAPTERS:
            if depth > asked:
                warn(f"added: chapters of level {depth}, because the levels above have fewer than {LEAST_CHAPTERS}")
            break
    else:
        chapters, changes = _obeying(source, asked)
        warn(f"incomplete: YouTube will show none of these; it wants {LEAST_CHAPTERS} chapters of ten seconds or more")
    for change in changes:
        warn(change)
    return chapters


def _obeying(source: Source, depth: int) -> tuple[list[Chapter], list[str]]:
    """The chapters of `depth` levels made to obey the rules of time, and what that took."""
    changes: list[str] = []
    chapters = [replace(c, start=c.start // 1000 * 1000) for c in flatten(source, depth, changes.append, whole_seconds)]
    if chapters and chapters[0].start >= LEAST_MS:
        changes.append(
            f"added: “{_OPENING}” at 0:00, because the first section starts at {timestamp(chapters[0].start)}"
        )
        chapters.insert(0, Chapter(0, chapters[0].start, _OPENING))
    elif chapters and chapters[0].start:
        changes.append(f"moved: “{chapters[0].title}” from {timestamp(chapters[0].start)} to 0:00")
        chapters[0] = replace(chapters[0], start=0)
    return _long_enough(chapters, source.duration, changes.append), changes


def _long_enough(chapters: list[Chapter], duration: int, warn: Warn) -> list[Chapter]:
    kept: list[Chapter] = []
    for chapter in chapters:
        too_late = duration // 1000 * 1000 - chapter.start < LEAST_MS
        if kept and (too_late or chapter.start - kept[-1].start < LEAST_MS):
            warn(f"merged: “{kept[-1].title}” and “{chapter.title}” are less than ten seconds apart or from the end")
            kept[-1] = join(kept[-1], chapter)
        else:
            kept.append(chapter)
    return kept


def _few_enough(chapters: list[Chapter], warn: Warn) -> list[Chapter]:
    kept, apart = chapters, LEAST_MS
    while len(kept) > MOST_CHAPTERS:
        apart *= 2
        spaced = kept[:1]
        for chapter in kept[1:]:
            if chapter.start - spaced[-1].start >= apart:
                spaced.append(chapter)
        kept = spaced
    if len(kept) < len(chapters):
        warn(f"dropped: {len(chapters) - len(kept)} chapters; a description has only {MOST_CHARACTERS} characters")
    return kept


def _title(title: str, most: int, warn: Warn) -> str:
    allowed = _TIME_IN_TITLE.sub("∶", title.replace("<", "‹").replace(">", "›"))
    written = shorten(allowed, most)
    if written != title:
        warn(f"renamed: “{shorten(title, MOST_TITLE)}” is written “{written}”")
    return written
