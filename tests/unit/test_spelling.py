"""Titles spell the terms of the course as the user gave them."""

from __future__ import annotations

import pytest

from shared.cues import Cue
from shared.outline import Section
from worker.spelling import not_said, spelled


@pytest.mark.parametrize(
    ("title", "term", "expected"),
    [
        ("Models from hugging face", "Hugging Face", "Models from Hugging Face"),
        ("Huggingface and its hub", "Hugging Face", "Hugging Face and its hub"),
        ("Fine tuning, then fine-tuning", "fine-tuning", "fine-tuning, then fine-tuning"),
        ("Dvorak and Smetana", "Dvořák", "Dvořák and Smetana"),
        ("Why relu works", "ReLU", "Why ReLU works"),
        ("Reluctance of magnets", "ReLU", "Reluctance of magnets"),
        ("Capacity", "city", "Capacity"),
        ("STRASSE und Straße", "Straße", "Straße und Straße"),
        ("Anything", "—", "Anything"),
    ],
)
def test_a_term_is_spelled_as_given_where_it_is_a_word_of_its_own(title: str, term: str, expected: str) -> None:
    assert spelled(title, [term]) == expected


def test_the_longer_of_two_terms_is_kept_whole() -> None:
    assert spelled("the long short term memory", ["Memory", "Long Short-Term Memory"]) == "the Long Short-Term Memory"


@pytest.mark.parametrize(
    ("said", "term", "is_said"),
    [
        ("we deploy on kubernetes", "Kubernetes", True),
        ("v Kubernetesu to spustíme", "Kubernetes", True),
        ("ty kvasinky a kvasinkám", "kvasinka", True),
        ("o vědách", "věda", True),
        ("the hugging face hub", "HuggingFace", True),
        ("huggingface has it", "Hugging Face", True),
        ("die Zellatmung", "Atmung", True),
        ("就是机器学习的方法", "机器学习", True),
        ("anything", "—", True),
        ("we deploy on kubernetes", "Kubernets Inc", False),
        ("the storage of gas", "RAG", False),
        ("we deploy on kubernetes", "Nomad", False),
        ("就是机器学习的方法", "量子", False),
    ],
)
def test_a_term_is_told_only_where_nothing_that_may_be_a_form_of_it_is_said(
    said: str, term: str, is_said: bool
) -> None:
    assert not_said([term], [Cue(1, 0, 1, said)], ()) == (() if is_said else (term,))


def test_a_term_that_a_title_has_is_said_in_another_language() -> None:
    titled = Section(
        title="Bread", start=0, end=1, cue=0, subsections=(Section(title="Why yeast", start=0, end=1, cue=0),)
    )
    assert not_said(["yeast", "sourdough"], [Cue(1, 0, 1, "kvasinky")], [titled]) == ("sourdough",)
