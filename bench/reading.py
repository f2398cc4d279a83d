"""How fast transcripts are read, packed and cut: one-hour lectures, a million cues, and texts made to be slow."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable

from shared.chunks import cut
from shared.cues import pack, read, unpack
from shared.errors import TranscriptRefusedError

MB = 1_000_000
BUDGET = 3_000
PHRASE = "and then we put the smaller one of the two keys in front, which takes a single comparison"
WORDS = PHRASE.split()


def stamp(seconds: int, point: str = ",") -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}000"


def subtitles(count: int, text: Callable[[int], str], point: str = ",") -> str:
    return "".join(f"{i + 1}\n{stamp(i, point)} --> {stamp(i + 1, point)}\n{text(i)}\n\n" for i in range(count))


def spoken(i: int) -> str:
    return " ".join(WORDS[(i + k) % len(WORDS)] for k in range(12))


def best(call: Callable[[], object], runs: int = 30) -> float:
    """The shortest of several runs, in milliseconds: the others measure what else the machine does."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def hour() -> None:
    plain = subtitles(1000, spoken).encode()
    cues = read(plain, "lecture.srt")
    packed = pack(cues)
    rows: dict[str, Callable[[], object]] = {
        "read srt": lambda: read(plain, "lecture.srt"),
        "read srt, with tags": lambda: read(plain.replace(b"the", b"<i>the</i>"), "lecture.srt"),
        "read vtt": lambda: read(b"WEBVTT\n\n" + subtitles(1000, spoken, ".").encode(), "lecture.vtt"),
        "pack": lambda: pack(cues),
        "unpack": lambda: unpack(packed),
        "cut": lambda: cut(cues.cues, BUDGET),
    }
    for name, call in rows.items():
        print(f"{name:<24}{best(call):8.2f} ms for 1,000 cues, {len(plain) // 1000} kB")


def hostile() -> None:
    head = subtitles(1, lambda _: "text")
    texts = {
        "open tags": head + "<font " * (MB // 6),
        "open braces": head + "{\\an8" * (MB // 5),
        "ampersands": head + "&abcdefgh" * (MB // 9),
        "arrows": head + "--> " * (MB // 4),
        "digits and colons": head + "1:" * (MB // 2),
        "spaces": head + " " * MB + "x",
        "blank lines": head + "\n" * MB + "x",
        "lone returns": head + "\r" * MB,
        "numbers": head + "1\n" * (MB // 2),
        "time lines only": "00:00:01,0 --> 00:00:02\n" * (MB // 24),
        "brackets": "[" * MB,
        "short cues, srt": subtitles(MB // 37, lambda i: "ab"[i % 2]),
        "short cues, tags": subtitles(MB // 44, lambda i: f"<i>{'ab'[i % 2]}</i>"),
        "short cues, vtt": "WEBVTT\n\n" + subtitles(MB // 38, lambda i: "ab"[i % 2], "."),
        "short cues, sbv": "".join(f"{stamp(i, '.')},{stamp(i + 1, '.')}\nab{i}\n\n" for i in range(MB // 35)),
    }
    for name, text in texts.items():
        content = text.encode()
        start = time.perf_counter()
        try:
            outcome = f"{len(read(content, name).cues):,} cues"
        except TranscriptRefusedError:
            outcome = "refused"
        print(f"{name:<24}{(time.perf_counter() - start) / len(content) * MB:8.2f} s a MB, {outcome}")


def million() -> None:
    content = subtitles(MB, spoken).encode()
    start = time.perf_counter()
    cues = read(content, "million.srt").cues
    was_read = time.perf_counter()
    chunks = cut(cues, BUDGET)
    was_cut = time.perf_counter()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"a million cues, {len(content) // MB} MB: read in {was_read - start:.1f} s, "
        f"cut into {len(chunks):,} chunks in {was_cut - was_read:.1f} s, at most {memory:,.0f} MB of memory"
    )


if __name__ == "__main__":
    hour()
    hostile()
    million()
