"""Whether titles are in the language asked for: measured on titles of our own making."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.cues import Cue
from worker.language import detect, foreign, is_foreign_beyond_doubt

TITLES = {
    path.stem: path.read_text("utf-8").splitlines() for path in (Path(__file__).parents[1] / "titles").glob("*.txt")
}
ENGLISH = TITLES["en"]
OTHER = {spoken: titles for spoken, titles in sorted(TITLES.items()) if spoken != "en"}
CZECH = (
    "Takže teď si ukážeme, jak se ten model načte do paměti. Tady vidíte, že se nám změnila architektura, ale jinak "
    "nám to zůstalo stejné. Tak a teďka si to vyzkoušíme a podíváme se, co se mi děje v tom logu."
)
SLOVAK = (
    "Takže teraz si ukážeme, ako sa ten model načíta do pamäte. Tu vidíte, že sa nám zmenila architektúra, ale inak "
    "nám to zostalo rovnaké. Tak a teraz si to vyskúšame a pozrieme sa, čo sa mi deje v tom logu."
)


def cues(text: str) -> list[Cue]:
    return [Cue(n, n * 3000, n * 3000 + 2500, line) for n, line in enumerate(text.split(". "), 1)]


@pytest.mark.parametrize("spoken", OTHER)
def test_english_titles_are_not_asked_for_again(spoken: str) -> None:
    wrong = [ENGLISH[n] for n in foreign(ENGLISH, "en", spoken)]
    assert len(wrong) <= len(ENGLISH) * 0.025, wrong


@pytest.mark.parametrize("spoken", OTHER)
def test_english_titles_that_were_left_as_they_are_are_believed(spoken: str) -> None:
    assert {title for title in ENGLISH if is_foreign_beyond_doubt(title, "en", spoken)} <= {"Déjà vu"}


@pytest.mark.parametrize("spoken", OTHER)
def test_titles_in_the_lectures_language_are_found(spoken: str) -> None:
    titles = OTHER[spoken]
    missed = [t for n, t in enumerate(titles) if n not in foreign(titles, "en", spoken)]
    assert len(missed) <= len(titles) * 0.15, missed


@pytest.mark.parametrize("spoken", OTHER)
def test_a_single_title_among_english_ones_is_mostly_found(spoken: str) -> None:
    titles = OTHER[spoken]
    found = [title for title in titles if foreign([title, *ENGLISH[:8]], "en", spoken) == [0]]
    assert len(found) >= len(titles) * 0.6, set(titles) - set(found)


def test_all_titles_together_are_judged_nearly_always_right() -> None:
    found = sum(len(foreign(titles, "en", spoken)) for spoken, titles in OTHER.items())
    there = sum(len(titles) for titles in OTHER.values())
    wrong = sum(len(foreign(ENGLISH, "en", spoken)) for spoken in OTHER)
    assert found >= there * 0.95
    assert wrong <= len(ENGLISH) * len(OTHER) * 0.006


def test_czech_and_slovak_are_told_apart() -> None:
    assert (detect(cues(CZECH)), detect(cues(SLOVAK))) == ("cs", "sk")


def test_a_few_foreign_words_do_not_change_the_language_of_a_lecture() -> None:
    mixed = cues(CZECH * 6 + " Don't save. Large file system. Hugging Face. Linear 4-bit. To mi príde zaujímavé.")
    assert detect(mixed) == "cs"


@pytest.mark.parametrize("text", ["", "1 2 3", "?", "[♪♪♪]"])
def test_too_little_speech_is_no_language(text: str) -> None:
    assert detect(cues(text)) == "und"


def test_titles_asked_for_in_the_lectures_own_language_may_not_come_in_english() -> None:
    titles = ["Kvantizace modelu a úspora paměti", "Loading the model from disk", "Machine learning", "Tokenizer"]
    assert foreign(titles, "cs", "cs") == [1]


def test_terms_code_and_quotations_are_no_language() -> None:
    titles = ["Using „zeměpis a dějepis“ as a prompt", "`načti_model()`", "nacti_model() a uloz_model()"]
    assert foreign(titles, "en", "cs") == []
    assert foreign(["Strojové učení"], "en", "cs", ("strojové učení",)) == []


def test_a_language_that_is_not_known_is_not_judged() -> None:
    assert foreign(["Úvod do strojového učení"], "tlh", "cs") == []
