"""docs/exports/ holds what the code writes today, and docs/exports.md states the rules of each format."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from shared.export import FORMATS

FOLDER = Path(__file__).parents[2] / "docs" / "exports"


@pytest.fixture(scope="module")
def regenerate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("regenerate", FOLDER / "regenerate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_examples_are_what_the_code_writes(regenerate: ModuleType) -> None:
    stored = {path.name: path.read_bytes() for path in FOLDER.glob("bread.*")}
    assert stored == regenerate.examples(), "run `make export-examples`"


def test_the_document_has_the_table_of_formats_and_the_rules_of_each(regenerate: ModuleType) -> None:
    text = (FOLDER.parent / "exports.md").read_text(encoding="utf-8")
    assert text == regenerate.documented(text), "run `make export-examples`"
    rules = text.split("## The rules of each")[1].split("\n## ")[0]
    assert sorted(re.findall(r"^- \*\*(\w+)\*\*: ", rules, re.MULTILINE)) == sorted(FORMATS)
