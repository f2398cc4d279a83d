"""docs/exports/ holds what the code writes today."""

from __future__ import annotations

import importlib.util
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "exports"


def test_the_examples_are_what_the_code_writes() -> None:
    spec = importlib.util.spec_from_file_location("regenerate", FOLDER / "regenerate.py")
    assert spec is not None
    assert spec.loader is not None
    regenerate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(regenerate)
    stored = {path.name: path.read_bytes() for path in FOLDER.glob("bread.*")}
    assert stored == regenerate.examples(), "run `make export-examples`"
