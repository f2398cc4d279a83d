"""What an export says of how its outline came to be."""

from __future__ import annotations

from shared.cues import Cue
from shared.export.from_outline import source_of
from shared.lecture import ChunkOutline, Hole, Outline
from shared.outline import Section

GIVEN = Section(title="As given", start=0, end=60_000, cue=0)
CUES = (Cue(1, 0, 70_000, "long"), Cue(2, 60_000, 62_000, "short"))


def outline(*chunks: ChunkOutline, holes: tuple[Hole, ...] = ()) -> Outline:
    return Outline(sections=(GIVEN,), language="cs", title_language="en", chunks=chunks, holes=holes)


def test_the_models_the_holes_and_the_degraded_chunks_are_named() -> None:
    good = ChunkOutline(index=0, sections=(), grounded=0, models=("gpt-x",))
    poor = ChunkOutline(index=1, sections=(), grounded=0, models=("offline",), degraded="no usable reply")
    hole = Hole(chunk=2, start=60_000, end=62_000, reason="the model refused")
    source = source_of("Lecture", outline(good, poor, holes=(hole,)), CUES)
    assert source.notes == (
        "Outlined by gpt-x, offline.",
        "Not outlined: chunk 3, 00:01:00–00:01:02: the model refused.",
        "Chunk 2 was outlined offline: no usable reply.",
    )
    assert source.incomplete
    assert (source.duration, source.language, source.spoken) == (70_000, "en", "cs")


def test_an_edited_outline_is_exported_as_edited_and_says_so() -> None:
    chunk = ChunkOutline(index=0, sections=(), grounded=0, models=("gpt-x",))
    edited = GIVEN.model_copy(update={"title": "As edited"})
    source = source_of("Lecture", outline(chunk), CUES, edited=[edited])
    assert source.sections == (edited,)
    assert source.notes == ("Outlined by gpt-x, then edited by hand.",)
    assert not source.incomplete
