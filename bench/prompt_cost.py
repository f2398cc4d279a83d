"""What a transcript costs as a prompt: the tokens of each way to write its cues, over those of its words alone.

    python bench/prompt_cost.py FOLDER [--encoding o200k_base]

`make bench-prompt DATA=folder` brings a tokenizer along, in a folder of its own.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import srt
import tiktoken

from shared.chunks import Chunk
from shared.cues import Cue
from shared.lecture import Options
from shared.outline import clock
from worker.prompt import cue_lines, outline_prompt

Form = Callable[[Sequence[Cue]], str]


def raw(cues: Sequence[Cue]) -> str:
    return "\n\n".join(f"{c.number}\n{_srt(c.start)} --> {_srt(c.end)}\n{c.text}" for c in cues)


def time_a_cue(cues: Sequence[Cue]) -> str:
    return "\n".join(f"[{clock(c.start)}] {c.text}" for c in cues)


def number_and_time(cues: Sequence[Cue]) -> str:
    return "\n".join(f"{n} {clock(c.start)} {c.text}" for n, c in enumerate(cues, 1))


def number(cues: Sequence[Cue]) -> str:
    return "\n".join(f"{n} {c.text}" for n, c in enumerate(cues, 1))


def ours(cues: Sequence[Cue]) -> str:
    return cue_lines(cues, 0)


def joined(least_ms: int, time: bool) -> Form:
    """Short cues joined to lines of at least `least_ms`, each with the number of its first cue."""

    def form(cues: Sequence[Cue]) -> str:
        lines: list[str] = []
        opened = -least_ms
        for n, cue in enumerate(cues, 1):
            if cue.start - opened >= least_ms:
                opened = cue.start
                lines.append(f"{n} {clock(cue.start)} {cue.text}" if time else f"{n} {cue.text}")
            else:
                lines[-1] += f" {cue.text}"
        return "\n".join(lines)

    return form


FORMS: dict[str, Form] = {
    "raw SRT, as in the seed": raw,
    "number and time a cue": number_and_time,
    "[time] a cue": time_a_cue,
    "number a cue, time every 30 s (ours)": ours,
    "number a cue": number,
    "number and time, cues joined to 5 s": joined(5_000, True),
    "number and time, cues joined to 10 s": joined(10_000, True),
    "number, cues joined to 10 s": joined(10_000, False),
}


def main() -> None:
    """Prints the table, and what the prompt around the cues costs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--encoding", default="o200k_base", help="o200k_base (GPT-4o and later) or cl100k_base")
    parser.add_argument("--most", type=int, default=20, help="how many files of each kind are read")
    chosen = parser.parse_args()
    encoding = tiktoken.get_encoding(chosen.encoding)

    def tokens(text: str) -> int:
        return len(encoding.encode(text, disallowed_special=()))

    lectures = [cues for path in _some(chosen.folder, chosen.most) if (cues := _read(path))]
    words = sum(tokens(" ".join(c.text for c in cues)) for cues in lectures)
    hours = sum(cues[-1].end - cues[0].start for cues in lectures) / 3_600_000
    spoken = sum(len(cues) for cues in lectures)
    print(f"{len(lectures)} lectures, {hours:.1f} h, {spoken} cues, {words / hours:,.0f} tokens of words an hour")
    for name, form in FORMS.items():
        print(f"{name:40} {sum(tokens(form(cues)) for cues in lectures) / words:5.2f}")
    cues = lectures[0]
    prompt = outline_prompt(cues, Chunk(1, 2, 0, 3, len(cues), 0), "Lecture", Options(), "en")
    lines = tokens(cue_lines(cues, 0))
    print(f"rules {tokens(prompt.rules)} tokens; around the cues {tokens(prompt.request) - lines}")


def _some(folder: Path, most: int) -> Iterator[Path]:
    """Up to `most` files, evenly from all over the folder."""
    found = sorted(folder.glob("*.srt"))
    yield from found[:: max(1, -(-len(found) // most))]


def _read(path: Path) -> tuple[Cue, ...]:
    parsed = srt.parse(path.read_text("utf-8-sig"), ignore_errors=True)
    return tuple(
        Cue(s.index or n, _ms(s.start), _ms(s.end), " ".join(s.content.split()))
        for n, s in enumerate(parsed, 1)
        if s.content.strip()
    )


def _ms(time: object) -> int:
    return round(time.total_seconds() * 1000)  # type: ignore[attr-defined]


def _srt(ms: int) -> str:
    return f"{clock(ms)},{ms % 1000:03}"


if __name__ == "__main__":
    main()
