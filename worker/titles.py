"""Titles in the language that was asked for: those in another are sent back by themselves, not with their chunk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from shared.outline import Section, walk
from worker.dialogue import Dialogue
from worker.language import foreign, is_foreign_beyond_doubt
from worker.prompt import translate_prompt
from worker.repair import repair_titles
from worker.wording import tidy

_TRANSLATED = "title-translated"
_FOREIGN = "title-in-another-language"


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
    wrong = {n: titles[n] for n in _foreign(talk, titles) if titles[n] not in judged}
    told = await _translated(talk, wrong)
    mended = {n: _TRANSLATED if n in told else _FOREIGN for n in wrong if told.get(n) != titles[n]}
    for n, name in mended.items():
        talk.mended(name, titles[n])
    return _retitled(sections, iter(range(len(titles))), told, mended)


async def _translated(talk: Dialogue, wrong: Mapping[int, str]) -> dict[int, str]:
    """What the model says for the titles that seem `wrong`, if that is of use; asked for twice at most."""
    told: dict[int, str] = {}
    faults: tuple[str, ...] = ()
    while asked := {n: title for n, title in wrong.items() if n not in told}:
        reply = await talk.say_more(translate_prompt([*asked.values()], talk.options, talk.spoken, faults))
        told |= _told(talk, asked, repair_titles(reply.text).titles) if reply else {}
        if reply is None or faults:
            break
        faults = (f"These {len(asked)} headings need {len(asked)} titles, each in the language that was asked for.",)
    return told


def _foreign(talk: Dialogue, titles: Sequence[str]) -> list[int]:
    return foreign(titles, talk.options.language, talk.spoken, talk.options.glossary)


def _is_beyond_doubt(talk: Dialogue, title: str) -> bool:
    return is_foreign_beyond_doubt(title, talk.options.language, talk.spoken, talk.options.glossary)


def _told(talk: Dialogue, asked: Mapping[int, str], given: Mapping[int, str]) -> dict[int, str]:
    """What can be used of the translations: nothing if there are more or fewer than asked for, for then
    nobody knows which is whose. Who leaves a title as it was is believed where there was doubt."""
    if sorted(given) != list(range(1, len(asked) + 1)):
        return {}
    titles = [tidy(given[k]) for k in range(1, len(asked) + 1)]
    still = set(_foreign(talk, titles))
    return {
        n: title
        for k, (n, title) in enumerate(zip(asked, titles, strict=True))
        if title and (k not in still or (title == asked[n] and not _is_beyond_doubt(talk, title)))
    }


def _retitled(
    sections: Sequence[Section], numbers: Iterator[int], told: Mapping[int, str], mended: Mapping[int, str]
) -> tuple[Section, ...]:
    made = []
    for section in sections:
        number = next(numbers)
        change = {
            "title": told.get(number, section.title),
            "repairs": (*section.repairs, mended[number]) if number in mended else section.repairs,
            "subsections": _retitled(section.subsections, numbers, told, mended),
        }
        made.append(section.model_copy(update=change))
    return tuple(made)
