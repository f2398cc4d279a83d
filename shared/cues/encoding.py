"""Bytes into text: rightly, or refused with the way to say the encoding. Nothing is ever replaced."""

from __future__ import annotations

import codecs
import re
from bisect import bisect
from itertools import accumulate

from charset_normalizer import from_bytes

from shared.cues.languages import Likeness, likeness
from shared.cues.mendings import Mended
from shared.errors import TranscriptRefusedError

SAY_IT = "UTF-8, or the name of the encoding given with the file, for example --encoding cp1250"

# Longest first: the mark of UTF-32 begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# What subtitles really come in. Where two give the same text, the first is named.
LEGACY = (  # noqa: SIM905  (a list literal takes a line for each)
    "cp1252 cp1250 iso8859_2 iso8859_15 cp1251 koi8_r koi8_u iso8859_5 cp1253 iso8859_7 cp1254 iso8859_9 "
    "cp1255 cp1256 cp1257 iso8859_13 cp874 cp932 euc_jp gb18030 big5 cp949"
).split()
# From DOS and old Macs: asked only where none of the above makes sense of the text.
ANCIENT = ["cp866", "cp852", "cp850", "mac_roman"]

# These decode text to text, run code-like escapes, or take quadratic time.
_NO_FILE_ENCODING = frozenset(("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"))
HALF_PAIR = re.compile("[\ud800-\udfff]")
_SAMPLE = 32_000  # bytes of lines beyond ASCII: enough for any language, bounded for the largest file
_CLOSE = 0.05  # shares nearer than this are a matter of a few names
_LEAST_SHARE = 0.9  # a wrong encoding explains .3 to .8 of the characters; a right one all but a few names


def decode(content: bytes, name: str, given: str | None, mended: Mended) -> tuple[str, str]:
    """The text of `content` and the name of its encoding. Raises TranscriptRefusedError where it cannot be told."""
    for mark, encoding in MARKS:
        if content.startswith(mark):
            if given is not None and _codec(given, name).name != encoding and not encoding.startswith(given.lower()):
                mended.note("mark against the encoding given", 1)
            return _strictly(content[len(mark) :], encoding, name), encoding
    if given is not None:
        codec = _codec(given, name)
        text = _strictly(content, codec.name, name).removeprefix("\ufeff")
        if half := HALF_PAIR.search(text):  # UTF-7 can say it, and no other encoding can write it again
            line = text.count("\n", 0, half.start()) + 1
            raise TranscriptRefusedError(name, "it holds half of a surrogate pair", SAY_IT, line)
        return text, codec.name
    if wide := _wide(content):
        return _strictly(content, wide, name), wide
    if b"\x1b$" in content or b"\x1b(J" in content:
        # Pure ASCII but for its escapes, so every other encoding would take it and show rubbish.
        return _strictly(content, "iso2022_jp", name), "iso2022_jp"
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as error:
        return _nearly_utf8(content, name, error, mended) or _legacy(content, name)


def _codec(given: str, name: str) -> codecs.CodecInfo:
    try:
        codec = codecs.lookup(given)
        usable = codec._is_text_encoding and codec.name not in _NO_FILE_ENCODING
    except (LookupError, ValueError):
        usable = False
    if not usable:
        raise TranscriptRefusedError(name, f"there is no text encoding called “{given[:40]}”", SAY_IT)
    return codec


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].decode(encoding, "ignore").count("\n") + 1
        raise TranscriptRefusedError(
            name, f"the file is not valid {encoding.upper()}: {error.reason}", SAY_IT, line
        ) from error


