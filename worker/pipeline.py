"""The flow, on one page: cues → prompt → reply → repaired reply → checked chunk outline → merged outline.

Pure but for `ask`, which is handed in: it sends a prompt to a model and waits for the reply.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from shared.chunks import Chunk
from shared.contract import ContractBrokenError, check
from shared.cues import Cue, Cues
from shared.lecture import ChunkOutline, Hole, Options, Outline
from shared.outline import Section, stretched, walk
from worker import language
from worker.dialogue import Dialogue
from worker.draft import drafted
from worker.exchange import Ask
from worker.levels import levelled, no_deeper
from worker.merge import laid_end_to_end
from worker.spelling import as_given, not_said
from worker.titles import in_language

_GROUPINGS = 4
"""How often a model is asked to group for one chunk; for a lecture as often for each of its chunks."""


async def outline_chunk(cues: Cues, chunk: Chunk, name: str, options: Options, ask: Ask, stand_in: Ask) -> ChunkOutline:
    """The chunk's outline, whatever the model answers. `stand_in` is the offline model, for when nothing is usable."""
    talk = Dialogue(cues.cues, name, options, language.detect(cues.cues), ask, _GROUPINGS)
    draft = await drafted(talk, chunk, stand_in)
    talk.repairs += draft.repairs
    sections = await levelled(talk, draft.sections, draft.seams)
    sections = as_given(talk, await in_language(talk, sections))
    return ChunkOutline(
        index=chunk.index,
        sections=sections,
        given=sum(1 for _ in walk(draft.sections)),
        grounded=draft.grounded,
        repairs=tuple(talk.repairs),
        asked_again=talk.asked_again,
        degraded="; ".join(dict.fromkeys(talk.degraded)),
        models=tuple(talk.models),
        prompt_versions=tuple(talk.versions),
        usage=talk.usage,
    )


async def outline_lecture(
    cues: Cues,
    chunks: Sequence[Chunk],
    outlines: Sequence[ChunkOutline | None],
    failures: Mapping[int, str],
    name: str,
    options: Options,
    ask: Ask,
) -> Outline:
    """The lecture's outline over those of its chunks; a chunk that has none is a hole, named with its time range.

    Raises ContractBrokenError rather than give an outline that breaks the contract.
    """
    found = [outline for outline in outlines if outline]
    talk = Dialogue(cues.cues, name, options, language.detect(cues.cues), ask, _GROUPINGS * len(chunks))
    talk.models = _each(outline.models for outline in found)
    talk.versions = _each(outline.prompt_versions for outline in found)
    given = [outline.sections if outline else () for outline in outlines]
    holes = [_hole(cues.cues, chunk, failures) for chunk, sections in zip(chunks, given, strict=True) if not sections]
    whole = await _merged(talk, given, holes)
    _tell_what_was_not_kept(talk)
    outline = Outline(
        sections=whole,
        language=talk.spoken,
        title_language=talk.spoken if talk.is_offline else options.language,
        chunks=tuple(found),
        holes=tuple(holes),
        repairs=tuple(talk.repairs),
        terms_not_said=not_said(options.glossary, cues.cues, whole),
        models=tuple(talk.models),
        prompt_versions=tuple(talk.versions),
        usage=sum((chunk.usage for chunk in found), talk.usage),
    )
    if broken := check(outline, cues.cues):
        raise ContractBrokenError(broken)
    return outline


async def _merged(talk: Dialogue, given: Sequence[Sequence[Section]], holes: Sequence[Hole]) -> tuple[Section, ...]:
    """The sections of the chunks as those of one lecture."""
    end = max(cue.end for cue in talk.cues)
    sections, seams = laid_end_to_end(given)
    whole = await levelled(talk, stretched(sections, end, [hole.start for hole in holes]), seams)
    whole = no_deeper(talk, whole, talk.options.depth)
    return as_given(talk, await in_language(talk, whole, {section.title for s in given for _, section in walk(s)}))


def _tell_what_was_not_kept(talk: Dialogue) -> None:
    """What was asked for that the offline model cannot do."""
    if talk.is_offline and talk.options.language != talk.spoken:
        talk.mended("language-not-kept", talk.options.language)
    if talk.is_offline and talk.options.title_style != Options().title_style:
        talk.mended("style-not-kept", talk.options.title_style)


def _each(named: Iterable[Sequence[str]]) -> list[str]:
    """Every name once, in order."""
    return list(dict.fromkeys(chain.from_iterable(named)))


def _hole(cues: Sequence[Cue], chunk: Chunk, failures: Mapping[int, str]) -> Hole:
    """What the chunk leaves open: up to where the next one begins."""
    end = cues[chunk.stop].start if chunk.stop < len(cues) else max(cue.end for cue in cues)
    reason = failures.get(chunk.index) or "no section was found in it"
    return Hole(chunk=chunk.index, start=cues[chunk.first].start, end=end, reason=reason)
