"""edl: markers for DaVinci Resolve (Timelines, Import, Timeline Markers from EDL)."""

from __future__ import annotations

from shared.export.flatten import flatten
from shared.export.source import ExportOptions, Source, Warn

_HOURS_BEFORE = 1
"""Where a new timeline of Resolve starts: at 01:00:00:00."""
_HOURS_OF_TIMECODE = 24


def write(source: Source, options: ExportOptions, warn: Warn) -> str:
    rate, nominal = options.frame_rate, round(options.frame_rate)
    latest = (_HOURS_OF_TIMECODE - _HOURS_BEFORE) * 3600 * nominal - 1
    chapters = flatten(source, options.depth, warn, lambda ms: frame(ms, rate))
    within = [chapter for chapter in chapters if frame(chapter.start, rate) < latest]
    if len(within) < len(chapters):
        warn(f"dropped: {len(chapters) - len(within)} markers lie after 23 hours, where timecodes end")
    lines = [f"TITLE: {source.name}", "FCM: NON-DROP FRAME", ""]
    for number, chapter in enumerate(within, 1):
        at = frame(chapter.start, rate)
        span = f"{timecode(at, nominal)} {timecode(at + 1, nominal)}"
        title = chapter.title.replace("|", "¦")
        if title != chapter.title:
            warn(f"renamed: “{chapter.title}” is written “{title}”")
        lines += [
            f"{number:03}  001      V     C        {span} {span}  ",
            f" |C:ResolveColorBlue |M:{title} |D:1",
            "",
        ]
    return "\n".join(lines)


def frame(ms: int, rate: float) -> int:
    """The frame shown at `ms`. 23.98, 29.97 and 59.94 stand for the exact rates of NTSC, n x 1000/1001."""
    nominal = round(rate)
    if abs(rate - nominal * 1000 / 1001) < 0.01:
        return ms * nominal // 1001
    return int(ms * rate) // 1000


def timecode(frames: int, nominal: int) -> str:
    """`frames` from the start of the recording as HH:MM:SS:FF of the timeline, without dropped frames."""
    seconds, rest = divmod(frames, nominal)
    return f"{_HOURS_BEFORE + seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{rest:02}"
