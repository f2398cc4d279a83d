"""The flow, on one page: cues → prompt → reply → repaired reply → checked chunk outline → merged outline.

Pure but for `ask`, which is handed in: it sends a prompt to a model and waits for the reply.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.chunks import Chunk
from shared.cues import Cue, Cues
from shared.lecture import ChunkOutline, Hole, Options, Outline, Repair, Usage
from shared.outline import MOST_SIBLINGS, Section, walk
from worker import language
from worker.chunk_outline import Draft, ground
from worker.exchange import Ask, Prompt, Reply
from worker.grouping import evenly, grouped
from worker.merge import alike_seams, joined, laid_end_to_end, stretched
from worker.model.errors import ModelBusyError, ModelError, ModelUnavailableError
from worker.prompt import group_prompt, outline_prompt, translate_prompt
from worker.repair import RepairedGroups, repair, repair_groups, repair_titles

_ASK_AGAIN = 2
"""How often a chunk is asked again, each time with the faults listed, before the best reply so far is taken."""
_HALVINGS = 2
"""How often a chunk whose reply was cut short is asked in halves, and those in halves."""


@dataclass(slots=True)
class _Talk:
    """One chunk's, or one merge's, exchange with the model: what it cost, who answered, what was mended."""

    cues: tuple[Cue, ...]
    name: str
    options: Options
    spoken: str
    ask: Ask
    usage: Usage = field(default_factory=Usage)
    models: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    asked_again: int = 0

    async def say(self, prompt: Prompt) -> Reply:
        reply = await self.ask(prompt)
        self.usage += reply.usage
        self.models += [] if reply.model in self.models else [reply.model]
        self.versions += [] if prompt.version in self.versions else [prompt.version]
        return reply

    async def say_more(self, prompt: Prompt) -> Reply | None:
        """A call that the outline can do without: None if the model will not answer it. An outage passes through."""
        try:
            return await self.say(prompt)
        except (ModelBusyError, ModelUnavailableError):
            raise
        except ModelError as error:
            self.mended("follow-up-call-failed", str(error))
            return None

    def mended(self, name: str, detail: str = "") -> None:
        self.repairs.append(Repair(name=name, detail=detail))

    @property
    def offline(self) -> bool:
        return bool(self.models) and all(model.startswith("offline") for model in self.models)


async def outline_chunk(cues: Cues, chunk: Chunk, name: str, options: Options, ask: Ask, stand_in: Ask) -> ChunkOutline:
    """The chunk's outline, whatever the model answers. `stand_in` is the offline model, for when nothing is usable."""
    talk = _Talk(cues.cues, name, options, language.detect(cues.cues), ask)
    draft = await _draft(talk, chunk, _HALVINGS)
    degraded = ""
    if not draft.sections:
        degraded = draft.faults[0] if draft.faults else "the model gave no sections"
        talk.ask = stand_in
        reply = await talk.say(outline_prompt(talk.cues, chunk, name, options, talk.spoken))
        draft = ground(repair(reply.text).sections, talk.cues, chunk, options)
    talk.repairs += draft.repairs
    sections = await _in_language(talk, draft.sections) if not degraded else draft.sections
    sections = await _at_most_ten(talk, sections)
    return ChunkOutline(
        index=chunk.index,
        sections=sections,
        grounded=draft.grounded,
        repairs=tuple(talk.repairs),
        asked_again=talk.asked_again,
        degraded=degraded,
        models=tuple(talk.models),
        prompt_version=" ".join(talk.versions),
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
    """The lecture's outline over those of its chunks; a chunk that has none is a hole, named with its time range."""
    spoken = language.detect(cues.cues)
    talk = _Talk(cues.cues, name, options, spoken, ask)
    sections, seams = laid_end_to_end([o.sections if o else None for o in outlines])
    if seams or len(sections) > MOST_SIBLINGS:
        sections = await _merged(talk, sections, seams)
    whole = await _at_most_ten(talk, stretched(sections, max(cue.end for cue in cues.cues)))
    found = [o for o in outlines if o]
    models = {model for o in found for model in o.models}
    offline = bool(models) and all(model.startswith("offline") for model in models)
    return Outline(
        sections=whole,
        language=spoken,
        title_language=spoken if offline else options.language,
        chunks=tuple(found),
        holes=tuple(_hole(cues.cues, chunks[i], why) for i, why in sorted(failures.items())),
        repairs=tuple(talk.repairs),
        usage=sum((o.usage for o in found), talk.usage),
    )


async def _draft(talk: _Talk, chunk: Chunk, halvings: int) -> Draft:
    """Asks for the chunk's sections, and again with the faults listed; the best reply counts."""
    best = Draft((), 0, (), ("the model gave no sections",))
    faults: tuple[str, ...] = ()
    for again in range(1 + _ASK_AGAIN):
        prompt = outline_prompt(talk.cues, chunk, talk.name, talk.options, talk.spoken, faults)
        reply = await talk.say_more(prompt) if again else await talk.say(prompt)
        if reply is None:
            break
        talk.asked_again += bool(again)
        repaired = repair(reply.text)
        if (reply.finish == "length" or repaired.truncated) and halvings and chunk.stop - chunk.first > 1:
            return await _in_halves(talk, chunk, halvings - 1)
        draft = ground(repaired.sections, talk.cues, chunk, talk.options)
        draft = Draft(draft.sections, draft.grounded, (*repaired.repairs, *draft.repairs), _faults(reply, draft))
        if _worth(draft) > _worth(best):
            best = draft
        if not draft.faults:
            break
        faults = draft.faults
    return best


def _worth(draft: Draft) -> tuple[bool, bool, int]:
    return bool(draft.sections), not draft.faults, draft.grounded


def _faults(reply: Reply, draft: Draft) -> tuple[str, ...]:
    if draft.sections:
        return draft.faults
    if reply.finish in ("refusal", "filter"):
        return (f"The model refused ({reply.finish}).",)
    return ("The answer held no sections that could be read as JSON of the shape asked for.",)


async def _in_halves(talk: _Talk, chunk: Chunk, halvings: int) -> Draft:
    """A reply that was cut short is asked for in two halves: the same again would be cut short again."""
    talk.mended("reply-cut-short", "asked again in two halves")
    talk.asked_again += 1
    middle = (chunk.first + chunk.stop) // 2
    context = max(chunk.first, middle - (chunk.first - chunk.context))
    halves = (
        Chunk(chunk.index, chunk.of, chunk.context, chunk.first, middle, chunk.tokens // 2),
        Chunk(chunk.index, chunk.of, context, middle, chunk.stop, chunk.tokens // 2),
    )
    first, second = [await _draft(talk, half, halvings) for half in halves]
    return Draft(
        (*first.sections, *second.sections),
        first.grounded + second.grounded,
        (*first.repairs, *second.repairs),
        (*first.faults, *second.faults),
    )


async def _in_language(talk: _Talk, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Titles in another language go back by themselves, twice at most; what is left stays, and is flagged."""
    if talk.offline:
        return sections
    titles = [section.title for _, section in walk(sections)]
    words = language.vocabulary(talk.cues)
    told: dict[int, str] = {}
    for _ in range(_ASK_AGAIN):
        wrong = language.foreign(
            [told.get(n, t) for n, t in enumerate(titles)], talk.options.language, talk.spoken, words
        )
        if not wrong:
            break
        reply = await talk.say_more(translate_prompt([titles[n] for n in wrong], talk.options, talk.spoken))
        if reply is None:
            break
        given = repair_titles(reply.text).titles
        told.update({n: given[k] for k, n in enumerate(wrong, 1) if given.get(k)})
    left = language.foreign([told.get(n, t) for n, t in enumerate(titles)], talk.options.language, talk.spoken, words)
    for n in told:
        talk.mended("title-translated", titles[n])
    for n in left:
        talk.mended("title-in-another-language", told.get(n, titles[n]))
    return _retitled(sections, iter(range(len(titles))), told)


def _retitled(sections: Sequence[Section], numbers: object, told: Mapping[int, str]) -> tuple[Section, ...]:
    made = []
    for section in sections:
        number = next(numbers)  # type: ignore[call-overload]
        below = _retitled(section.subsections, numbers, told)
        changed = {"title": told[number], "repairs": (*section.repairs, "title-translated")} if number in told else {}
        made.append(section.model_copy(update={**changed, "subsections": below}))
    return tuple(made)


async def _merged(talk: _Talk, sections: list[Section], seams: list[int]) -> list[Section]:
    """Seams and top level in one call: which topics run over a seam, and which sections make a chapter."""
    answer = await _ask_groups(talk, sections, seams)
    same = {n - 1 for n in answer.joined} & set(seams) if answer else set(alike_seams(sections, seams))
    whole, places = joined(sections, same)
    for seam in sorted(same):
        talk.mended("joined-over-a-seam", sections[seam].title)
    if answer is None or len(whole) <= MOST_SIBLINGS:
        return whole
    seen: set[int] = set()
    runs = []
    for group in answer.groups:
        numbers = tuple(dict.fromkeys(places[n - 1] + 1 for n in group.numbers if 0 < n <= len(places)))
        runs.append(type(group)(group.title, tuple(n for n in numbers if n not in seen)))
        seen.update(numbers)
    return list(grouped(whole, runs) or whole)


async def _at_most_ten(talk: _Talk, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """No level holds more than ten: the model groups them by number, or else they are grouped evenly."""
    while len(sections) > MOST_SIBLINGS:
        answer = await _ask_groups(talk, sections, ())
        found = grouped(sections, answer.groups) if answer else None
        talk.mended("too-many-siblings", f"{len(sections)} grouped {'by the model' if found else 'evenly'}")
        sections = found or evenly(sections)
    made = []
    for section in sections:
        below = await _at_most_ten(talk, section.subsections) if section.subsections else ()
        made.append(section.model_copy(update={"subsections": below}))
    return tuple(made)


async def _ask_groups(talk: _Talk, sections: Sequence[Section], seams: Sequence[int]) -> RepairedGroups | None:
    reply = await talk.say_more(group_prompt(talk.cues, sections, seams, talk.options, talk.spoken))
    return repair_groups(reply.text) if reply else None


def _hole(cues: tuple[Cue, ...], chunk: Chunk, reason: str) -> Hole:
    end = cues[chunk.stop].start if chunk.stop < len(cues) else cues[-1].end
    return Hole(chunk=chunk.index, start=cues[chunk.first].start, end=end, reason=reason)
