"""Every oddity that transcripts have in the wild: one small file each under tests/transcripts, and how it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.cues import Cue, read
from shared.cues.mendings import REASONS
from shared.errors import TranscriptRefusedError

TRANSCRIPTS = Path(__file__).parent.parent / "transcripts"

FIRST = (1, 1000, 3500, "Welcome to the lecture on sorting.")
SECOND = (2, 4000, 6000, "Today we look at merge sort.")
THIRD = (3, 6500, 9000, "It splits the list in two halves.")

# Read as the same three cues, whatever is odd about them; what was mended: (name, count, first line).
SAME: dict[str, list[tuple[str, int, int | None]]] = {
    "ass-tags.srt": [("tags removed", 1, 6)],
    "blank-line-inside.srt": [("blank line inside a cue", 1, 8)],
    "blank-lines-everywhere.srt": [],
    "colon-before-milliseconds.srt": [("time notation", 1, 6)],
    "commas.vtt": [("time notation", 3, 3)],
    "control-characters.json": [("NUL and control characters removed", 1, None)],
    "coordinates.srt": [("position on the time line", 1, 6)],
    "cr-cr-lf.srt": [("line ends", 11, 1)],
    "crlf.srt": [],
    "cut-off-behind-arrow.srt": [("cut-off last cue", 1, 14)],
    "cut-off-behind-times.srt": [("empty cue", 1, 14)],
    "cut-off-in-arrow.srt": [("cut-off last cue", 1, 14)],
    "cut-off-in-number.srt": [("cut-off last cue", 1, 13)],
    "cut-off-in-time.srt": [("cut-off last cue", 1, 14)],
    "dot-for-comma.srt": [("time notation", 1, 6)],
    "doubled-line-ends.srt": [("blank line inside a cue", 3, 2)],
    "escaped-arrow.srt": [("time notation", 1, 6)],
    "full-width-comma.srt": [("time notation", 1, 6)],
    "full-width-time.srt": [("time notation", 1, 6)],
    "header-and-notes.vtt": [],
    "html-tags.srt": [("tags removed", 1, 6)],
    "hugging-face.json": [],
    "transcript-api.json": [],
    "whisper-cpp.json": [],
    "identifiers.vtt": [],
    "invisible-characters.srt": [("invisible characters removed", 1, 6)],
    "json3.json": [],
    "karaoke-times.srt": [("tags removed", 1, 6)],
    "leading-spaces.srt": [],
    "line-separator.srt": [("line ends", 1, 7)],
    "lone-cr.srt": [("line ends", 11, 1)],
    "long-dash-arrow.srt": [("time notation", 1, 6)],
    "milliseconds-four-digits.srt": [("time notation", 1, 6)],
    "milliseconds-one-digit.srt": [("time notation", 1, 6)],
    "minutes-and-seconds.srt": [("time notation", 1, 6)],
    "mixed-line-ends.srt": [("line ends", 1, 11)],
    "no-blank-lines.srt": [("no blank line between cues", 2, 4)],
    "no-break-spaces.srt": [],
    "no-last-line-end.srt": [],
    "no-milliseconds.srt": [("time notation", 1, 6)],
    "no-numbers.srt": [("missing number", 3, 1)],
    "no-spaces-around-arrow.srt": [("time notation", 1, 6)],
    "note-between.vtt": [],
    "nul-characters.srt": [("NUL and control characters removed", 4, 7)],
    "numbers-repeat.srt": [("numbers counted anew", 1, 10)],
    "odd-numbers.srt": [("odd number", 2, 5)],
    "one-number-missing.srt": [("missing number", 1, 5)],
    "out-of-order.srt": [("numbers counted anew", 1, 2), ("cues out of order", 1, 6)],
    "plain.sbv": [],
    "plain.srt": [],
    "plain.vtt": [],
    "right-to-left-marks-in-time.srt": [("time notation", 1, 6), ("marks in a time line", 1, 6)],
    "sbv-named.txt": [],
    "segments-only.json": [],
    "settings.vtt": [],
    "short-arrow.srt": [("time notation", 1, 6)],
    "short-hours.srt": [("time notation", 1, 6)],
    "spaces-in-time.srt": [("time notation", 1, 6)],
    "srt-named.vtt": [],
    "text-before-first-cue.srt": [("text before the first cue", 1, 1)],
    "text-on-time-line.srt": [("text on the time line", 1, 6)],
    "trailing-spaces.srt": [],
    "two-lines.srt": [],
    "utf16-be-mark.srt": [],
    "utf16-be-no-mark.srt": [],
    "utf16-le-mark.srt": [],
    "utf16-le-no-mark.srt": [],
    "utf32-be-no-mark.srt": [],
    "utf32-le-mark.srt": [],
    "utf8-mark.srt": [],
    "vtt-named.srt": [],
    "vtt-settings-in-srt.srt": [("position on the time line", 1, 6)],
    "whisper.json": [],
}

# Read as other cues: (number, start, end, text); and what was mended.
OTHER: dict[str, tuple[list[tuple[int, int, int, str]], list[tuple[str, int, int | None]]]] = {
    "arrow-in-text.srt": ([FIRST, (2, 4000, 6000, "A state --> the next state -->"), THIRD], []),
    "arrow-in-text.vtt": ([FIRST, (2, 4000, 6000, "A state --> the next"), THIRD], []),
    "cesu-8-emoji.srt": (
        [FIRST, (2, 4000, 6000, "Today 😀 we look at merge sort."), THIRD],
        [("surrogate pairs joined", 1, 7)],
    ),
    "comparison-in-text.srt": ([FIRST, (2, 4000, 6000, "if a<b and b>c then <x>"), THIRD], []),
    "cp1250-czech.srt": (
        [
            (1, 1000, 3500, "Dobrý den, vítejte na přednášce o řazení."),
            (2, 4000, 6000, "Nejdřív si ukážeme, proč je to důležité."),
            (3, 6500, 9000, "Každý prvek porovnáme s následujícím."),
        ],
        [],
    ),
    "cp1250-polish.srt": (
        [
            (1, 1000, 3500, "Dzień dobry, zaczynamy wykład o sortowaniu."),
            (2, 4000, 6000, "Najpierw pokażę, dlaczego są one właśnie tak ważne."),
            (3, 6500, 9000, "Każdy element porównujemy z następnym."),
        ],
        [],
    ),
    "cp1251-russian.srt": (
        [
            (1, 1000, 3500, "Добрый день, сегодня мы поговорим о сортировке."),
            (2, 4000, 6000, "Сначала я покажу, почему это важно."),
            (3, 6500, 9000, "Каждый элемент сравнивается со следующим."),
        ],
        [],
    ),
    "cp1252-english-quotes.srt": (
        [
            (1, 1000, 3500, "Welcome to the lecture on “sorting”."),
            (2, 4000, 6000, "Today we look at merge sort – at last…"),
            (3, 6500, 9000, "It’s the list that splits in two halves."),
        ],
        [],
    ),
    "cp1252-french.srt": (
        [
            (1, 1000, 3500, "Bonjour à tous, voici le cours sur le tri."),
            (2, 4000, 6000, "On commence par la question : où est la difficulté ?"),
            (3, 6500, 9000, "Chaque élément est comparé à l'élément suivant, ça va de soi."),
        ],
        [],
    ),
    "cp1252-german.srt": (
        [
            (1, 1000, 3500, "Guten Tag, heute geht es ums Sortieren."),
            (2, 4000, 6000, "Zuerst erkläre ich, warum das so wichtig ist."),
            (3, 6500, 9000, "Größere Schlüssel rücken natürlich nach hinten."),
        ],
        [],
    ),
    "cp1253-greek.srt": (
        [
            (1, 1000, 3500, "Καλημέρα σας, σήμερα θα μιλήσουμε για την ταξινόμηση."),
            (2, 4000, 6000, "Πρώτα θα δούμε γιατί είναι σημαντικό."),
            (3, 6500, 9000, "Κάθε στοιχείο συγκρίνεται με το επόμενο."),
        ],
        [],
    ),
    "cp852-czech.srt": (
        [
            (1, 1000, 3500, "Dobrý den, vítejte na přednášce o řazení."),
            (2, 4000, 6000, "Nejdřív si ukážeme, proč je to důležité."),
            (3, 6500, 9000, "Každý prvek porovnáme s následujícím."),
        ],
        [],
    ),
    "cut-off-character.srt": (
        [
            (1, 1000, 3500, "Dobrý den, vítejte na přednášce o řazení."),
            (2, 4000, 6000, "Nejdřív si ukážeme, proč je to důležité."),
            (3, 6500, 9000, "Každý prvek porovnáme s následujícím."),
        ],
        [("cut-off last character", 1, 11)],
    ),
    "empty-cue-without-blank-line.srt": ([FIRST, THIRD], [("empty cue", 1, 6)]),
    "empty-cue.srt": ([FIRST, THIRD], [("empty cue", 1, 6)]),
    "end-before-start.srt": (
        [FIRST, (2, 4000, 4000, "Today we look at merge sort."), THIRD],
        [("end before start", 1, 6)],
    ),
    "entities.srt": ([FIRST, (2, 4000, 6000, "Q&A: 3 < 4 'quoted' AT&T &bogus;"), THIRD], [("entities decoded", 1, 6)]),
    "euc-jp-japanese.srt": (
        [
            (1, 1000, 3500, "こんにちは、今日は並べ替えの話をします。"),
            (2, 4000, 6000, "まず、なぜ大切なのかを見てみましょう。"),
            (3, 6500, 9000, "それぞれの要素を次の要素と比べます。"),
        ],
        [],
    ),
    "formula-in-braces.srt": ([FIRST, (2, 4000, 6000, "the set {\\alpha} and {x | x < 3}"), THIRD], []),
    "gb18030-chinese.srt": (
        [
            (1, 1000, 3500, "大家好，今天我们来讲排序。"),
            (2, 4000, 6000, "首先看看这个问题为什么重要。"),
            (3, 6500, 9000, "每个元素都和下一个元素比较。"),
        ],
        [],
    ),
    "half-second.srt": ([FIRST, (2, 4500, 6050, "Today we look at merge sort."), THIRD], [("time notation", 1, 6)]),
    "hours-over-99.srt": ([FIRST, SECOND, (3, 360003000, 442804000, "It splits the list in two halves.")], []),
    "iso-2022-jp-japanese.srt": (
        [
            (1, 1000, 3500, "こんにちは、今日は並べ替えの話をします。"),
            (2, 4000, 6000, "まず、なぜ大切なのかを見てみましょう。"),
            (3, 6500, 9000, "それぞれの要素を次の要素と比べます。"),
        ],
        [],
    ),
    "iso8859-2-czech.srt": (
        [
            (1, 1000, 3500, "Dobrý den, vítejte na přednášce o řazení."),
            (2, 4000, 6000, "Nejdřív si ukážeme, proč je to důležité."),
            (3, 6500, 9000, "Každý prvek porovnáme s následujícím."),
        ],
        [],
    ),
    "iso8859-2-polish.srt": (
        [
            (1, 1000, 3500, "Dzień dobry, zaczynamy wykład o sortowaniu."),
            (2, 4000, 6000, "Najpierw pokażę, dlaczego są one właśnie tak ważne."),
            (3, 6500, 9000, "Każdy element porównujemy z następnym."),
        ],
        [],
    ),
    "joined-files.srt": (
        [
            FIRST,
            SECOND,
            THIRD,
            (4, 61000, 63500, "Welcome to the lecture on sorting."),
            (5, 64000, 66000, "Today we look at merge sort."),
            (6, 66500, 69000, "It splits the list in two halves."),
        ],
        [("odd number", 1, 13), ("numbers counted anew", 1, 14)],
    ),
    "joiners-that-belong.srt": ([FIRST, (2, 4000, 6000, "می\u200cخواهم 👩\u200d🏫"), THIRD], []),
    "koi8-r-russian.srt": (
        [
            (1, 1000, 3500, "Добрый день, сегодня мы поговорим о сортировке."),
            (2, 4000, 6000, "Сначала я покажу, почему это важно."),
            (3, 6500, 9000, "Каждый элемент сравнивается со следующим."),
        ],
        [],
    ),
    "last-line-is-a-number.srt": ([FIRST, SECOND, (3, 6500, 9000, "In the year 1945")], []),
    "negative-time.srt": (
        [(1, 0, 3500, "Welcome to the lecture on sorting."), SECOND, THIRD],
        [("time notation", 1, 2), ("negative time", 1, 2)],
    ),
    "note-in-text.vtt": ([FIRST, (2, 4000, 6000, "NOTE this down."), THIRD], []),
    "number-behind-blank-line.srt": (
        [FIRST, (2, 4000, 6000, "Today we look at merge sort. 42"), THIRD],
        [("blank line inside a cue", 1, 8)],
    ),
    "number-without-cue.srt": (
        [FIRST, SECOND, (4, 6500, 9000, "It splits the list in two halves.")],
        [("number without a cue", 1, 9)],
    ),
    "number-zero.srt": (
        [
            (0, 1000, 3500, "Welcome to the lecture on sorting."),
            (1, 4000, 6000, "Today we look at merge sort."),
            (2, 6500, 9000, "It splits the list in two halves."),
        ],
        [],
    ),
    "numbers-from-900.srt": (
        [
            (900, 1000, 3500, "Welcome to the lecture on sorting."),
            (901, 4000, 6000, "Today we look at merge sort."),
            (905, 6500, 9000, "It splits the list in two halves."),
        ],
        [],
    ),
    "overlap.srt": ([FIRST, (2, 3000, 8000, "Today we look at merge sort."), THIRD], [("overlapping cues", 2, 6)]),
    "replacement-character.srt": (
        [FIRST, (2, 4000, 6000, "Today we l�ok."), THIRD],
        [("replacement characters kept", 1, 6)],
    ),
    "said-twice.srt": (
        [
            (1, 0, 2000, "No."),
            (2, 3000, 5000, "No."),
            (3, 6000, 8000, "Merge sort."),
            (4, 9000, 11000, "Again."),
            (5, 12000, 14000, "Merge sort."),
        ],
        [],
    ),
    "seconds-over-59.srt": (
        [
            FIRST,
            (2, 4000, 66000, "Today we look at merge sort."),
            (3, 66500, 69000, "It splits the list in two halves."),
        ],
        [("time notation", 2, 6), ("minutes or seconds over 59", 3, 6)],
    ),
    "shift-jis-japanese.srt": (
        [
            (1, 1000, 3500, "こんにちは、今日は並べ替えの話をします。"),
            (2, 4000, 6000, "まず、なぜ大切なのかを見てみましょう。"),
            (3, 6500, 9000, "それぞれの要素を次の要素と比べます。"),
        ],
        [],
    ),
    "speakers.srt": ([FIRST, (2, 4000, 6000, "TEACHER: Today - Really?"), THIRD], []),
    "text-is-a-number.srt": ([FIRST, (2, 4000, 6000, "42"), THIRD], []),
    "voices.vtt": (
        [(1, 1000, 3500, "Anna: Welcome"), (2, 4000, 6000, "Bob Lee: Today we look"), (3, 6500, 9000, "It splits")],
        [("tags removed", 3, 3)],
    ),
    "whisper-empty-segment.json": (
        [FIRST, (2, 6500, 9000, "It splits the list in two halves.")],
        [("empty cue", 1, None)],
    ),
    "whisperx-no-times.json": (
        [FIRST, (2, 3500, 3500, "Today we look at merge sort."), THIRD],
        [("missing time", 1, None)],
    ),
    "whisperx-speakers.json": (
        [
            (1, 1000, 3500, "SPEAKER_00: Welcome to the lecture on sorting."),
            (2, 4000, 6000, "SPEAKER_01: Today we look at merge sort."),
            (3, 6500, 9000, "SPEAKER_00: It splits the list in two halves."),
        ],
        [],
    ),
    "youtube-rolling.srt": (
        [(1, 1000, 4000, "Welcome to the lecture on sorting."), (2, 4000, 6500, "Today we look at merge sort."), THIRD],
        [("rolling captions collapsed", 2, 6)],
    ),
    "youtube-rolling.vtt": (
        [
            (1, 1000, 4000, "Welcome to the lecture on sorting."),
            (2, 4000, 6010, "Today we look at merge sort."),
            (3, 6010, 9000, "It splits the list in two halves."),
        ],
        [("tags removed", 3, 5), ("rolling captions collapsed", 4, 9)],
    ),
    "zero-length.srt": ([FIRST, (2, 4000, 4000, "Today we look at merge sort."), THIRD], []),
}

# Refused: the line that the error names, and how its problem begins.
REFUSED: dict[str, tuple[int | None, str]] = {
    "ass.srt": (None, "this is an ASS/SSA file (turn it into SRT: ffmpeg -i subtitles.ass subtitles.srt)"),
    "binary.srt": (1, "it is no text in any known encoding, perhaps a binary file"),
    "empty.srt": (None, "the file is empty"),
    "frames.srt": (2, "the time line “00:00:01:12 --> 00:00:03:10” cannot be read"),
    "half-of-a-pair.json": (None, "half of a surrogate pair in “'\\ud83d'”"),
    "half-written.json": (16, "the JSON is half-written: it ends (Expecting property name enclosed in double quotes)"),
    "half-written.srt": (None, "its cues have no text (perhaps it is half-written)"),
    "header-only.vtt": (None, "it has no cues"),
    "lone-surrogate.srt": (7, "the file is UTF-8, but half of a surrogate pair in it is not"),
    "microdvd.srt": (1, "its times are counted in frames (MicroDVD), and the frame rate is not known"),
    "mp4.srt": (None, "this is an MP4 video (it has to be transcribed first)"),
    "no-text.srt": (None, "its cues have no text (perhaps it is half-written)"),
    "no-times.srt": (None, "no line of it has a start and an end time"),
    "one-foreign-name.srt": (7, "its encoding cannot be told (it is not UTF-8; possible: cp1252 or cp1250)"),
    "one-time-only.srt": (6, "the time line “00:00:04,000” cannot be read"),
    "only-blank-lines.srt": (None, "the file is empty"),
    "only-tags.srt": (None, "its cues have no text (perhaps it is half-written)"),
    "other.json": (None, "this JSON holds no transcript"),
    "pdf.srt": (None, "this is a PDF document (a PDF has no times: export the subtitles instead)"),
    "png.srt": (None, "this is a PNG picture"),
    "time-is-a-word.json": (
        None,
        "segment 2 → start: Input should be a valid number, unable to parse string as a number",
    ),
    "time-with-a-word-for-end.srt": (6, "the time line “00:00:04,000 --> soon” cannot be read"),
    "time-with-a-word-for-start.srt": (6, "the time line “then --> 00:00:06,000” cannot be read"),
    "time-without-arrow.srt": (6, "the time line “00:00:04,000 00:00:06,000” cannot be read"),
    "time-without-end.srt": (6, "the time line “00:00:04,000 -->” cannot be read"),
    "utf8-with-a-bad-byte.srt": (7, "the file is UTF-8, but the byte FF in it is not"),
    "web-page.srt": (1, "this is a web page, perhaps an error page in place of the download"),
    "xml-captions.srt": (1, "captions as XML are not read (convert them to SRT)"),
    "zip.srt": (None, "this is a zip archive or an Office document (unpack it, and hand in the files inside)"),
}

# All others are UTF-8.
ENCODINGS = {
    "cp1250-czech.srt": "cp1250",
    "cp1250-polish.srt": "cp1250",
    "cp1251-russian.srt": "cp1251",
    "cp1252-english-quotes.srt": "cp1252",
    "cp1252-french.srt": "cp1252",
    "cp1252-german.srt": "cp1252",
    "cp1253-greek.srt": "cp1253",
    "cp852-czech.srt": "cp852",
    "euc-jp-japanese.srt": "euc_jp",
    "gb18030-chinese.srt": "gb18030",
    "iso-2022-jp-japanese.srt": "iso2022_jp",
    "iso8859-2-czech.srt": "iso8859_2",
    "iso8859-2-polish.srt": "iso8859_2",
    "koi8-r-russian.srt": "koi8_r",
    "shift-jis-japanese.srt": "cp932",
    "utf16-be-mark.srt": "utf-16-be",
    "utf16-be-no-mark.srt": "utf-16-be",
    "utf16-le-mark.srt": "utf-16-le",
    "utf16-le-no-mark.srt": "utf-16-le",
    "utf32-be-no-mark.srt": "utf-32-be",
    "utf32-le-mark.srt": "utf-32-le",
}
READ = {**{name: ([FIRST, SECOND, THIRD], mended) for name, mended in SAME.items()}, **OTHER}


def test_every_file_is_in_one_of_the_tables() -> None:
    files = {path.name for path in TRANSCRIPTS.iterdir() if not path.name.startswith(".")}
    assert sorted([*SAME, *OTHER, *REFUSED]) == sorted(files)


@pytest.mark.parametrize("name", READ)
def test_the_cues_and_what_was_mended_are_as_the_table_says(name: str) -> None:
    cues, mended = READ[name]
    found = read((TRANSCRIPTS / name).read_bytes(), name)
    assert list(found.cues) == [Cue(*cue) for cue in cues]
    assert [(m.name, m.count, m.line) for m in found.mendings] == mended
    assert found.encoding == ENCODINGS.get(name, "utf-8")


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_single_reading_is_refused_with_its_file_and_line(name: str) -> None:
    line, problem = REFUSED[name]
    with pytest.raises(TranscriptRefusedError) as refused:
        read((TRANSCRIPTS / name).read_bytes(), name)
    error = refused.value
    assert (error.line, error.problem) == (line, problem)
    assert str(error).startswith(name if line is None else f"{name}, line {line}: ")
    assert "Expected" in str(error)


def test_every_mending_that_is_described_has_a_file_that_needs_it() -> None:
    needed = {name for _, mended in READ.values() for name, _, _ in mended}
    # A hint to the encoding is not in the file; it has a test of its own.
    assert needed == set(REASONS) - {"mark against the encoding given"}
