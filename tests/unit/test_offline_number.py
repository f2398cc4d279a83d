"""How many sections the offline model makes, and how many levels of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from functools import cache

import pytest

from shared.chunks import cut
from shared.cues import Cue, Cues
from shared.lecture import Options, Outline
from shared.outline import Section, walk
from worker.exchange import Prompt, Reply
from worker.model.offline import reply
from worker.pipeline import outline_chunk, outline_lecture


@cache
def words(what: str, count: int) -> list[str]:
    """So many made-up words, others for every `what`."""
    draw = random.Random(what)
    return ["".join(draw.choice("bdfgklmnprstvz") + draw.choice("aeiou") for _ in range(4)) for _ in range(count)]


def lecture(topics: int, minutes: int, cue_ms: int = 5_000) -> Cues:
    """So many topics of about equal length, whose sixty words each are said between those that are said everywhere;
    and of every twelve cues something is told that is told nowhere else."""
    draw = random.Random(8)
    count = minutes * 60_000 // cue_ms
    cues = []
    for n in range(count):
        own = words(f"topic {n * topics // count}", 60)
        said = draw.choices(own, [1 / rank for rank in range(1, 61)], k=5) + draw.choices(words("everywhere", 40), k=6)
        said += words(f"detail {n // 12}", 1)
        draw.shuffle(said)
        cues.append(Cue(n + 1, n * cue_ms, (n + 1) * cue_ms - 100, " ".join(said) + "."))
    return Cues(tuple(cues), "srt", "utf-8")


def outline(cues: Cues, options: Options | None = None) -> Outline:
    async def ask(prompt: Prompt) -> Reply:
        return reply(prompt)

    async def whole() -> Outline:
        asked = options or Options()
        chunks = cut(cues.cues, 3_000, 5)
        parts = [await outline_chunk(cues, chunk, "l.srt", asked, ask, ask) for chunk in chunks]
        return await outline_lecture(cues, chunks, parts, {}, "l.srt", asked, ask)

    return asyncio.run(whole())


def starts(sections: Sequence[Section]) -> list[int]:
    return [section.start for section in sections]


def every(sections: Sequence[Section]) -> list[int]:
    """The starts on all levels."""
    return sorted({section.start for _, section in walk(sections)})


@pytest.mark.parametrize("topics", [2, 4, 9])
def test_a_lecture_whose_words_change_so_often_gets_so_many_sections(topics: int) -> None:
    made = outline(lecture(topics, 60)).sections
    assert len(made) == topics
    assert all(abs(start - n * 3_600_000 / topics) <= 15_000 for n, start in enumerate(starts(made)))


def test_without_topics_of_their_own_lectures_get_sections_by_their_length_and_by_the_detail() -> None:
    lectures = {
        (m, d): outline(lecture(1, m), Options(detail=d)) for m in (20, 60) for d in ("brief", "normal", "fine")
    }
    counts = {asked: len(made.sections) for asked, made in lectures.items()}
    assert counts[20, "brief"] < counts[20, "normal"] < counts[20, "fine"]
    assert [counts[60, d] for d in ("brief", "normal", "fine")] == pytest.approx([4, 7, 10], abs=1)


@pytest.mark.parametrize(("topics", "minutes", "cue_ms"), [(1, 60, 5_000), (5, 60, 5_000), (3, 180, 15_000)])
def test_a_brief_outline_has_some_boundaries_of_the_normal_one_and_a_fine_one_all(
    topics: int, minutes: int, cue_ms: int
) -> None:
    cues = lecture(topics, minutes, cue_ms)
    made = [outline(cues, Options(detail=detail)).sections for detail in ("brief", "normal", "fine")]
    for level in ([starts(sections) for sections in made], [every(sections) for sections in made]):
        brief, normal, fine = map(set, level)
        assert brief <= normal <= fine
    assert len(every(made[0])) < len(every(made[1])) < len(every(made[2]))


@pytest.mark.parametrize(("topics", "hours"), [(3, 3), (7, 12)])
def test_long_parts_have_topics_first_and_their_subtopics_a_level_further_down(topics: int, hours: int) -> None:
    made = outline(lecture(topics, hours * 60, 15_000)).sections
    assert len(made) == topics
    siblings = [made, *(section.subsections for _, section in walk(made) if section.subsections)]
    assert all(1 < len(level) <= 10 for level in siblings)
    assert max(len(path) for path, _ in walk(made)) == 3


@pytest.mark.parametrize("depth", [1, 2])
def test_a_long_lecture_has_no_more_levels_than_were_asked_for(depth: int) -> None:
    made = outline(lecture(3, 180, 15_000), Options(depth=depth)).sections
    assert len(made) == 3
    assert max(len(path) for path, _ in walk(made)) == depth


def test_a_section_ends_where_the_next_one_begins_also_behind_a_seam_between_chunks() -> None:
    def check(sections: Sequence[Section], end: int) -> None:
        assert [section.end for section in sections] == [*starts(sections)[1:], end][: len(sections)]
        for section in sections:
            check(section.subsections, section.end)

    cues = lecture(3, 180, 15_000)
    check(outline(cues).sections, cues.cues[-1].end)


def test_a_lecture_whose_cues_all_have_one_and_the_same_time_is_one_section() -> None:
    cues = tuple(Cue(n, 0, 0, " ".join(words(f"cue {n}", 9)) + ".") for n in range(1, 51))
    made = outline(Cues(cues, "srt", "utf-8")).sections
    assert [(section.start, section.subsections) for section in made] == [(0, ())]
