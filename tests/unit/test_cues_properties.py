"""What holds of every transcript, whatever bytes it is made of."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise

import pytest
import srt
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.cues import Cue, Cues, Mending, pack, read, unpack
from shared.errors import TranscriptRefusedError

WORDS = st.text("abcxyz žřčłäßéñ жяюΩש日本語 0123456789 ,.?!'-", min_size=1, max_size=30).map(
    lambda t: " ".join(t.split())
)
WORDS = WORDS.filter(bool)


@st.composite
def subtitles(draw: st.DrawFn) -> list[tuple[int, int, int, list[str]]]:
    """Number, start, end and lines of each cue, in order, none overlapping."""
    found, number, clock = [], 0, 0
    # No line twice: what repeats the line before may be a rolling caption.
    rest = draw(st.lists(WORDS, min_size=1, max_size=20, unique=True))
    while rest:
        most = draw(st.integers(1, 3))
        lines, rest = rest[:most], rest[most:]
        number += draw(st.integers(1, 3))
        start = clock + draw(st.integers(200, 4_000_000))
        clock = start + draw(st.integers(0, 10_000))
        found.append((number, start, clock, lines))
    return found


def as_cues(found: list[tuple[int, int, int, list[str]]]) -> tuple[Cue, ...]:
    return tuple(Cue(n, start, end, " ".join(" ".join(lines).split())) for n, start, end, lines in found)


@given(subtitles(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32"]), st.booleans())
def test_what_the_srt_package_writes_is_read_back_as_it_was(
    found: list[tuple[int, int, int, list[str]]], encoding: str, returns: bool
) -> None:
    written = srt.compose(
        [
            srt.Subtitle(n, timedelta(milliseconds=start), timedelta(milliseconds=end), "\n".join(lines))
            for n, start, end, lines in found
        ],
        reindex=False,
    )
    cues = read(written.replace("\n", "\r\n" if returns else "\n").encode(encoding), "lecture.srt")
    assert cues.cues == as_cues(found)
    assert cues.mendings == ()


@given(subtitles())
def test_whisper_json_gives_its_segments(found: list[tuple[int, int, int, list[str]]]) -> None:
    segments = [{"start": start / 1000, "end": end / 1000, "text": " ".join(lines)} for _, start, end, lines in found]
    cues = read(json.dumps({"segments": segments}).encode(), "lecture.json").cues
    assert [(c.start, c.end, c.text) for c in cues] == [(c.start, c.end, c.text) for c in as_cues(found)]
    assert [c.number for c in cues] == list(range(1, len(found) + 1))


ARROWS = st.sampled_from([" --> ", "-->", " -> ", "  -->\t", " —> ", " → "])
TIMES = st.sampled_from(
    ["00:{m:02}:{s:02},000", "0:{m}:{s}.0", "{m:02}:{s:02},000", "00:{m:02}:{s:02}", "00:{m}:{s}，0"]
)
ENDS = st.sampled_from(["\n", "\n\n", "\n\n\n", "\n \n"])


@given(st.data(), st.lists(st.tuples(ARROWS, TIMES, ENDS, st.booleans()), min_size=1, max_size=9))
def test_no_cue_of_a_damaged_file_is_lost_and_no_word(
    data: st.DataObject, cues: list[tuple[str, str, str, bool]]
) -> None:
    written, words = "", []
    # Where only some cues have numbers, one without a blank line above it may as well be text.
    least = "" if all(numbered for *_, numbered in cues) else "\n"
    for at, (arrow, time, end, numbered) in enumerate(cues):
        start, stop = (time.format(m=at, s=s) for s in (10, 12))
        words.append(f"word{'abcdefghi'[at]}")
        written += (f"{at + 1}\n" if numbered else "") + f"{start}{arrow}{stop}\n{words[-1]}{end}{least}"
    return_sign = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    found = read(written.replace("\n", return_sign).encode(), "damaged.srt")
    assert [cue.text for cue in found.cues] == words
    assert [cue.start for cue in found.cues] == [(at * 60 + 10) * 1000 for at in range(len(cues))]


PIECES = st.one_of(
    st.sampled_from(
        [
            "1\n", "2", "\n", "\n\n", "\r", "00:00:01,000 --> 00:00:02,000", "00:00:01.000", " --> ", "-->", "->",
            "0:00:01.000,0:00:02.000\n", "WEBVTT\n", "NOTE ", "STYLE\n", "99999:59:59,999", "-1", "text", "<i>",
            "<v A>", "&#0;", "&amp;", "{\\an8}", "\0", "\u2028", "\ufeff", "\ufffd", "１：００", '{"segments":[', 
            '{"start":1,"end":2,', '"text":"\\ud83d"}', "]}", '{"events":[', "１", "²", "X1:1", "\x1b$B",
        ]
    ),
    st.text(max_size=5),
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=25).map("".join)
BYTES = st.one_of(
    st.binary(max_size=200),
    TEXTS.map(str.encode),
    st.tuples(TEXTS, st.sampled_from(["utf-16", "cp1250", "cp932", "utf-7"])).map(
        lambda t: t[0].encode(t[1], "replace")
    ),
    st.tuples(TEXTS, st.binary(max_size=5), TEXTS).map(lambda t: t[0].encode() + t[1] + t[2].encode()),
)


@settings(max_examples=600)
@given(
    BYTES, st.sampled_from([None, None, "cp1250", "utf-16", "utf-7", "shift_jis", "latin-1", "no such", "zip", "\0"])
)
def test_any_bytes_are_read_or_refused(content: bytes, encoding: str | None) -> None:
    try:
        found = read(content, "any.srt", encoding)
    except TranscriptRefusedError as error:
        assert str(error).startswith("any.srt")
        return
    assert found.cues
    for cue in found.cues:
        assert 0 <= cue.start <= cue.end
        assert cue.text
        assert cue.text == " ".join(cue.text.split())
    assert all(a.number < b.number and a.start <= b.start for a, b in pairwise(found.cues))
    assert unpack(pack(found)) == found


@pytest.mark.parametrize(
    "packed", [b"", b"junk", pack(Cues((Cue(1, 0, 1, "a"),), "srt", "utf-8"))[:-5]], ids=["empty", "junk", "cut"]
)
def test_what_was_not_packed_is_not_unpacked(packed: bytes) -> None:
    with pytest.raises(ValueError, match="not packed cues"):
        unpack(packed)


def test_packing_keeps_mendings_and_the_encoding() -> None:
    cues = Cues((Cue(4, 0, 1, "a"), Cue(9, 1, 2, "日")), "vtt", "cp932", (Mending("empty cue", 2, None),))
    assert unpack(pack(cues)) == cues


def test_the_encoding_that_is_given_decides() -> None:
    content = "1\n00:00:01,000 --> 00:00:02,000\nErdős\n".encode("cp1250")
    with pytest.raises(TranscriptRefusedError, match="--encoding cp1250"):
        read(content, "name.srt")
    assert read(content, "name.srt", "cp1250").cues[0].text == "Erdős"


def test_a_mark_is_believed_before_the_encoding_given() -> None:
    found = read("1\n00:00:01,000 --> 00:00:02,000\nErdős\n".encode("utf-16"), "name.srt", "cp1250")
    assert found.cues[0].text == "Erdős"
    assert [m.name for m in found.mendings] == ["mark against the encoding given"]


def test_an_encoding_that_nobody_knows_is_refused_by_its_name() -> None:
    with pytest.raises(TranscriptRefusedError, match="klingon"):
        read(b"1\n00:00:01,000 --> 00:00:02,000\na\n", "name.srt", "klingon")


@pytest.mark.parametrize("content", ["[" * 100_000, '{"a":' * 100_000, '{"segments":[{"start":' + "1" * 10_000])
def test_json_that_is_too_much_for_the_parser_is_refused(content: str) -> None:
    with pytest.raises(TranscriptRefusedError, match="JSON"):
        read(content.encode(), "deep.json")
