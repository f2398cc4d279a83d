"""Titles spell the terms of the course as the user gave them."""

from __future__ import annotations

import pytest

from worker.spelling import spelled


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
