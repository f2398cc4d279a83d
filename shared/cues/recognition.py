"""The JSON of speech recognisers: Whisper's in all its ports (`segments` and the like), YouTube's json3 (`events`)."""

from __future__ import annotations

import json
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, model_validator

from shared.cues.block import Block
from shared.cues.encoding import HALF_PAIR
from shared.cues.lines import clean_lines
from shared.cues.mendings import Mended
from shared.cues.plain_text import make_plain
from shared.errors import TranscriptRefusedError

_EXPECTED = (
    "Whisper's JSON with “segments” (or “chunks”, or “transcription”) that have start, end (in seconds) and text, "
    "or YouTube's json3 with “events”"
)
_MOST_SECONDS = 99_999 * 3600
_LISTS = ("segments", "transcription", "chunks")
"""Whisper, WhisperX and faster-whisper; whisper.cpp; Hugging Face's pipeline. A bare list is taken as well."""

_T = TypeVar("_T")
_Seconds = Annotated[float, Field(ge=-_MOST_SECONDS, le=_MOST_SECONDS, allow_inf_nan=False)]
_Milliseconds = Annotated[int, Field(ge=-_MOST_SECONDS * 1000, le=_MOST_SECONDS * 1000)]


class _Segment(BaseModel):
    text: str
    start: _Seconds | None = None
    end: _Seconds | None = None
    speaker: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_whisper_has_it(cls, given: Any) -> Any:
        match given:
            case {"offsets": {"from": int(start), "to": int(end)}}:  # whisper.cpp
                return {**given, "start": start / 1000, "end": end / 1000}
            case {"timestamp": [start, end]}:  # Hugging Face
                return {**given, "start": start, "end": end}
            case {"start": int(start) | float(start), "duration": int(lasts) | float(lasts)}:  # youtube-transcript-api
                return {**given, "end": start + lasts}
        return given


class _Piece(BaseModel):
    utf8: str = ""


class _Event(BaseModel):
    start: _Milliseconds = Field(0, alias="tStartMs")
    duration: _Milliseconds = Field(0, alias="dDurationMs")
    pieces: list[_Piece] = Field([], alias="segs")


_SEGMENTS, _EVENTS = TypeAdapter(list[_Segment]), TypeAdapter(list[_Event])


def read(text: str, name: str, mended: Mended) -> tuple[str, list[Block]]:
    """Which format `text` is, "whisper" or "json3", and its cues. Raises TranscriptRefusedError for other JSON."""
    try:
        # Not strict: a line end inside a string is all that is left of a U+2028 there.
        found = json.loads(text, strict=False)
    except json.JSONDecodeError as error:
        half = "half-written: it ends" if error.pos >= len(text.rstrip()) or "Unterminated" in error.msg else "damaged"
        raise TranscriptRefusedError(name, f"the JSON is {half} ({error.msg})", _EXPECTED, error.lineno) from error
    except (RecursionError, ValueError) as error:
        raise TranscriptRefusedError(
            name, "the JSON is nested too deep, or has a number too long", _EXPECTED
        ) from error
    segments = next((found[k] for k in _LISTS if k in found), None) if isinstance(found, dict) else found
    if isinstance(segments, list):
        return "whisper", make_plain(_from_segments(_checked(_SEGMENTS, segments, name), name, mended), mended)
    if isinstance(found, dict) and isinstance(found.get("events"), list):
        return "json3", make_plain(_from_events(_checked(_EVENTS, found["events"], name), name, mended), mended)
    raise TranscriptRefusedError(name, "this JSON holds no transcript", _EXPECTED)


def _checked(kind: TypeAdapter[_T], found: list[Any], name: str) -> _T:
    try:
        return kind.validate_python(found)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = " → ".join(str(part + 1 if isinstance(part, int) else part) for part in first["loc"])
        raise TranscriptRefusedError(name, f"segment {where}: {first['msg']}", _EXPECTED) from error


def _from_segments(segments: list[_Segment], name: str, mended: Mended) -> list[Block]:
    blocks: list[Block] = []
    for segment in segments:
        start, end = segment.start, segment.end
        if start is None or end is None:
            mended.note("missing time")
        before = blocks[-1].end if blocks else 0
        first = before if start is None else _ms(start, mended)
        last = first if end is None else _ms(end, mended)
        text = (
            f"{segment.speaker}: {segment.text.strip()}" if segment.speaker and segment.text.strip() else segment.text
        )
        blocks.append(Block(None, None, first, last, _lines(text, name, mended)))
    return blocks


def _lines(text: str, name: str, mended: Mended) -> list[str]:
    r"""The lines of a text as it was decoded: `\u0000` and `\ud83d` are good JSON, and no characters."""
    if text.isprintable():
        return [text]
    if HALF_PAIR.search(text):
        raise TranscriptRefusedError(name, f"half of a surrogate pair in “{text[:40]!a}”", _EXPECTED)
    own = Mended()
    lines = clean_lines(text, own).split("\n")
    for mending in own.all():
        mended.note(mending.name, None, mending.count)
    return lines


def _ms(seconds: float, mended: Mended) -> int:
    if seconds < 0:
        mended.note("negative time")
    return max(0, round(seconds * 1000))


def _from_events(events: list[_Event], name: str, mended: Mended) -> list[Block]:
    """Events without text are windows and line feeds of the player, not cues."""
    blocks = []
    for event in events:
        text = "".join([piece.utf8 for piece in event.pieces])
        if text.strip():
            start = max(0, event.start)
            blocks.append(Block(None, None, start, max(start, start + event.duration), _lines(text, name, mended)))
    return blocks
