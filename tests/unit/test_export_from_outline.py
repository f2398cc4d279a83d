"""What an export says of how its outline came to be."""

from __future__ import annotations

from shared.cues import Cue
from shared.export.from_outline import source_of
from shared.lecture import ChunkOutline, Hole, Outline, Repair
from shared.outline import Section

GIVEN = Section(title="As given", start=0, end=60_000, cue=0)
CUES = (Cue(1, 0, 70_000, "long"), Cue(2, 60_000, 62_000, "short"))


def outline(*chunks: ChunkOutline, holes: tuple[Hole, ...] = (), repairs: tuple[str, ...] = ()) -> Outline:
    models = tuple(dict.fromkeys(model for chunk in chunks for model in chunk.models))
    named = tuple(Repair(name=name) for name in repairs)
    return Outline(
        sections=(GIVEN,), language="cs", title_language="en", chunks=chunks, holes=holes, models=models, repairs=named
    )


def test_the_models_the_holes_and_the_degraded_chunks_are_named() -> None:
    good = ChunkOutline(index=0, sections=(), models=("gpt-x",))
    poor = ChunkOutline(index=1, sections=(GIVEN,), models=("gpt-x", "offline-1"), degraded="the model refused")
    hole = Hole(chunk=2, start=60_000, end=62_000, reason="gpt-x: the prompt is too long.")
    source = source_of("Lecture", outline(good, poor, holes=(hole,)), CUES)
    assert source.notes == (
        "Outlined by gpt-x and the offline model from speech in Czech.",
        "Not outlined: chunk 3, 00:01:00–00:01:02: gpt-x: the prompt is too long.",
        "Outlined by the offline model instead: 00:00:00–00:01:00, because the model refused.",
    )
    assert source.incomplete
    assert (source.duration, source.language, source.spoken) == (70_000, "en", "cs")


def test_an_edited_outline_is_exported_as_edited_and_says_so() -> None:
    chunk = ChunkOutline(index=0, sections=(), models=("gpt-x",))
    edited = GIVEN.model_copy(update={"title": "As edited"})
    source = source_of("Lecture", outline(chunk), CUES, edited=[edited])
    assert source.sections == (edited,)
    assert source.notes == ("Outlined by gpt-x from speech in Czech, then edited by hand.",)
    assert not source.incomplete


def test_what_was_mended_is_one_line() -> None:
    moved = GIVEN.model_copy(update={"repairs": ("cue-outside-chunk", "time-outside-chunk")})
    nearly = GIVEN.model_copy(update={"repairs": ("time-moved-to-a-cue",)})
    chunk = ChunkOutline(index=0, sections=(moved, nearly), given=4, grounded=2, asked_again=1, models=("gpt-x",))
    repairs = ("title-translated", "title-translated", "title-in-another-language", "too-many-siblings")
    assert source_of("Lecture", outline(chunk, repairs=repairs), CUES).notes[1:] == (
        "Mended: 1 of 4 start times moved to where they fit, 1 reply asked for again, 2 titles translated, "
        "1 title left in another language.",
    )


def test_an_outline_that_stands_as_it_was_given_has_nothing_to_say_but_its_maker() -> None:
    chunk = ChunkOutline(index=0, sections=(GIVEN,), given=1, grounded=1, models=("offline-1",))
    offline = outline(chunk, repairs=("language-not-kept",)).model_copy(update={"title_language": "cs"})
    assert source_of("Lecture", offline, CUES).notes == (
        "Outlined by the offline model from speech in Czech.",
        "The offline model cannot translate: titles are in the lecture's own language.",
    )
