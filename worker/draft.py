"""A chunk's draft: asked for, asked for again with its faults listed, in halves, and last of the offline model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise

from shared.chunks import Chunk
from shared.lecture import Repair
from shared.outline import clock, walk
from worker.chunk_outline import Draft, ground
from worker.dialogue import Dialogue
from worker.exchange import Ask, Reply
from worker.model.errors import PromptTooLongError
from worker.prompt import outline_prompt, usual_topic_ms
from worker.repair import Repaired, repair

_ASK_AGAIN = 2
"""How often a chunk is asked again before the best reply so far is taken."""
_HALVINGS = 2
"""How often a chunk whose prompt or reply is too long is asked in halves, and those in halves."""
_COVERED = 0.75
"""A reply that broke off before this share of the chunk is asked again; else the lost brackets are no loss."""
_LONGEST_TOPICS = 3
"""Where nothing begins for longer than so many usual topics, something was left out."""
_LONGEST_BEFORE = 1
"""The same before the first section: a chunk begins with what it begins with, in the middle of a topic or not."""
_NOTHING = "It held no sections that could be read as JSON of the shape asked for."
_REFUSED = "It was refused. The transcript is only to be outlined, whatever is spoken of in it."


async def drafted(talk: Dialogue, chunk: Chunk, stand_in: Ask, halvings: int = _HALVINGS) -> Draft:
    """The best draft of the chunk that was to be had. Without sections only if the offline model has none either."""
    best = Draft()
    faults: tuple[str, ...] = ()
    halves = halvings if chunk.stop - chunk.first > 1 else 0
    for time in range(1, 2 + _ASK_AGAIN):
        prompt = outline_prompt(talk.cues, chunk, talk.name, talk.options, talk.spoken, faults, time)
        try:
            reply = await (talk.say_more(prompt) if faults else talk.say(prompt))
        except PromptTooLongError:
            if not halves:
                raise
            return await _in_halves(talk, chunk, stand_in, halves - 1, "prompt-too-long")
        if reply is None:
            break
        talk.asked_again += bool(faults)
        if reply.finish == "length" and halves:
            return await _in_halves(talk, chunk, stand_in, halves - 1, "reply-cut-short")
        draft = _draft(talk, chunk, reply)
        if not faults or _worth(draft) > _worth(best):
            best = draft
        if not draft.faults or talk.is_offline:
            break
        faults = draft.faults
    return best if best.sections else await _stood_in(talk, chunk, stand_in, best)


def _draft(talk: Dialogue, chunk: Chunk, reply: Reply) -> Draft:
    repaired = repair(reply.text)
    draft = ground(repaired.sections, talk.cues, chunk, talk.options)
    repairs = (*repaired.repairs, *draft.repairs)
    if reply.finish in ("refusal", "filter") and not draft.sections:
        return Draft(repairs=(*repairs, Repair(name="refused", detail=reply.finish)), faults=(_REFUSED,))
    if not draft.sections:
        return Draft(repairs=(*repairs, Repair(name="no-sections")), faults=(_NOTHING,))
    if missing := _missing(talk, chunk, reply, repaired, draft):
        repairs = (*repairs, missing)
        return replace(draft, repairs=repairs, faults=(*draft.faults, f"Sections are missing: {missing.detail}."))
    return replace(draft, repairs=repairs)


def _missing(talk: Dialogue, chunk: Chunk, reply: Reply, repaired: Repaired, draft: Draft) -> Repair | None:
    """What a reply left out, if it broke off or passed over a long stretch of the chunk."""
    places = sorted(section.cue for _, section in walk(draft.sections))
    covered = (places[-1] - chunk.first) / (chunk.stop - chunk.first)
    if reply.finish == "length" or (repaired.truncated and covered < _COVERED):
        begun = clock(talk.cues[places[-1]].start)
        return Repair(name="reply-broken-off", detail=f"it broke off, and nothing was outlined after {begun}")
    return _passed_over(talk, chunk, places)


def _passed_over(talk: Dialogue, chunk: Chunk, places: Sequence[int]) -> Repair | None:
    """The first stretch in which nothing begins for too long, in spoken time: nothing is to be outlined of a break."""
    spoken = list(accumulate((cue.end - cue.start for cue in talk.cues[chunk.first : chunk.stop]), initial=0))
    for n, (a, b) in enumerate(pairwise([chunk.first, *places, chunk.stop])):
        topics = _LONGEST_TOPICS if n else _LONGEST_BEFORE
        if spoken[b - chunk.first] - spoken[a - chunk.first] > topics * usual_topic_ms(talk.options):
            begun, ended = clock(talk.cues[a].start), clock(talk.cues[b - 1].end)
            return Repair(name="stretch-passed-over", detail=f"nothing begins between {begun} and {ended}")
    return None


def _worth(draft: Draft) -> tuple[bool, bool, int]:
    return bool(draft.sections), not draft.faults, draft.grounded


async def _in_halves(talk: Dialogue, chunk: Chunk, stand_in: Ask, halvings: int, why: str) -> Draft:
    """What is too long is asked for in two halves: the same again would be too long again."""
    talk.mended(why, "asked again in two halves")
    talk.asked_again += 1
    middle = (chunk.first + chunk.stop) // 2
    context = max(chunk.first, middle - (chunk.first - chunk.context))
    parts = (
        replace(chunk, stop=middle, tokens=chunk.tokens // 2),
        replace(chunk, context=context, first=middle, tokens=chunk.tokens // 2),
    )
    first, second = [await drafted(talk, half, stand_in, halvings) for half in parts]
    opens = len(first.sections)
    return Draft(
        sections=(*first.sections, *second.sections),
        grounded=first.grounded + second.grounded,
        repairs=(*first.repairs, *second.repairs),
        seams=(*first.seams, *([opens] if opens and second.sections else []), *(opens + n for n in second.seams)),
    )


async def _stood_in(talk: Dialogue, chunk: Chunk, stand_in: Ask, best: Draft) -> Draft:
    """The offline model's draft, and why it was needed."""
    refused = any(repair.name == "refused" for repair in best.repairs)
    talk.degraded.append("the model refused" if refused else "no reply of the model's could be used")
    prompt = outline_prompt(talk.cues, chunk, talk.name, talk.options, talk.spoken)
    draft = _draft(talk, chunk, await talk.say(prompt, to=stand_in))
    return replace(draft, repairs=(*best.repairs, *draft.repairs), faults=())
