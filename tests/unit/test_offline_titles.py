"""The offline model's titles read like a table of contents, in the lecture's own language."""

from __future__ import annotations

import json
import sys
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))

from title_rules import faults, title_faults

from shared.cues import Cue, read
from shared.lecture import Options
from shared.outline import Section
from worker.exchange import Material, Prompt
from worker.language import detect
from worker.model.offline import reply
from worker.model.offline.choice import Part, Wish, chosen
from worker.model.offline.speech import speech
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


def lecture(*topics: tuple[str, ...], repeats: int = 6) -> tuple[tuple[Cue, ...], list[Part]]:
    """Cues of five seconds, each topic's sentences over and over, and the parts that the topics are."""
    texts = [text for topic in topics for text in islice(cycle(topic), len(topic) * repeats)]
    cues = tuple(Cue(n + 1, n * 5000, n * 5000 + 4500, text) for n, text in enumerate(texts))
    size = len(texts) // len(topics)
    return cues, [Part(n * size, (n + 1) * size) for n in range(len(topics))]


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
    sections = [Section(title=t, start=0, end=0, cue=first) for t, (first, *_) in zip(titles, parts, strict=True)]
    assert list(faults(sections, [cue.text for cue in cues], language)) == []


def test_siblings_differ_and_say_more_than_the_title_above() -> None:
    cues, _ = lecture(ENGLISH, repeats=12)
    parts = [Part(0, len(cues)), *(Part(n, n + 12, 0) for n in range(0, 48, 12))]
    above, *below = (title for title in Titles(cues, "en").of(parts) if title)
    assert len(set(below)) == len(below)
    assert above not in below


def test_what_two_parts_want_goes_to_the_one_that_has_nothing_else() -> None:
    steel, slag = Wish(("steel",), "Steel", 9.0), Wish(("slag",), "Slag", 8.0)
    assert chosen([Part(0, 9), Part(9, 18)], [[steel, slag], [steel]]) == ["Slag", "Steel"]


def test_an_upper_title_is_chosen_first_and_no_title_comes_twice_on_any_level() -> None:
    steel, iron, ore = (
        Wish(("steel",), "Steel", 9.0),
        Wish(("iron",), "Iron", 8.0),
        Wish(("iron", "ore"), "Iron ore", 7.0),
    )
    parts = [Part(0, 9), Part(9, 18), Part(0, 5, 0), Part(5, 9, 0), Part(9, 18, 1)]
    wishes = [[steel], [iron], [steel, iron, ore], [iron], [iron, ore]]
    assert chosen(parts, wishes) == ["Steel", "Iron", "Iron ore", "", ""]


def test_a_title_is_unlike_those_that_were_given_before() -> None:
    steel, iron = Wish(("steel",), "Steel", 9.0), Wish(("iron",), "Iron", 8.0)
    assert chosen([Part(0, 9)], [[steel, iron]], unlike=[("steel",)]) == ["Iron"]


@pytest.mark.parametrize(
    ("language", "sentences", "title"),
    [
        (
            "en",
            ("The problem with the furnace is heat.", "In the furnace the problem grows.", "Here is a problem."),
            "Furnace",
        ),
        ("hu", ("A probléma a kohó.", "Ez a kohó nagy.", "Ez az idő nagy, és a kohó is."), "Kohó"),
    ],
)
def test_a_word_of_everyday_use_gives_way_to_a_rarer_one(language: str, sentences: tuple[str, ...], title: str) -> None:
    cues, parts = lecture(sentences)
    assert Titles(cues, language).of(parts) == [title]


def test_a_title_does_not_begin_with_how_many_there_are() -> None:
    cues, parts = lecture(("The number of muscles is large.", "What is the number of muscles?", "We count."))
    assert Titles(cues, "en").of(parts) == ["Muscles"]


def test_what_the_lecture_returns_to_and_asks_for_wins_over_an_example_that_is_told_once() -> None:
    about = ("What is a blast furnace?", "The blast furnace takes iron ore.", "A blast furnace is hot.")
    told = ("My neighbour has a garden gnome.", "The garden gnome has a red hat.", "That garden gnome fell over.")
    cues, _ = lecture(about, (*about, *told, *told), ENGLISH_NEXT, about)
    assert Titles(cues, "en").of([Part(18, 72)]) == ["Blast furnace"]


GREETING = ("Hello everybody.", "Thanks, thanks.", "Can you hear me?", "Okay, so let's see.")


def test_minutes_that_name_nothing_are_an_introduction_first_and_closing_remarks_last_and_nothing_between() -> None:
    cues, parts = lecture(GREETING, ENGLISH, GREETING, ENGLISH_NEXT, GREETING)
    titles = Titles(cues, "en").of(parts)
    assert titles == ["Introduction", "Blast furnace", "", "Rolling mill", "Closing remarks"]


