"""What a transcript costs as a prompt, in real tokens: each way to write its cues, and a lecture's prompts in all.

    python bench/prompt_cost.py FOLDER [--encoding o200k_base]

`make bench-prompt DATA=folder` brings a tokenizer along, with its vocabularies, in a folder of its own.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import bpe_openai

from shared.chunks import cut, line_tokens
from shared.cues import Cue, read
from shared.cues.subrip import stamp
from shared.lecture import Options
from shared.outline import clock
from worker.language import detect
from worker.prompt import cue_lines, outline_prompt

Form = Callable[[Sequence[Cue]], str]
Tokens = Callable[[str], int]

ORIGINAL_RULES = 244
"""Tokens of the original prompt around its transcript, which was raw SRT."""
CHUNK_TOKENS = 3_000


def raw(cues: Sequence[Cue]) -> str:
    return "\n\n".join(f"{c.number}\n{stamp(c.start)} --> {stamp(c.end)}\n{c.text}" for c in cues)


def time_a_cue(cues: Sequence[Cue]) -> str:
    return "\n".join(f"[{clock(c.start)}] {c.text}" for c in cues)


def number_and_time(cues: Sequence[Cue]) -> str:
    return "\n".join(f"{n} {clock(c.start)} {c.text}" for n, c in enumerate(cues, 1))


def number(cues: Sequence[Cue]) -> str:
    return "\n".join(f"{n} {c.text}" for n, c in enumerate(cues, 1))


def joined(cues: Sequence[Cue], least_ms: int, time: bool) -> str:
    """Short cues joined to lines of at least `least_ms`, each with the number of its first cue."""
    lines: list[str] = []
    opened = -least_ms
    for n, cue in enumerate(cues, 1):
        if cue.start - opened >= least_ms:
            opened = cue.start
            lines.append(f"{n} {clock(cue.start)} {cue.text}" if time else f"{n} {cue.text}")
        else:
            lines[-1] += f" {cue.text}"
    return "\n".join(lines)


FORMS: dict[str, Form] = {
    "raw SRT, as in the original": raw,
    "number and time a cue": number_and_time,
    "[time] a cue": time_a_cue,
    "number a cue, time every 30 s (ours)": partial(cue_lines, first=0),
    "number a cue": number,
    "number and time, cues joined to 5 s": partial(joined, least_ms=5_000, time=True),
    "number and time, cues joined to 10 s": partial(joined, least_ms=10_000, time=True),
    "number, cues joined to 10 s": partial(joined, least_ms=10_000, time=False),
}


def main() -> None:
    """Prints both tables, and what the estimate that needs no vocabulary makes of the same text."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--encoding", default="o200k_base", help="o200k_base (GPT-4o and later) or cl100k_base")
    parser.add_argument("--most", type=int, default=20, help="how many files are read")
    chosen = parser.parse_args()
    encoding = bpe_openai.get_encoding(chosen.encoding)

    def tokens(text: str) -> int:
        return len(encoding.encode_ordinary(text))

    lectures = [read(path.read_bytes(), path.name).cues for path in _some(chosen.folder, chosen.most)]
    print(f"{chosen.encoding}: {len(lectures)} lectures, {sum(map(_hours, lectures)):.1f} h")
    _print_forms(lectures, tokens)
    _print_prompts(lectures, tokens)


def _print_forms(lectures: Sequence[tuple[Cue, ...]], tokens: Tokens) -> None:
    spoken = [" ".join(cue.text for cue in cues) for cues in lectures]
    words = sum(map(tokens, spoken))
    print(f"\n{words / sum(map(_hours, lectures)):,.0f} tokens of words an hour; over those:")
    for name, form in FORMS.items():
        print(f"{name:40} {sum(tokens(form(cues)) for cues in lectures) / words:5.2f}")
    estimated = sum(line_tokens(cue) for cues in lectures for cue in cues)
    error = estimated / sum(tokens(number(cues)) for cues in lectures) - 1
    print(f"{'the estimate of shared/chunks.py':40} {error:+.0%}")


def _print_prompts(lectures: Sequence[tuple[Cue, ...]], tokens: Tokens) -> None:
    """A lecture's prompts in all, beside the original's for the same chunks; and what a section costs in a reply."""
    rules, ours, cached, original, count = set(), 0, 0, 0, 0
    for cues in lectures:
        chunks = cut(cues, CHUNK_TOKENS)
        for chunk in chunks:
            prompt = outline_prompt(cues, chunk, "lecture.srt", Options(), detect(cues))
            rules.add(prompt.rules)
            ours += tokens(prompt.rules) + tokens(prompt.request)
            cached += tokens(prompt.rules) if count else 0
            original += ORIGINAL_RULES + tokens(raw(cues[chunk.first : chunk.stop]))
            count += 1
    assert len(rules) == 1, "the rules differ between chunks: no provider could cache them"
    hours = sum(map(_hours, lectures))
    print(f"\n{count} chunks of {CHUNK_TOKENS} tokens at most; rules, the same for all: {tokens(rules.pop())} tokens")
    print(f"{'the original prompt, tokens an hour':40} {original / hours:8,.0f}")
    print(f"{'ours':40} {ours / hours:8,.0f}   {ours / original:.2f} of the original")
    print(f"{'ours, where cached tokens cost a tenth':40} {(ours - 0.9 * cached) / hours:8,.0f}   "
          f"{(ours - 0.9 * cached) / original:.2f} of the original")  # fmt: skip
    section = {"title": "Why 4-bit weights save memory", "start_time": "02:14:39", "cue": 2063, "subsections": []}
    ten = [{**section, "subsections": [section] * 9}]
    forms = {"compact": json.dumps(ten, separators=(",", ":")), "indented": json.dumps(ten, indent=4)}
    print(
        "a section in a reply: " + ", ".join(f"{tokens(text) / 10:.0f} tokens {name}" for name, text in forms.items())
    )


def _hours(cues: Sequence[Cue]) -> float:
    return (cues[-1].end - cues[0].start) / 3_600_000


def _some(folder: Path, most: int) -> Iterator[Path]:
    """Up to `most` files, evenly from all over the folder."""
    found = sorted(path for path in folder.iterdir() if path.suffix in (".srt", ".vtt"))
    yield from found[:: max(1, -(-len(found) // most))]


if __name__ == "__main__":
    main()
