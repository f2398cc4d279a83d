"""What is mended in a transcript, by name, with the reason why somebody's file needs it."""

from __future__ import annotations

from shared.cues.cue import Mending

REASONS = {
    # the bytes
    "mark against the encoding given": "a byte order mark was written with the text, so it is surer than a hint",
    "surrogate pairs joined": "Java and Oracle write emoji as two halves of three bytes each (CESU-8)",
    "cut-off last character": "a download that broke off ends in the middle of a character",
    "NUL and control characters removed": "recovered discs pad with NULs; broadcast captions keep teletext codes",
    "line ends": "old Macs end lines with CR, some editors write CR CR LF, web forms write U+2028",
    # the blocks
    "text before the first cue": "titles and credits are put above the first cue",
    "missing number": "hand-made files and cut-out parts have none; players do not need them",
    "odd number": "merged and edited files have numbers like 2a or #3",
    "numbers counted anew": "joined files start again from 1, so numbers repeat or fall",
    "blank line inside a cue": "editors leave them between two speakers; nothing else explains the text behind them",
    "no blank line between cues": "bilingual files lose them when one language is taken out",
    "cut-off last cue": "a recording or a copy broke off in the cue's number or time",
    "number without a cue": "an editor deleted the cue's time and text, and left its number",
    "empty cue": "every sixth file has one: silence, a sound, or a placeholder for a translation",
    # the times
    "time notation": "`.` for `,`, no milliseconds, mm:ss, full-width signs, `->`: every tool has its own",
    "marks in a time line": "right-to-left marks come with Arabic and Hebrew files edited in Word",
    "minutes or seconds over 59": "tools that shift times add without carrying over",
    "negative time": "shifting a file to the left moves its first cues before the start; they are set to 0",
    "position on the time line": "SubRip writes X1:… Y2:…, and WebVTT settings survive a renaming to .srt",
    "text on the time line": "a lost line break puts the text behind the times",
    "missing time": "WhisperX gives no times to a segment that it could not align; it goes behind the one before",
    "end before start": "one file in thirteen has one; the start is what an outline needs, so the cue has no length",
    "cues out of order": "translations and notes are appended at the end",
    "overlapping cues": "two people speak at once; their times stay as they are",
    # the text
    "tags removed": "italics, colours, voices, karaoke times and {\\an8} are for players",
    "entities decoded": "captions that went through a web page say &amp; and &#39;",
    "invisible characters removed": "zero-width spaces and marks are left by editors and machine translation",
    "replacement characters kept": "somebody before us lost a character; what it was cannot be known",
    "rolling captions collapsed": "YouTube shows each line two or three times as it moves up",
}


class Mended:
    """Counts what was mended while one file is read."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[int, int | None]] = {}

    def note(self, name: str, line: int | None = None, count: int = 1) -> None:
        """`name`, one of REASONS, was mended `count` times, first in `line`."""
        before, first = self._seen.get(name, (0, line))
        if first is not None and line is not None:
            first = min(first, line)
        self._seen[name] = (before + count, first)

    def has(self, name: str) -> bool:
        return name in self._seen

    def all(self) -> tuple[Mending, ...]:
        """In the order of REASONS, so that the same file always gives the same list."""
        return tuple(Mending(name, *self._seen[name]) for name in REASONS if name in self._seen)