def test_first_and_last_minutes_that_name_something_are_called_by_it() -> None:
    cues, parts = lecture(ENGLISH, GREETING, ENGLISH_NEXT)
    assert Titles(cues, "en").of(parts) == ["Blast furnace", "", "Rolling mill"]


def test_an_introduction_of_a_language_without_word_lists_has_no_title() -> None:
    cues, parts = lecture(("…",) * 4, ENGLISH)
    assert Titles(cues, "xx").of(parts)[0] == ""


def test_a_part_with_nothing_of_its_own_to_say_has_no_title() -> None:
    cues = tuple(Cue(n + 1, n * 5000, n * 5000 + 4500, "Okay, so, you know.") for n in range(20))
    assert Titles(cues, "en").of([Part(0, 20)]) == [""]


def test_a_phrase_runs_over_cues_but_not_over_a_mark_or_a_pause() -> None:
    cues = tuple(
        Cue(n + 1, n * 9000 + start, n * 9000 + start + 900, text)
        for n in range(8)
        for start, text in ((0, "here is the vapour"), (1000, "chamber. Copper"), (5000, "fins are here"))
    )
    title = Titles(cues, "en").of([Part(0, len(cues))])[0]
    assert title == "Vapour chamber"


def test_a_term_of_the_glossary_is_spelt_as_given() -> None:
    cues, parts = lecture(ENGLISH, ENGLISH_NEXT)
    assert Titles(cues, "en", ("Blast Furnace",)).of(parts)[0] == "Blast Furnace"


def test_names_keep_their_capitals_and_other_words_lose_those_of_a_sentence() -> None:
    sentences = ("Kepler laws are for planets.", "We use the Kepler laws.", "The Kepler laws are three.")
    cues, parts = lecture(sentences)
    assert Titles(cues, "en").of(parts) == ["Kepler laws"]


EXAMPLES = Path(__file__).parents[2] / "examples"


def tree(found: list[dict[str, Any]]) -> tuple[Section, ...]:
    return tuple(
        Section(title=s["title"], start=0, end=0, cue=s["cue"] - 1, subsections=tree(s["subsections"])) for s in found
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "how-maps-lie.srt",
            {"Mercator map", "Rhumb line", "Choropleth maps", "Web Mercator"},
        ),
        ("kvasinky-a-chleba.srt", {"Kvasinky", "Lepek", "Enzymy", "Maillardova reakce", "Retrogradace"}),
        ("die-uhr-im-netz.vtt", {"Network Time Protocol", "Schaltsekunde"}),
    ],
)
def test_the_example_lectures_have_headings_that_their_listeners_know_and_that_break_no_rule(
    name: str, expected: set[str]
) -> None:
    cues = read((EXAMPLES / name).read_bytes(), name).cues
    language = detect(cues)
    sections = tree(json.loads(reply(Prompt("outline", "1", "", "", language, Options(), Material(cues))).text))
    titles = {s.title for top in sections for s in (top, *top.subsections)}
    assert expected <= titles
    assert list(faults(sections, [cue.text for cue in cues], language)) == []


@pytest.mark.parametrize("name", ["how-maps-lie.srt", "kvasinky-a-chleba.srt", "die-uhr-im-netz.vtt"])
def test_no_title_comes_twice_however_fine_the_outline_and_on_whichever_level(name: str) -> None:
    cues = read((EXAMPLES / name).read_bytes(), name).cues
    language, options = detect(cues), Options(detail="fine")
    sections = tree(json.loads(reply(Prompt("outline", "1", "", "", language, options, Material(cues))).text))
    asked = Prompt("group", "1", "", "", language, options, Material(cues, sections=sections, most=3))
    grouped = [group for group in json.loads(reply(asked).text)["groups"] if len(group["sections"]) > 1]
    assert grouped
    groups = [Section(title=group["title"], start=0, end=0, cue=0) for group in grouped]
    assert list(faults((*sections, *groups), [cue.text for cue in cues], language)) == []


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Kyselinu mléčnou dělají bakterie. Kyselina mléčná je jemná. Cítíme kyselinu mléčnou.", "Kyselina mléčná"),
        ("Jdeme k okénkové zkoušce. Je to okénková zkouška. Bez okénkové zkoušky to nejde.", "Okénková zkouška"),
    ],
)
def test_a_form_that_stands_by_itself_goes_before_one_that_is_said_more_often(said: str, title: str) -> None:
    cues, parts = lecture(tuple(f"{sentence}." for sentence in said.split(". ")))
    assert Titles(cues, "cs").of(parts) == [title]


