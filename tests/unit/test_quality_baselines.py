"""The baselines of bench/ find what they were published to find, so that beating them means something."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))

from baselines import c99, even_cuts, text_tiling
from dynamic import bayesian, divisive, utiyama_isahara
from metrics import pk

VOCABULARIES = [
    ["leaf", "steam", "kettle", "harvest", "brew", "terrace", "fermentation", "cup", "withering", "pan"],
    ["glacier", "moraine", "crevasse", "ice", "valley", "melt", "rock", "snowfield", "ridge", "summit"],
    ["violin", "spruce", "varnish", "bow", "string", "luthier", "bridge", "peg", "resin", "scroll"],
]
COMMON = ["the", "of", "and", "a", "to", "that", "we", "in", "is", "it"]


def texts(sentences: int = 60) -> list[str]:
    """Three topics, `sentences` sentences each of twelve words, half of them words that every topic shares."""
    random = Random(5)
    return [
        " ".join(random.choice(vocabulary if random.random() < 0.5 else COMMON) for _ in range(12))
        for vocabulary in VOCABULARIES
        for _ in range(sentences)
    ]


@pytest.mark.parametrize("method", [text_tiling, c99, utiyama_isahara, divisive, bayesian])
def test_three_topics_are_told_apart_when_their_number_is_known(
    method: Callable[[list[str], int | None], list[int]],
) -> None:
    assert pk([60, 120], method(texts(), 3), 180) < 0.06


@pytest.mark.parametrize("method", [c99, utiyama_isahara, divisive])
def test_a_method_that_can_tell_the_number_finds_it(method: Callable[[list[str], int | None], list[int]]) -> None:
    assert 1 <= len(method(texts(), None)) <= 4


def test_even_cuts_are_even() -> None:
    assert even_cuts(["word"] * 12, 4) == [3, 6, 9]
