"""The offline model's titles read like a table of contents, in the lecture's own language."""

from __future__ import annotations

import sys
from itertools import cycle, islice
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))

from title_rules import faults

from shared.cues import Cue
from shared.outline import Section
from worker.model.offline.titles import Titles

ENGLISH = (
    "Okay so today let's talk about the blast furnace, you know.",
    "The blast furnace takes iron ore and coke.",
    "And so the hot air goes up through the blast furnace.",
    "Right, and limestone makes the slag flow away.",
)
ENGLISH_NEXT = (
    "Now let's look at the rolling mill, okay.",
    "A rolling mill presses the hot steel between two rollers.",
    "You can see that the rollers get warm.",
    "So yeah, the steel plate gets thinner in every pass of the rolling mill.",
)
CZECH = (
    "Tak, teď se podíváme na kvantizaci, jo.",
    "Ta kvantizace vlastně zmenší model na disku.",
    "Bez kvantizace by se ten model do paměti prostě nevešel.",
    "Kvantizace modelu je tady prostě důležitá.",
)
CZECH_NEXT = (
    "Teď si ukážeme tokenizer, to je jako další věc.",
    "Slovník tokenizeru je vlastně jenom soubor.",
    "Každý token má svoje číslo, to je ten slovník tokenizeru.",
    "No a pak slovník tokenizeru.",
)
CHINESE = ("今天我们来讲神经网络", "神经网络由很多神经元组成", "训练神经网络需要数据", "神经网络的权重")
CHINESE_NEXT = ("现在我们来看茶叶的发酵", "茶叶采摘以后要发酵", "发酵的程度决定茶叶的味道", "红茶要完全发酵")


def lecture(*topics: tuple[str, ...], repeats: int = 6) -> tuple[tuple[Cue, ...], list[tuple[int, int]]]:
    """Cues of five seconds, each topic's sentences over and over, and the parts that the topics are."""
    texts = [text for topic in topics for text in islice(cycle(topic), len(topic) * repeats)]
    cues = tuple(Cue(n + 1, n * 5000, n * 5000 + 4500, text) for n, text in enumerate(texts))
    size = len(texts) // len(topics)
    return cues, [(n * size, (n + 1) * size) for n in range(len(topics))]


@pytest.mark.parametrize(
    ("language", "topics", "expected"),
    [
        ("en", (ENGLISH, ENGLISH_NEXT), ["Blast furnace", "Rolling mill"]),
        ("cs", (CZECH, CZECH_NEXT), ["Kvantizace modelu", "Slovník tokenizeru"]),
        ("zh", (CHINESE, CHINESE_NEXT), ["神经网络", "发酵"]),
    ],
)
def test_a_title_names_what_its_part_is_about(
    language: str, topics: tuple[tuple[str, ...], ...], expected: list[str]
) -> None:
    cues, parts = lecture(*topics)
    assert Titles(cues, language).of(parts) == expected


@pytest.mark.parametrize("language", ["en", "cs", "de", "fr", "xx"])
def test_titles_break_no_rule_even_in_a_language_without_word_lists(language: str) -> None:
    cues, parts = lecture(ENGLISH, ENGLISH_NEXT, CZECH, CZECH_NEXT)
    titles = Titles(cues, language).of(parts)
    sections = [Section(title=t, start=0, end=0, cue=first) for t, (first, _) in zip(titles, parts, strict=True)]
    assert list(faults(sections, [cue.text for cue in cues], language)) == []


def test_siblings_differ_and_say_more_than_the_title_above() -> None:
    cues, _ = lecture(ENGLISH, repeats=12)
    titles = Titles(cues, "en")
    above = titles.of([(0, len(cues))])[0]
    below = [title for title in titles.of([(n, n + 12) for n in range(0, 48, 12)], within=above) if title]
    assert len(set(below)) == len(below)
    assert above not in below


def test_a_part_with_nothing_of_its_own_to_say_has_no_title() -> None:
    cues = tuple(Cue(n + 1, n * 5000, n * 5000 + 4500, "Okay, so, you know.") for n in range(20))
    assert Titles(cues, "en").of([(0, 20)]) == [""]


def test_a_phrase_runs_over_cues_but_not_over_a_mark_or_a_pause() -> None:
    cues = tuple(
        Cue(n + 1, n * 9000 + start, n * 9000 + start + 900, text)
        for n in range(8)
        for start, text in ((0, "here is the vapour"), (1000, "chamber. Copper"), (5000, "fins are here"))
    )
    title = Titles(cues, "en").of([(0, len(cues))])[0]
    assert title == "Vapour chamber"


def test_a_term_of_the_glossary_is_spelt_as_given() -> None:
    cues, parts = lecture(ENGLISH, ENGLISH_NEXT)
    assert Titles(cues, "en", ("Blast Furnace",)).of(parts)[0] == "Blast Furnace"


def test_names_keep_their_capitals_and_other_words_lose_those_of_a_sentence() -> None:
    sentences = ("Kepler laws hold for planets.", "We use the Kepler laws.", "The Kepler laws are three.")
    cues, parts = lecture(sentences)
    assert Titles(cues, "en").of(parts) == ["Kepler laws"]
