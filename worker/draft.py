"""A chunk's draft: asked for, asked for again with its faults listed, in halves, and last of the offline model."""

from __future__ import annotations

from dataclasses import replace

from shared.chunks import Chunk
from shared.lecture import Repair
from shared.outline import clock, walk
from worker.chunk_outline import Draft, ground
from worker.dialogue import Dialogue
from worker.exchange import Ask, Reply
from worker.prompt import outline_prompt
from worker.repair import Repaired, repair

_ASK_AGAIN = 2
"""How often a chunk is asked again before the best reply so far is taken."""
_HALVINGS = 2
"""How often a chunk whose reply was cut short is asked in halves, and those in halves."""
_COVERED = 0.75
"""A reply that broke off before this share of the chunk is asked again; else the lost brackets are no loss."""
_NOTHING = "It held no sections that could be read as JSON of the shape asked for."


async def drafted(talk: Dialogue, chunk: Chunk, stand_in: Ask, halvings: int = _HALVINGS) -> Draft:
    """The best draft of the chunk that was to be had. Without sections only if the offline model has none either."""
    best = Draft((), 0, (), (_NOTHING,))
    faults: tuple[str, ...] = ()
    for again in range(1 + _ASK_AGAIN):
        prompt = outline_prompt(talk.cues, chunk, talk.name, talk.options, talk.spoken, faults)
        reply = await talk.say_more(prompt) if again else await talk.say(prompt)
        if reply is None:
            break
        talk.asked_again += bool(again)
        if reply.finish == "length" and halvings and chunk.stop - chunk.first > 1:
            return await _in_halves(talk, chunk, stand_in, halvings - 1)
        draft = _draft(talk, chunk, reply)
        if not again or _worth(draft) > _worth(best):
            best = draft
        if not draft.faults:
            break
        faults = draft.faults
    return best if best.sections else await _stood_in(talk, chunk, stand_in, best.faults[0])


def _draft(talk: Dialogue, chunk: Chunk, reply: Reply) -> Draft:
    repaired = repair(reply.text)
    draft = ground(repaired.sections, talk.cues, chunk, talk.options)
    repairs = (*repaired.repairs, *draft.repairs)
    if not draft.sections:
        refused = reply.finish in ("refusal", "filter")
        return replace(
            draft, repairs=repairs, faults=(f"The model refused ({reply.finish})." if refused else _NOTHING,)
        )
    if broken := _broken_off(chunk, reply, repaired, draft):
        repairs = (*repairs, Repair(name="reply-broken-off", detail=broken))
        return replace(draft, repairs=repairs, faults=(*draft.faults, f"It broke off: {broken}."))
    return replace(draft, repairs=repairs)


def _broken_off(chunk: Chunk, reply: Reply, repaired: Repaired, draft: Draft) -> str:
    """What is missing of a reply that ends too early; "" if nothing is."""
    last = max((section for _, section in walk(draft.sections)), key=lambda section: section.cue)
    covered = (last.cue - chunk.first) / (chunk.stop - chunk.first)
    cut = reply.finish == "length" or (repaired.truncated and covered < _COVERED)
    return f"nothing was outlined after {clock(last.start)}" if cut else ""


def _worth(draft: Draft) -> tuple[bool, bool, int]:
    return bool(draft.sections), not draft.faults, draft.grounded


async def _in_halves(talk: Dialogue, chunk: Chunk, stand_in: Ask, halvings: int) -> Draft:
    """A reply that was cut short is asked for in two halves: the same again would be cut short again."""
    talk.mended("reply-cut-short", "asked again in two halves")
    talk.asked_again += 1
    middle = (chunk.first + chunk.stop) // 2
    context = max(chunk.first, middle - (chunk.first - chunk.context))
    halves = (
        replace(chunk, stop=middle, tokens=chunk.tokens // 2),
        replace(chunk, context=context, first=middle, tokens=chunk.tokens // 2),
    )
    first, second = [await drafted(talk, half, stand_in, halvings) for half in halves]
    return Draft(
        (*first.sections, *second.sections),
        first.grounded + second.grounded,
        (*first.repairs, *second.repairs),
        (*first.faults, *second.faults),
    )


async def _stood_in(talk: Dialogue, chunk: Chunk, stand_in: Ask, fault: str) -> Draft:
    """The offline model's draft, and why it was needed."""
    talk.degraded.append(fault)
    prompt = outline_prompt(talk.cues, chunk, talk.name, talk.options, talk.spoken)
    return _draft(talk, chunk, await talk.say(prompt, to=stand_in))