def _wide(content: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark. In the wrong one of the four, times and line ends are no longer ASCII."""
    if 0 not in content[:4_096]:
        return None
    head = content[:65_536]
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        text = head[: len(head) // 4 * 4].decode(encoding, "ignore")
        if "\0" not in text and ":" in text and "0" in text and ("\n" in text or "\r" in text):
            return encoding
    return None


def _nearly_utf8(content: bytes, name: str, error: UnicodeDecodeError, mended: Mended) -> tuple[str, str] | None:
    """UTF-8 with one known blemish, mended; UTF-8 with others, refused; None for what is no UTF-8 at all."""
    text = content.decode("utf-8", "surrogateescape")
    bad = sum(1 for c in text if "\udc80" <= c <= "\udcff")
    good = sum(1 for c in text if not c.isascii()) - bad
    line = content.count(b"\n", 0, error.start) + 1
    if good and error.reason == "unexpected end of data":
        mended.note("cut-off last character", line)
        return content[: error.start].decode("utf-8"), "utf-8"
    try:
        halves = content.decode("utf-8", "surrogatepass")
        joined = halves.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        joined = None
    if joined is not None:
        mended.note("surrogate pairs joined", line)
        return joined, "utf-8"
    # Bytes of other encodings rarely happen to be characters of UTF-8, so more good than bad means damage.
    if good <= bad and not _lone_surrogate(content, error.start):
        return None
    what = (
        "half of a surrogate pair" if _lone_surrogate(content, error.start) else f"the byte {content[error.start]:02X}"
    )
    raise TranscriptRefusedError(
        name,
        f"the file is UTF-8, but {what} in it is not",
        "UTF-8 throughout: save it again from the program that wrote it",
        line,
    )


def _lone_surrogate(content: bytes, at: int) -> bool:
    """Whether a surrogate is encoded at `at`, which UTF-8 forbids."""
    return content[at] == 0xED and content[at + 1 : at + 2] >= b"\xa0" and content[at + 2 : at + 3] >= b"\x80"


def _legacy(content: bytes, name: str) -> tuple[str, str]:
    """The one reading that a language explains. charset-normalizer says which encodings are possible at all; its own
    first choice takes ISO 8859-2 Czech for Windows-1250 and KOI8-R for Japanese, so letters and words decide."""
    lines = [line for line in content.splitlines() if not line.isascii()]
    sample = b"\n".join(_first(lines, _SAMPLE))
    for encodings in (LEGACY, ANCIENT):
        ranked = _ranked(content, sample, encodings)
        if (sure := _sure(ranked)) is not None:
            return content.decode(sure), sure
        if ranked and ranked[0][0].share >= _LEAST_SHARE:
            break
    line = content[: content.index(lines[0])].count(b"\n") + 1
    problem = "it is no text in any known encoding, perhaps a binary file"
    if ranked:
        could = " or ".join(encoding for _, encoding in ranked[:3])
        problem = f"its encoding cannot be told (it is not UTF-8; possible: {could})"
    raise TranscriptRefusedError(name, problem, SAY_IT, line)


def _ranked(content: bytes, sample: bytes, encodings: list[str]) -> list[tuple[Likeness, str]]:
    """The `encodings` that are possible, the likeliest first, one for each text that they give."""
    possible = {e for match in from_bytes(sample, cp_isolation=encodings) for e in match.could_be_from_charset}
    readings: dict[str, tuple[Likeness, str]] = {}
    for encoding in (e for e in encodings if e in possible):
        try:
            shown = sample.decode(encoding)
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        readings.setdefault(shown, (likeness(shown), encoding))
    return sorted(readings.values(), key=lambda reading: reading[0], reverse=True)


def _first(lines: list[bytes], most: int) -> list[bytes]:
    """The first lines that are together no longer than `most` bytes, at least one."""
    stop = bisect(list(accumulate(map(len, lines))), most)
    return lines[: max(1, stop)]


def _sure(ranked: list[tuple[Likeness, str]]) -> str | None:
    """The encoding that explains clearly more letters than the next, or as many and more words."""
    close = [r for r in ranked if r[0].share >= _LEAST_SHARE and r[0].share > ranked[0][0].share - _CLOSE]
    close.sort(key=lambda reading: reading[0].words, reverse=True)
    if len(close) > 1 and close[0][0].words <= 1.5 * close[1][0].words:
        return None
    return close[0][1] if close else None
