"""The errors that a user may meet. Each says what is wrong and what to do about it."""

from __future__ import annotations

from typing import ClassVar


class KapitolaError(Exception):
    """Something that Kapitola knows how to explain."""

    code: ClassVar[str] = "error"
    """A stable name: the last part of the problem's type in the API, and its heading in docs/errors.md."""
    remedy: ClassVar[str] = ""
    """What to do about it, where that is the same for all of its kind: for docs/errors.md."""


class TranscriptRefusedError(KapitolaError):
    """The file is no transcript that Kapitola can read without guessing."""

    code = "transcript-refused"
    remedy = (
        "`file` and `line` say where. Hand in SubRip, WebVTT, SBV, or the JSON of Whisper; if the file is in an "
        "old encoding, name it (`encoding`, such as `cp1250`)."
    )

    def __init__(self, name: str, problem: str, expected: str, line: int | None = None) -> None:
        super().__init__(name, problem, expected, line)
        self.name, self.problem, self.expected, self.line = name, problem, expected, line

    def __str__(self) -> str:
        where = f"{self.name}, line {self.line}" if self.line is not None else self.name
        return f"{where}: {self.problem}. Expected {self.expected}."


class TranscriptTooLargeError(KapitolaError):
    """One transcript is larger than subtitles of a lecture can be."""

    code = "transcript-too-large"
    remedy = "Hand in the subtitles alone; an operator may raise KAPITOLA_TRANSCRIPT_BYTES."

    def __init__(self, name: str, most_bytes: int) -> None:
        super().__init__(f"{name} is larger than {most_bytes / 1e6:g} MB. {self.remedy}")
