"""A property test has the same examples, whatever else is run with it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st


def examples() -> list[str]:
    drawn: list[str] = []

    @settings(max_examples=200)
    @given(st.text(max_size=40))
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    return drawn


def test_a_module_that_is_loaded_in_between_changes_no_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = examples()
    words = [f"word {number}" for number in range(500)]
    (tmp_path / "loaded_in_between.py").write_text(f"WORDS = {words}\n")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("loaded_in_between")
    try:
        assert examples() == before
    finally:
        del sys.modules["loaded_in_between"]
