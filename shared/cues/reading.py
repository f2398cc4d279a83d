"""A transcript's bytes into its cues: what it is, its text, its blocks, its cues."""

from __future__ import annotations

import re

from shared.cues import recognition, subrip, web_captions
from shared.cues.block import Block
from shared.cues.cue import Cues
from shared.cues.encoding import decode
from shared.cues.lines import clean_lines
from shared.cues.mendings import Mended
from shared.cues.sequence import in_sequence
from shared.cues.times import ARROWS
from shared.errors import TranscriptRefusedError

EXPECTED = "a transcript with times: SubRip (.srt), WebVTT (.vtt), YouTube's .sbv, or the JSON of Whisper"

# What people hand in by mistake: (how it begins, what it is, what to do instead).
NO_TRANSCRIPTS = (
    (b"%PDF", "a PDF document", "a PDF has no times: export the subtitles instead"),
    (b"\x89PNG", "a PNG picture", ""),
    (b"\xff\xd8\xff", "a JPEG picture", ""),
    (b"GIF8", "a GIF picture", ""),
    (b"PK\x03\x04", "a zip archive or an Office document", "unpack it, and hand in the files inside"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Office document", "export the subtitles instead"),
    (b"{\\rtf", "a rich text document", "save it as plain text"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video", "take its subtitles out first"),
    (b"ID3", "an MP3 recording", "it has to be transcribed first"),
    (b"RIFF", "a WAV or AVI recording", "it has to be transcribed first"),
    (b"OggS", "an Ogg recording", "it has to be transcribed first"),
    (b"\x7fELF", "a program", ""),
    (b"[Script Info]", "an ASS/SSA file", "turn it into SRT: ffmpeg -i subtitles.ass subtitles.srt"),
)
_WEB_PAGE = re.compile(r"\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE)
_SBV = re.compile(
    r"^[0-9]{1,5}:[0-9]{1,2}:[0-9]{1,2}\.[0-9]{1,9}[ \t]?,[ \t]?[0-9]{1,5}:[0-9]{1,2}:[0-9]{1,2}\.", re.MULTILINE
)
_MICRO_DVD = re.compile(r"\{[0-9]{1,9}\}\{[0-9]{1,9}\}")


def read(content: bytes, name: str, encoding: str | None = None) -> Cues:
    """The cues of a transcript in any of the formats, `encoding` if the bytes cannot say it themselves.

    Raises TranscriptRefusedError for whatever has no single sensible reading; `name` is how it calls the file."""
    _refuse_others(content, name)
    mended = Mended()
    text, used = decode(content, name, encoding, mended)
    text = clean_lines(text, mended).lstrip("\ufeff")
    form, blocks = _blocks(text, name, mended)
    cues = in_sequence(blocks, mended)
    if not cues:
        problem = "its cues have no text (perhaps it is half-written)" if mended.has("empty cue") else "it has no cues"
        raise TranscriptRefusedError(name, problem, EXPECTED)
    return Cues(cues, form, used, mended.all())


def _refuse_others(content: bytes, name: str) -> None:
    if not content.strip(b"\0\t\n\r \xef\xbb\xbf"):
        raise TranscriptRefusedError(name, "the file is empty", EXPECTED)
    for magic, what, instead in NO_TRANSCRIPTS:
        if content.startswith(magic):
            raise TranscriptRefusedError(name, f"this is {what}{instead and f' ({instead})'}", EXPECTED)
    if content[4:8] == b"ftyp":
        raise TranscriptRefusedError(name, "this is an MP4 video (it has to be transcribed first)", EXPECTED)


def _blocks(text: str, name: str, mended: Mended) -> tuple[str, list[Block]]:
    """The format, told from the text itself (a suffix may lie), and the blocks."""
    start = text.lstrip()[:200]
    if start[:6].upper() == "WEBVTT":
        return "vtt", web_captions.read_vtt(text, name, mended)
    if _WEB_PAGE.match(start):
        raise TranscriptRefusedError(
            name, "this is a web page, perhaps an error page in place of the download", EXPECTED, 1
        )
    if start.startswith(("<?xml", "<tt", "<transcript", "<timedtext")):
        raise TranscriptRefusedError(name, "captions as XML are not read (convert them to SRT)", EXPECTED, 1)
    if _MICRO_DVD.match(start):
        raise TranscriptRefusedError(
            name, "its times are counted in frames (MicroDVD), and the frame rate is not known", EXPECTED, 1
        )
    if start.startswith("{") or (start.startswith("[") and start[1:].lstrip()[:1] in {"{", "]", "["}):
        return recognition.read(text, name, mended)
    if "-->" not in text and _SBV.search(text):
        return "sbv", web_captions.read_sbv(text, name, mended)
    blocks = subrip.read(text, name, mended)
    if not blocks and not mended.has("empty cue"):
        half = ": it is half-written, or no transcript" if ARROWS.search(text) else ""
        raise TranscriptRefusedError(name, f"no line of it has a start and an end time{half}", EXPECTED)
    return "srt", blocks
