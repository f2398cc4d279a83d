"""Titles in the language that was asked for: those in another are sent back by themselves, not with their chunk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from shared.outline import Section, walk
from worker.dialogue import Dialogue
from worker.language import foreign
from worker.prompt import translate_prompt
from worker.repair import repair_titles
from worker.wording import tidy

_ASK_AGAIN = 2


async def in_language(
    talk: Dialogue, sections: tuple[Section, ...], judged: Collection[str] = ()
) -> tuple[Section, ...]:
    """The sections with titles translated where need be; a title that comes back foreign twice stays, and is flagged.

    `judged` are titles that have been through this before. Titles of a lecture that nobody but the offline model
    outlined stay in the lecture's language.
    """
    if talk.is_offline:
        return sections
    titles = [section.title for _, section in walk(sections)]
    wrong = [n for n in _foreign(talk, titles) if titles[n] not in judged]
    told: dict[int, str] = {}
    for _ in range(_ASK_AGAIN):
        asked = [n for n in wrong if n not in told]
        if not asked:
            break
        reply = await talk.say_more(translate_prompt([titles[n] for n in asked], talk.options, talk.spoken))
        if reply is None:
            break
        told.update(_told(talk, asked, repair_titles(reply.text).titles))
    for n in wrong:
        talk.mended("title-translated" if n in told else "title-in-another-language", titles[n])
    return _retitled(sections, iter(range(len(titles))), told)


def _foreign(talk: Dialogue, titles: Sequence[str]) -> list[int]:
    return foreign(titles, talk.options.language, talk.spoken, talk.options.glossary)


def _told(talk: Dialogue, asked: Sequence[int], given: Mapping[int, str]) -> dict[int, str]:
    """What can be used of the translations: nothing if there are more or fewer than asked for, for then
    nobody knows which is whose."""
    if sorted(given) != list(range(1, len(asked) + 1)):
        return {}
    titles = [tidy(given[k]) for k in range(1, len(asked) + 1)]
    still = set(_foreign(talk, titles))
    return {n: title for k, (n, title) in enumerate(zip(asked, titles, strict=True)) if title and k not in still}


def _retitled(sections: Sequence[Section], numbers: Iterator[int], told: Mapping[int, str]) -> tuple[Section, ...]:
    made = []
    for section in sections:
        number = next(numbers)
        change: dict[str, object] = {"subsections": _retitled(section.subsections, numbers, told)}
        if number in told:
            change |= {"title": told[number], "repairs": (*section.repairs, "title-translated")}
        made.append(section.model_copy(update=change))
    return tuple(made)
