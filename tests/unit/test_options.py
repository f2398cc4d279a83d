"""What a user may choose for a lecture does something, whichever model answers, through the real pipeline."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.chunks import cut
from shared.cues import Cues, read
from shared.export.from_outline import source_of
from shared.lecture import Options, Outline
from shared.outline import walk
from worker.exchange import Ask, Prompt, Reply
from worker.model.offline import reply
from worker.pipeline import outline_chunk, outline_lecture

EXAMPLES = Path(__file__).parents[2] / "examples"
MAPS, BREAD = (read((EXAMPLES / name).read_bytes(), name) for name in ("how-maps-lie.srt", "kvasinky-a-chleba.srt"))


async def offline(prompt: Prompt) -> Reply:
    return reply(prompt)


def outlined(cues: Cues, options: Options, ask: Ask = offline) -> Outline:
    async def whole() -> Outline:
        chunks = cut(cues.cues, 3000)
        outlines = [await outline_chunk(cues, chunk, "lecture.srt", options, ask, offline) for chunk in chunks]
        return await outline_lecture(cues, chunks, outlines, {}, "lecture.srt", options, ask)

    return asyncio.run(whole())


def titles(outline: Outline) -> list[str]:
    return [section.title for _, section in walk(outline.sections)]


def told(choice: Options, titled: Callable[[Prompt], str] = lambda _: "Maps") -> tuple[Outline, Prompt]:
    """The outline of a language model that answers every chunk with one section, and the first prompt it was sent."""
    sent: list[Prompt] = []

    async def model(prompt: Prompt) -> Reply:
        sent.append(prompt)
        chunk = prompt.material.chunk
        cue = chunk.first + 1 if chunk else 1
        return Reply(json.dumps([{"title": titled(prompt), "cue": cue, "subsections": []}]), "stop", "scripted")

    return outlined(MAPS, choice, model), sent[0]


def test_more_detail_gives_the_offline_model_more_sections() -> None:
    brief, normal, fine = (len(titles(outlined(MAPS, Options(detail=d)))) for d in ("brief", "normal", "fine"))
    assert brief < normal < fine


def test_detail_tells_a_language_model_how_many_topics_to_look_for() -> None:
    brief, normal, fine = (told(Options(detail=d))[1] for d in ("brief", "normal", "fine"))
    assert len({brief.rules, normal.rules, fine.rules}) == 3
    assert len({brief.request, normal.request, fine.request}) > 1


@pytest.mark.parametrize("depth", [1, 2])
def test_the_offline_model_keeps_to_the_depth(depth: int) -> None:
    assert max(len(path) for path, _ in walk(outlined(MAPS, Options(depth=depth)).sections)) == depth


def test_a_depth_limit_is_told_to_a_language_model() -> None:
    assert "At most 2 levels" in told(Options(depth=2))[1].rules


def test_the_language_of_the_titles_is_told_to_a_language_model_and_named_in_the_document() -> None:
    outline, prompt = told(Options(language="de"), lambda _: "Die Karte des Mercator")
    assert "German" in prompt.rules
    assert outline.title_language == "de"


@pytest.mark.parametrize(("asked", "told"), [("en", True), ("de", True), ("cs", False)])
def test_the_offline_model_says_when_its_titles_are_not_in_the_language_that_was_asked_for(
    asked: str, told: bool
) -> None:
    outline = outlined(BREAD, Options(language=asked))
    assert outline.title_language == "cs"
    assert any("cannot translate" in note for note in source_of("bread", outline, BREAD.cues).notes) is told


def test_a_term_of_the_glossary_is_sooner_a_title_of_the_offline_model_and_spelled_as_given() -> None:
    terms = ("Rhumb Line", "TISSOT")
    assert not set(terms) & set(titles(outlined(MAPS, Options())))
    assert set(terms) <= set(titles(outlined(MAPS, Options(glossary=terms))))


def test_a_language_model_is_told_the_glossary_and_held_to_it() -> None:
    outline, prompt = told(Options(glossary=("Rhumb Line",)), lambda _: "Sailing along a rhumb-line")
    assert '"Rhumb Line"' in prompt.request
    assert titles(outline)[0] == "Sailing along a Rhumb Line"
    assert "spelled-as-in-glossary" in {repair.name for chunk in outline.chunks for repair in chunk.repairs}


@pytest.mark.parametrize("style", ["question", "sentence"])
def test_a_style_is_told_to_a_language_model_and_the_offline_model_says_that_it_makes_topics_only(style: str) -> None:
    outline, prompt = told(Options(title_style=style))
    assert style in prompt.rules
    assert not any("asked for" in note for note in source_of("maps", outline, MAPS.cues).notes)
    notes = source_of("maps", outlined(MAPS, Options(title_style=style)), MAPS.cues).notes
    assert f"Titles name topics, though a {style} was asked for: the offline model makes no other." in notes
