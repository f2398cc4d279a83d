"""What every format writes from, and what it gives back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from shared.cues import Cue, length
from shared.errors import KapitolaError
from shared.lecture import LANGUAGE
from shared.outline import Section

Warn = Callable[[str], None]
"""Takes one thing that was changed to obey a format: "dropped: ...", "merged: ...", "renamed: ...", "moved: ...",
"added: ..." or "incomplete: ...", for a person to read."""


class ExportRefusedError(KapitolaError):
    """The export cannot be made as it was asked for."""

    code: ClassVar[str] = "export-refused"
    remedy = "`detail` says what to ask for instead; docs/exports.md has the formats and their options."

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem, remedy)
        self.problem, self.instead = problem, remedy

    def __str__(self) -> str:
        return f"{self.problem}. {self.instead}."


@dataclass(frozen=True, slots=True)
class Source:
    """A lecture as it is exported: one outline (as edited or as given), and what the formats say beside it."""

    name: str
    """What the lecture is called: the transcript's name, without its suffix."""
    duration: int
    """Milliseconds: the end of the last cue."""
    language: str
    """Of the titles: an ISO 639-1 code."""
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    """What a reader should know of how the outline came to be (model, holes, repairs), one line each."""
    cues: tuple[Cue, ...] = ()
    """The transcript, for formats that show it (html)."""
    spoken: str = ""
    """The language of the transcript: an ISO 639-1 code; empty if it is not known."""
    incomplete: bool = False
    """Whether part of the lecture has no sections because its chunk failed."""

    @property
    def length(self) -> int:
        """What people are told, in milliseconds: the duration, stray cues left aside."""
        return length(self.cues) if self.cues else self.duration


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What may be chosen for an export. Formats that have no use for an option leave it alone."""

    depth: int | None = None
    """The most levels to write. None: all of them, and in a flat format the top one."""
    media_url: str | None = None
    """Where the recording is: times become links into it."""
    frame_rate: float = 25.0
    """Frames per second, for formats that count in frames (edl)."""
    language: str | None = None
    """The language that the titles are in, as a BCP 47 tag. None: what the outline says, which an editor may have
    changed."""

    def __post_init__(self) -> None:
        if self.depth is not None and self.depth < 1:
            raise ExportRefusedError(f"A depth of {self.depth} leaves nothing to export", "Ask for 1 or more")
        if not 1 <= self.frame_rate < 100:
            raise ExportRefusedError(
                f"{self.frame_rate} is no frame rate", "Give frames per second, such as 25 or 29.97"
            )
        if self.language is not None and not re.fullmatch(LANGUAGE, self.language):
            raise ExportRefusedError("That is no tag of a language", "Give one such as en, cs or pt-BR")
        if self.media_url is not None and not _is_web_address(self.media_url):
            raise ExportRefusedError(
                "The address of the recording is not one that a browser can follow safely",
                "Give it whole, beginning with http:// or https://",
            )


@dataclass(frozen=True, slots=True)
class Export:
    """One file, ready to be written. `suffix` begins with a dot."""

    content: bytes
    media_type: str
    suffix: str
    warnings: tuple[str, ...] = ()


def moment(media_url: str, ms: int) -> str:
    """The address of the recording at `ms`: YouTube's `t=`, and a media fragment (W3C) everywhere else."""
    parts = urlsplit(media_url)
    seconds = ms // 1000
    if (parts.hostname or "").removeprefix("www.").removeprefix("m.") in {"youtube.com", "youtu.be"}:
        query = [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if key != "t"]
        return urlunsplit(parts._replace(query=urlencode([*query, ("t", f"{seconds}s")]), fragment=""))
    return urlunsplit(parts._replace(fragment=f"t={seconds}"))


def _is_web_address(address: str) -> bool:
    """Printable ASCII with a host, so that it needs no more than quoting in any format."""
    if not all("!" <= character <= "~" for character in address) or set(address) & set("\"'<>\\^`{|}()[]"):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)
