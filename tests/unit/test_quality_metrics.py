"""The measures of bench/ say what the literature says they say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[2] / "bench"))

from metrics import boundary_f1, interval, pk, title_similarity, window, window_difference

CUES = 40
boundaries = st.lists(st.integers(1, CUES - 1), min_size=1, max_size=8, unique=True).map(sorted)


def slowly(true: list[int], found: list[int], exact: bool) -> float:
    """Pk and WindowDiff as their papers define them, counted pair by pair."""
    width = window(true, CUES)
    wrong = 0
    for first in range(CUES - width):
        ours = sum(first < b <= first + width for b in found)
        theirs = sum(first < b <= first + width for b in true)
        wrong += ours != theirs if exact else (ours > 0) != (theirs > 0)
    return wrong / (CUES - width)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(boundaries, boundaries)
def test_pk_and_window_difference_count_what_their_definitions_count(true: list[int], found: list[int]) -> None:
    assert pk(true, found, CUES) == pytest.approx(slowly(true, found, exact=False))
    assert window_difference(true, found, CUES) == pytest.approx(slowly(true, found, exact=True))


@settings(derandomize=True, max_examples=30, deadline=None)
@given(boundaries)
def test_the_true_boundaries_are_perfect(true: list[int]) -> None:
    assert pk(true, true, CUES) == window_difference(true, true, CUES) == 0
    assert boundary_f1(true, true, 0) == 1


def test_a_near_miss_costs_less_than_a_far_one_and_than_a_missing_boundary() -> None:
    assert 0 < pk([20], [21], CUES) < pk([20], [28], CUES)
    assert pk([20], [21], CUES) < pk([20], [], CUES)


def test_a_boundary_is_matched_once() -> None:
    assert boundary_f1([60.0], [58.0, 61.0, 63.0], 5) == pytest.approx(2 / 4)
    assert boundary_f1([60.0, 100.0], [64.0, 106.0], 5) == pytest.approx(2 / 4)


def test_titles_are_alike_by_their_words_in_any_form() -> None:
    assert title_similarity("Computing gradients by backpropagation", "Gradient computation") == pytest.approx(0.8)
    assert title_similarity("Kvantizace modelu", "Kvantizaci modelů") == 1
    assert title_similarity("Face detection", "Zip codes") == 0


def test_an_interval_holds_its_mean_and_is_the_same_every_time() -> None:
    middle, low, high = interval([0.2, 0.3, 0.4, 0.5])
    assert low < middle < high
    assert interval([0.2, 0.3, 0.4, 0.5]) == (middle, low, high)
