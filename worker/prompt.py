"""Prompts: what is asked of a model. The texts are under prompts/; here the lecture is put into them, as data.

What never changes comes first, byte for byte, because providers cache a prompt's beginning (from 1,024 tokens on).
Lines are "NUMBER words" with the time twice a minute: bench/prompt_cost.py measures what that costs beside other forms.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from string import Template

from shared.chunks import Chunk
from shared.cues import Cue
from shared.language_names import LANGUAGE_NAMES
from shared.lecture import Options
from shared.outline import MOST_SIBLINGS, Section, clock
from worker.exchange import Material, Prompt, Purpose
from worker.wording import tidy

_STAMP_EVERY_MS = 30_000
_LONGEST_NAME = 80
_MOST_TERMS = 200
_HOUR = 3_600_000
_BREAK_MS = 10 * 60_000
"""In so long a silence there are no topics: a break, or a stray cue hours after the others."""
_PER_HOUR = {"brief": 4, "normal": 8, "fine": 15}
_DETAIL = {
    "brief": "Be brief: few main topics, and subsections only where a topic has parts that somebody would look for.",
    "normal": "Main topics are those of a table of contents; they have subsections where they have parts of their own.",
    "fine": "Be thorough: every topic that is taken up, with subsections wherever it has parts.",
}
_STYLE = {
    "topic": "a noun phrase as in a table of contents",
    "question": "a question that is answered there",
    "sentence": "a short sentence that says what is claimed there",
}


def outline_prompt(
    cues: tuple[Cue, ...],
    chunk: Chunk,
    name: str,
    options: Options,
    language: str,
    faults: Sequence[str] = (),
    time: int = 1,
) -> Prompt:
    """Asks for the sections of one chunk; with `faults`, for the second or third `time`, saying what was wrong."""
    text, version = prompt_text("outline")
    rules = rules_in(text, options)
    before, portion = cues[chunk.context : chunk.first], cues[chunk.first : chunk.stop]
    request = [f"The lecture's file name: {_quoted(name)}.", f"This is chunk {chunk.index + 1} of {chunk.of}."]
    if before:
        request += ["", "Context, spoken just before this chunk:", _fenced(cue_lines(before, chunk.context))]
    request += ["", "Transcript:", _fenced(cue_lines(portion, chunk.first))]
    request += ["", *_reminder(options, portion, chunk)]
    purpose: Purpose = "outline"
    if faults:
        correction, correction_version = _correction(faults, time)
        purpose, version = "correct", f"{version} {correction_version}"
        request += ["", correction]
    return Prompt(purpose, version, rules, "\n".join(request), language, options, Material(cues, chunk))


def rules_in(text: str, options: Options) -> str:
    """The rules in a prompt's `text` with what the user chose put in their places."""
    return Template(text).substitute(
        language=_named(options.language),
        most=MOST_SIBLINGS,
        style=_STYLE.get(options.title_style, _STYLE["topic"]),
        detail=_detail(options),
    )


def translate_prompt(titles: Sequence[str], options: Options, language: str, faults: Sequence[str] = ()) -> Prompt:
    """Asks for titles in the language of `options`, by number; with `faults`, for the second time."""
    text, version = prompt_text("translate")
    rules = rules_in(text, options)
    sections = tuple(Section(title=title, start=0, end=0, cue=0) for title in titles)
    request = [_fenced(_numbered(titles)), *_spelling(options)]
    if faults:
        correction, correction_version = _correction(faults, 2)
        version = f"{version} {correction_version}"
        request.append(correction)
    return Prompt("translate", version, rules, "\n\n".join(request), language, options, Material(sections=sections))


