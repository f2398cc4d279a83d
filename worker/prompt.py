"""Prompts: what is asked of a model. The texts are under prompts/; here the lecture is put into them, as data.

What never changes comes first, byte for byte, because providers cache a prompt's beginning.
Lines are "NUMBER words" with the time twice a minute: bench/prompt_cost.py measures what that costs beside other forms.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from string import Template

from shared.chunks import Chunk
from shared.cues import Cue
from shared.lecture import Options
from shared.outline import MOST_SIBLINGS, Section, clock
from worker.exchange import Material, Prompt, Purpose

_STAMP_EVERY_MS = 30_000
_DETAIL = {
    "brief": "Keep it brief: about four main topics an hour, and few subsections.",
    "normal": "About eight main topics an hour, with subsections where a topic has parts of its own.",
    "fine": "Be thorough: about fifteen main topics an hour, with subsections wherever a topic has parts.",
}
_STYLE = {
    "topic": "a noun phrase as in a table of contents",
    "question": "a question that is answered there",
    "sentence": "a short sentence that says what is claimed there",
}
_LANGUAGES = {
    "ar": "Arabic", "cs": "Czech", "de": "German", "en": "English", "es": "Spanish", "fr": "French", "hu": "Hungarian",
    "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese",
    "ru": "Russian", "sk": "Slovak", "tr": "Turkish", "uk": "Ukrainian", "zh": "Chinese",
}  # fmt: skip


def outline_prompt(
    cues: tuple[Cue, ...], chunk: Chunk, name: str, options: Options, language: str, faults: Sequence[str] = ()
) -> Prompt:
    """Asks for the sections of one chunk; with `faults`, once more, saying what was wrong."""
    text, version = _text("outline")
    rules = Template(text).substitute(
        language=_named(options.language),
        most=MOST_SIBLINGS,
        style=_STYLE.get(options.title_style, _STYLE["topic"]),
        detail=_detail(options),
    )
    before, portion = cues[chunk.context : chunk.first], cues[chunk.first : chunk.stop]
    request = [f"The lecture: {_one_line(name)}. This is chunk {chunk.index + 1} of {chunk.of} of the transcript."]
    if before:
        request += ["", "Context, spoken just before this chunk:", _fenced(cue_lines(before, chunk.context))]
    request += ["", "Transcript:", _fenced(cue_lines(portion, chunk.first))]
    request += ["", *_reminder(options, portion, chunk)]
    if faults:
        correction, _ = _text("correct")
        request += ["", Template(correction).substitute(faults="\n".join(f"- {f}" for f in faults))]
    purpose: Purpose = "correct" if faults else "outline"
    return Prompt(purpose, version, rules, "\n".join(request), language, options, Material(cues, chunk))


def translate_prompt(titles: Sequence[str], options: Options, language: str) -> Prompt:
    """Asks for titles in the language of `options`, by number."""
    text, version = _text("translate")
    rules = Template(text).substitute(language=_named(options.language))
    sections = tuple(Section(title=title, start=0, end=0, cue=0) for title in titles)
    return Prompt(
        "translate", version, rules, _fenced(_numbered(titles)), language, options, Material(sections=sections)
    )


def group_prompt(
    cues: tuple[Cue, ...], sections: Sequence[Section], seams: Sequence[int], options: Options, language: str
) -> Prompt:
    """Asks which consecutive sections belong together, and which seams a topic runs over."""
    text, version = _text("group")
    rules = Template(text).substitute(language=_named(options.language), most=MOST_SIBLINGS)
    marks = [f"{s.start_time} {s.title}{' *' if n in set(seams) else ''}" for n, s in enumerate(sections)]
    material = Material(cues, sections=tuple(sections), seams=tuple(seams))
    return Prompt("group", version, rules, _fenced(_numbered(marks)), language, options, material)


def _reminder(options: Options, portion: Sequence[Cue], chunk: Chunk) -> list[str]:
    """The task once more behind the transcript: what is asked last is followed best."""
    language = _named(options.language)
    told = [
        f"That was chunk {chunk.index + 1} of {chunk.of}, {clock(portion[0].start)} to {clock(portion[-1].end)}, "
        f"lines {chunk.first + 1} to {chunk.stop}. Outline it now: at most {MOST_SIBLINGS} entries at every level.",
        f"Important: all titles in {language}. Translate what is said in another language.",
        "Important: no explanation, no comments, only valid JSON of the shape above.",
    ]
    if options.glossary:
        told.insert(1, f"Spell these as given: {', '.join(_one_line(term) for term in options.glossary)}.")
    return told


def _detail(options: Options) -> str:
    said = _DETAIL.get(options.detail, _DETAIL["normal"])
    return f"{said} At most {options.depth} levels in all." if options.depth else said


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


def _numbered(titles: Sequence[str]) -> str:
    return "\n".join(f"{n} {_one_line(title)}" for n, title in enumerate(titles, 1))


def _fenced(text: str) -> str:
    """The text between two fences whose mark it does not contain: it cannot end itself."""
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"<<<{mark}\n{text.replace(mark, mark[:6])}\n{mark}>>>"


def _one_line(name: str) -> str:
    shown = "".join(c if unicodedata.category(c)[0] not in "CZ" else " " for c in name)
    return " ".join(shown.split())[:120]


def _named(language: str) -> str:
    return _LANGUAGES.get(language, f"the language with the code {language}")


@cache
def _text(name: str) -> tuple[str, str]:
    """A prompt's text and its version, from its first line."""
    whole = (files("worker") / "prompts" / f"{name}.txt").read_text("utf-8")
    first, _, text = whole.partition("\n")
    return text.strip(), f"{name}-{first.partition(':')[2].strip()}"
