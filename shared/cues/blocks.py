"""Lines into blocks: finds every time line, and gives each line of the file to the cue that it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shared.cues.block import Block
from shared.cues.mendings import Mended
from shared.cues.times import SETTINGS, TimeLine, UnreadableTimeError, lone_times, sbv_line, time_line
from shared.errors import TranscriptRefusedError

_NUMBER = re.compile(r"[ \t]*+([0-9]{1,9})[ \t]*+")
_ODD_NUMBER = re.compile(r"\W{0,3}([0-9]{1,9})\W{0,3}[A-Za-z]?\W{0,3}")
_NO_CUE = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?")
_CUT_TIME = re.compile(r"[0-9]{1,5}:[0-9:,.]{0,12}[-> ]{0,5}")
EXPECTED_TIME = "a line like “00:00:01,000 --> 00:00:02,500”"


@dataclass(slots=True)
class _Header:
    """Where a cue begins (its number, or its time line), where its text begins, and what the two say."""

    top: int
    text: int
    number: int | None
    times: TimeLine


class Blocks:
    """Reads the blocks of one file: of SRT, of WebVTT (`vtt`) or of SBV (`sbv`)."""

    def __init__(self, text: str, name: str, mended: Mended, vtt: bool = False, sbv: bool = False) -> None:
        self.lines = text.split("\n")
        self.name, self.mended, self.vtt, self.sbv = name, mended, vtt, sbv
        self.numbered = False

    def read(self) -> list[Block]:
        """Every cue of the file in its order. Raises TranscriptRefusedError for a time line that nobody can read."""
        headers = self._headers()
        if not headers:
            return []
        if not self.vtt and any(line.strip() for line in self.lines[: headers[0].top]):
            first = next(i for i, line in enumerate(self.lines) if line.strip())
            self.mended.note("text before the first cue", first + 1)
        bottoms = [header.top for header in headers[1:]] + [len(self.lines)]
        blocks = []
        for header, bottom in zip(headers, bottoms, strict=True):
            lines = self._text(header, bottom)
            blocks.append(Block(header.text, header.number, header.times.start, header.times.end, lines))
        return blocks

    def _headers(self) -> list[_Header]:
        times = self._times()
        above = [at for at, _ in times if at > 0 and self._is_number(at - 1)]
        # A number above the time is the cue's own where most cues have one; else it is the last cue's text.
        self.numbered = not self.sbv and len(above) * 2 >= len(times)
        headers: list[_Header] = []
        last: int | None = None
        for at, found in times:
            top, number = self._number(at, last, headers[-1].text if headers else 0)
            if headers and top > 0 and self.lines[top - 1].strip() and top > headers[-1].text:
                self.mended.note("no blank line between cues", top + 1)
            if number is None and not self.vtt and not self.sbv:
                self.mended.note("missing number", at + 1)
            last = number if number is not None else last
            headers.append(_Header(top, at + 1, number, found))
        return headers

    def _is_number(self, at: int) -> bool:
        """Whether the line at `at` is a number, or an odd one that stands alone."""
        if _NUMBER.fullmatch(self.lines[at]):
            return True
        alone = at == 0 or not self.lines[at - 1].strip()
        return alone and _ODD_NUMBER.fullmatch(self.lines[at]) is not None

    def _times(self) -> list[tuple[int, TimeLine]]:
        """The positions of all time lines and what they say. The rest of a file that breaks off in one is cut away."""
        times: list[tuple[int, TimeLine]] = []
        for at, line in enumerate(self.lines):
            try:
                found = self._time_line(at, line)
            except UnreadableTimeError as error:
                if times and not any(rest.strip() for rest in self.lines[at + 1 :]):
                    self._cut_off(at)
                    break
                broken = "the file is half-written: " if at + 1 >= len(self.lines) - 1 else ""
                raise TranscriptRefusedError(
                    self.name, f"{broken}the time line “{error}” cannot be read", EXPECTED_TIME, at + 1
                ) from error
            if found is not None:
                times.append((at, found))
        if times:
            self._cut_number(times[-1][0])
        return times

    def _time_line(self, at: int, line: str) -> TimeLine | None:
        if self.sbv:
            return sbv_line(line) if line[:1].isdigit() else None
        if ">" in line or not line.isascii() or "&gt;" in line:
            return time_line(line, at + 1, self.mended, self.vtt)
        alone = lone_times(line) if line[:1].isdigit() else 0
        # Two times without an arrow, or one below a cue's number: text says neither.
        if alone == 2 or (alone and at > 0 and _NUMBER.fullmatch(self.lines[at - 1])):
            raise UnreadableTimeError(line)
        return None

    def _cut_off(self, at: int) -> None:
        self.mended.note("cut-off last cue", at + 1)
        while at > 0 and (_NUMBER.fullmatch(self.lines[at - 1]) or not self.lines[at - 1].strip()):
            at -= 1
        del self.lines[at:]

    def _cut_number(self, last: int) -> None:
        """Takes away a next number, alone or with the beginning of its time, behind the last cue's text."""
        bottom = len(self.lines)
        while bottom > last and not self.lines[bottom - 1].strip():
            bottom -= 1
        ending = self.lines[bottom - 1].strip()
        own = _NUMBER.fullmatch(self.lines[last - 1]) if last else None
        if bottom - 1 > last and _CUT_TIME.fullmatch(ending) and _NUMBER.fullmatch(self.lines[bottom - 2]):
            self._cut_off(bottom - 1)
        elif own and bottom - 2 > last and not self.lines[bottom - 2].strip() and ending == str(int(own[1]) + 1):
            self.mended.note("cut-off last cue", bottom)
            del self.lines[bottom - 1 :]

    def _number(self, at: int, last: int | None, floor: int) -> tuple[int, int | None]:
        """Where the header of the time line at `at` begins, not above `floor`, and its number."""
        if self.sbv or at - 1 < floor:
            return at, None
        above = self.lines[at - 1]
        alone = at - 2 < floor or not self.lines[at - 2].strip()
        if (found := _NUMBER.fullmatch(above)) and (self.numbered or alone):
            return at - 1, int(found[1])
        if not above.strip():
            return self._number_over_blank(at, last, floor)
        if self.vtt and alone and ">" not in above:
            return at - 1, None  # an identifier: WebVTT allows any text
        if self.numbered and alone and (found := _ODD_NUMBER.fullmatch(above)):
            self.mended.note("odd number", at)
            return at - 1, int(found[1])
        return at, None

    def _number_over_blank(self, at: int, last: int | None, floor: int) -> tuple[int, int | None]:
        """A number with a blank line below it, as files have that double every line end: the next one, or the first."""
        over = at - 2
        if self.vtt or over < floor:
            return at, None
        found = _NUMBER.fullmatch(self.lines[over])
        if found and (int(found[1]) == last + 1 if last is not None else floor == 0):
            self.mended.note("blank line inside a cue", at)
            return over, int(found[1])
        return at, None

    def _text(self, header: _Header, bottom: int) -> list[str]:
        """The lines of text from the header to `bottom`, without blank ones."""
        lines, blank = self._behind_times(header), 0
        comment = False
        for at in range(header.text, bottom):
            line = self.lines[at].strip()
            if not line:
                blank, comment = at + 1, False
                continue
            if self.vtt and blank == at and _NO_CUE.fullmatch(line):
                comment = True
            if comment:
                continue
            if blank and lines:
                if self._left_number(line, header, at, bottom):
                    continue
                self.mended.note("blank line inside a cue", blank)
            lines.append(line)
            blank = 0
        return lines

    def _left_number(self, line: str, header: _Header, at: int, bottom: int) -> bool:
        """Whether `line` is the number of a cue of which nothing else is left."""
        alone = all(not rest.strip() for rest in self.lines[at + 1 : min(bottom, at + 3)]) and bottom - at < 4
        left = self.numbered and alone and header.number is not None and line == str(header.number + 1)
        if left:
            self.mended.note("number without a cue", at + 1)
        return left

    def _behind_times(self, header: _Header) -> list[str]:
        rest = header.times.rest
        if not rest.strip():
            return []
        if SETTINGS.fullmatch(rest) or (self.vtt and ":" in rest):
            if not self.vtt:
                self.mended.note("position on the time line", header.text)
            return []
        self.mended.note("text on the time line", header.text)
        return [rest.strip()]