def group_prompt(
    cues: tuple[Cue, ...], sections: Sequence[Section], seams: Sequence[int], options: Options, language: str
) -> Prompt:
    """Asks which consecutive sections belong together, and which seams a topic runs over."""
    text, version = prompt_text("group")
    rules = rules_in(text, options)
    marks = [f"{s.start_time} {s.title}{' *' if n in set(seams) else ''}" for n, s in enumerate(sections)]
    request = "\n\n".join([_fenced(_numbered(marks)), *_spelling(options)])
    material = Material(cues, sections=tuple(sections), seams=tuple(seams))
    return Prompt("group", version, rules, request, language, options, material)


def cue_lines(cues: Sequence[Cue], first: int) -> str:
    """One cue a line behind its number, its place among the lecture's cues from 1, and the time twice a minute."""
    lines: list[str] = []
    stamped = -_STAMP_EVERY_MS
    for place, cue in enumerate(cues, first + 1):
        if cue.start - stamped >= _STAMP_EVERY_MS:
            stamped = cue.start
            lines.append(f"[{clock(cue.start)}]")
        lines.append(f"{place} {cue.text}")
    return "\n".join(lines)


@cache
def prompt_text(name: str) -> tuple[str, str]:
    """A prompt's text and its version, from its first line."""
    whole = (files("worker") / "prompts" / f"{name}.txt").read_text("utf-8")
    first, _, text = whole.partition("\n")
    return text.strip(), f"{name}-{first.partition(':')[2].strip()}"


def _correction(faults: Sequence[str], time: int) -> tuple[str, str]:
    """What was wrong with the answer before, and the text's version. The `time` makes it another prompt every time:
    the reply cache would answer the same one with the reply that is being complained of."""
    text, version = prompt_text("correct")
    return Template(text).substitute(time=time, faults="\n".join(f"- {fault}" for fault in faults)), version


def _reminder(options: Options, portion: Sequence[Cue], chunk: Chunk) -> list[str]:
    """The task once more behind the transcript: what is asked last is followed best."""
    first, last = portion[0].start, portion[-1].end
    breaks = sum(silence for a, b in pairwise(portion) if (silence := b.start - a.end) >= _BREAK_MS)
    topics = max(1, round((last - first - breaks) / usual_topic_ms(options)))
    return [
        f"That was chunk {chunk.index + 1} of {chunk.of}, lines {chunk.first + 1} to {chunk.stop}, "
        f"{clock(first)} to {clock(last)}. Outline all of it now: about {min(topics, MOST_SIBLINGS)} main topics, "
        f"and at most {MOST_SIBLINGS} entries at every level.",
        *_spelling(options),
        f"Important: all titles in {_named(options.language)}. Translate what is said in another language.",
        "Important: no explanation, no comments, only valid JSON of the shape above as output.",
    ]


def usual_topic_ms(options: Options) -> int:
    """How long a main topic is at the chosen detail."""
    return _HOUR // _PER_HOUR[options.detail]


def _spelling(options: Options) -> list[str]:
    terms = ", ".join(_quoted(term) for term in options.glossary[:_MOST_TERMS])
    return [f"Terms of the course; where a title has one, it is spelt as here: {terms}."] if terms else []


def _detail(options: Options) -> str:
    said = _DETAIL[options.detail]
    return f"{said} At most {options.depth} levels in all." if options.depth else said


def _numbered(titles: Sequence[str]) -> str:
    return "\n".join(f"{n} {tidy(title)}" for n, title in enumerate(titles, 1))


def _fenced(text: str) -> str:
    """The text between two fences whose mark it does not contain: it cannot end itself."""
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"<<<{mark}\n{text.replace(mark, mark[:6])}\n{mark}>>>"


def _quoted(text: str) -> str:
    """Words of somebody else's within our own: one short line that cannot end its quotation."""
    return json.dumps(tidy(text, _LONGEST_NAME), ensure_ascii=False)


def _named(language: str) -> str:
    """Only letters of a code that is not known reach the prompt: it comes from a client."""
    code = re.sub(r"[^A-Za-z]", "", language)[:3].lower()
    return LANGUAGE_NAMES.get(language, f"the language with the ISO 639 code {code}")
