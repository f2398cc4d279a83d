"""A lecture's outline as the source of an export, with what its reader should know of how it came to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from shared.cues import Cue
from shared.export.source import Source
from shared.lecture import Outline
from shared.outline import Section


def source_of(name: str, outline: Outline, cues: Sequence[Cue], edited: Sequence[Section] | None = None) -> Source:
    """The lecture called `name`, with its outline as given, or as `edited`."""
    return Source(
        name=name,
        duration=max((cue.end for cue in cues), default=0),
        language=outline.title_language,
        sections=outline.sections if edited is None else tuple(edited),
        notes=tuple(_notes(outline, edited is not None)),
        cues=tuple(cues),
        spoken="" if outline.language == "und" else outline.language,
        incomplete=bool(outline.holes),
    )


def _notes(outline: Outline, edited: bool) -> Iterator[str]:
    models = dict.fromkeys(model for chunk in outline.chunks for model in chunk.models)
    if models:
        yield f"Outlined by {', '.join(models)}{', then edited by hand' if edited else ''}."
    if outline.title_language != "en" and any(model.startswith("offline") for model in models):
        named = "" if outline.language == "und" else f" ({outline.language})"
        yield f"The offline model cannot translate: titles are in the lecture's own language{named}."
    for hole in outline.holes:
        yield f"Not outlined: {hole}."
    for chunk in outline.chunks:
        if chunk.degraded:
            yield f"Chunk {chunk.index + 1} was outlined offline: {chunk.degraded}."
