"""A lecture's outline as the source of an export, with what its reader should know of how it came to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from shared.cues import Cue, remarks
from shared.export.source import Source
from shared.language_names import LANGUAGE_NAMES
from shared.lecture import ChunkOutline, Outline
from shared.outline import Section, clock, walk

_MOVED = frozenset({"time-outside-chunk", "place-unknown", "moved-between-neighbours"})
"""Repairs of sections whose place had to be guessed; from between two cues to the nearer one is no guess."""


def source_of(name: str, outline: Outline, cues: Sequence[Cue], edited: Sequence[Section] | None = None) -> Source:
    """The lecture called `name`, with its outline as given, or as `edited`."""
    return Source(
        name=name,
        duration=max((cue.end for cue in cues), default=0),
        language=outline.title_language,
        sections=outline.sections if edited is None else tuple(edited),
        notes=(*_notes(outline, edited is not None), *(remarks(cues) if cues else ())),
        cues=tuple(cues),
        spoken="" if outline.language == "und" else outline.language,
        incomplete=bool(outline.holes),
    )


def _notes(outline: Outline, edited: bool) -> Iterator[str]:
    """One line each, in plain words: who made it, then what to mind, the worst first. All of it is in the document."""
    repairs = [*outline.repairs, *(repair for chunk in outline.chunks for repair in chunk.repairs)]
    if outline.models:
        made = dict.fromkeys("the offline model" if m.startswith("offline") else m for m in outline.models)
        spoken = LANGUAGE_NAMES.get(outline.language)
        yield (
            f"Outlined by {' and '.join(made)}{f' from speech in {spoken}' if spoken else ''}"
            f"{', then edited by hand' if edited else ''}."
        )
    if any(repair.name == "language-not-kept" for repair in repairs):
        yield "The offline model cannot translate: titles are in the lecture's own language."
    for hole in outline.holes:
        yield f"Not outlined: {str(hole).removesuffix('.')}."
    for chunk in outline.chunks:
        if chunk.degraded and chunk.sections:
            yield f"Outlined by the offline model instead: {_place(chunk)}, because {chunk.degraded}."
    for repair in repairs:
        if repair.name == "style-not-kept":
            yield f"Titles name topics, though a {repair.detail} was asked for: the offline model makes no other."
        if repair.name == "stretch-passed-over":
            yield f"Perhaps incomplete: {repair.detail}."
    if mended := ", ".join(_mended(outline, Counter(repair.name for repair in repairs))):
        yield f"Mended: {mended}."


def _mended(outline: Outline, seen: Counter[str]) -> Iterator[str]:
    """What was mended that changed what is read, each with how often."""
    if moved := sum(not _MOVED.isdisjoint(s.repairs) for chunk in outline.chunks for _, s in walk(chunk.sections)):
        yield f"{moved} of {sum(chunk.given for chunk in outline.chunks)} start times moved to where they fit"
    if again := sum(chunk.asked_again for chunk in outline.chunks):
        yield f"{_counted(again, 'reply', 'replies')} asked for again"
    if translated := seen["title-translated"]:
        yield f"{_counted(translated, 'title', 'titles')} translated"
    if foreign := seen["title-in-another-language"]:
        yield f"{_counted(foreign, 'title', 'titles')} left in another language"


def _place(chunk: ChunkOutline) -> str:
    return f"{clock(chunk.sections[0].start)}–{clock(chunk.sections[-1].end)}"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