def test_recognised_german_without_capitals_has_titles_too() -> None:
    cues, parts = lecture(("heute geht es um den hochofen.", "der hochofen braucht koks.", "da steht der hochofen."))
    assert Titles(cues, "de").of(parts) == ["Hochofen"]


@pytest.mark.parametrize(
    ("title", "fault"),
    [
        ("Of the furnace", "begins or ends mid-phrase"),
        ("Okay so", "filler"),
        ("Furnace solves iron", "says what is done"),
        ("Furn", "a word that nobody said"),
        ("blast furnace", "not trimmed and cased like a heading"),
        ("Furnace " * 8 + "iron", "longer than 60 letters"),
    ],
)
def test_each_rule_for_titles_catches_what_it_is_for(title: str, fault: str) -> None:
    said = {"okay", "so", "of", "the", "blast", "furnace", "solves", "iron"}
    assert fault in list(title_faults(title, said, speech("en")))


def test_the_rules_catch_titles_that_come_twice_on_any_level_and_words_that_any_text_is_full_of() -> None:
    below = (Section(title="Slag", start=0, end=0, cue=0), Section(title="Money", start=0, end=0, cue=1))
    top = Section(title="Furnace", start=0, end=0, cue=0, subsections=below)
    found = list(faults([top, Section(title="Slag", start=0, end=0, cue=2)], ["furnace slag money"], "en"))
    assert found == ["twice in the outline: Slag", "an everyday word by itself: Money", "twice in the outline: Slag"]


def test_a_title_is_the_whole_of_a_name_and_not_its_end() -> None:
    said = ("The Google Cloud Platform is paid by the hour.", "We open the Google Cloud Platform.", "Clouds again.")
    cues, parts = lecture(said)
    assert Titles(cues, "en").of(parts) == ["Google Cloud Platform"]


def test_siblings_are_told_apart_by_more_than_singular_and_plural() -> None:
    cues, parts = lecture(
        ("The agent calls a tool.", "An agent waits.", "This is the agent of the bank."),
        ("The agents meet.", "Agents of a bank meet in the lobby.", "The lobby is full of agents."),
    )
    first, second = Titles(cues, "en").of(parts)
    assert not {first, second} >= {"Agent", "Agents"}


def test_a_title_that_was_written_freely_is_held_to_fewer_rules() -> None:
    title = "What the furnace does to iron"
    assert list(title_faults(title, {"furnace"}, speech("en")))
    assert list(title_faults(title, set(), speech("en"))) == []
    assert list(title_faults("…", set(), speech("en"))) == ["filler"]


OTHER_LANGUAGES = {
    "fr": (
        (
            "Aujourd'hui nous allons parler de la tectonique des plaques.",
            "La tectonique des plaques explique beaucoup.",
        ),
        ("Maintenant passons aux volcans sous-marins.", "Les volcans sous-marins naissent au fond de l'océan."),
    ),
    "es": (
        ("Hoy vamos a hablar de la fotosíntesis.", "La fotosíntesis usa la luz del sol."),
        ("Ahora pasamos a la respiración celular.", "La respiración celular ocurre en las mitocondrias."),
    ),
    "pl": (
        ("Dzisiaj będziemy mówić o sieciach neuronowych.", "Sieci neuronowe uczą się na danych."),
        ("Teraz przejdźmy do funkcji straty.", "Funkcja straty mierzy błąd.", "Funkcję straty minimalizujemy."),
    ),
    "hi": (
        ("आज हम प्रकाश संश्लेषण के बारे में बात करेंगे।", "प्रकाश संश्लेषण में पौधे सूर्य के प्रकाश का उपयोग करते हैं।"),
        ("अब हम कोशिकीय श्वसन की ओर बढ़ते हैं।", "कोशिकीय श्वसन से ऊर्जा मिलती है।"),
    ),
    "ru": (
        ("Сегодня мы поговорим о квантовой механике.", "Квантовая механика описывает атомы."),
        ("Теперь перейдём к уравнению Шрёдингера.", "Уравнение Шрёдингера описывает движение."),
    ),
}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("fr", ["Tectonique des plaques", "Volcans sous-marins"]),
        ("es", ["Fotosíntesis", "Respiración celular"]),
        ("pl", ["Sieci neuronowe", "Funkcja straty"]),
        ("ru", ["Квантовая механика", "Уравнение Шрёдингера"]),
        ("hi", ["प्रकाश संश्लेषण", "कोशिकीय श्वसन"]),
    ],
)
def test_titles_name_things_in_the_form_of_a_heading_in_other_languages_too(language: str, expected: list[str]) -> None:
    cues, parts = lecture(*((topic * 3)[:6] for topic in OTHER_LANGUAGES[language]), repeats=2)
    assert Titles(cues, language).of(parts) == expected
