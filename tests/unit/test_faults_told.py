"""docs/faults.md names a test for every fault, and there are no others than it names."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "faults.md").read_text("utf-8")
ROWS = {
    row[0].strip(): row[-1] for row in (line.strip("| ").split(" | ") for line in PAGE.splitlines()) if len(row) == 4
}


def test_every_fault_has_a_row_and_every_row_a_test_that_is_there() -> None:
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    for number in range(1, 30):
        named = re.findall(r"`(test_\w+)`", ROWS[f"F{number}"])
        assert named or "the same" in ROWS[f"F{number}"], f"F{number}"
        for name in named:
            assert f"def {name}(" in written, name


def test_no_test_of_a_fault_is_left_out() -> None:
    for path in (ROOT / "tests" / "faults").glob("test_*.py"):
        for name in re.findall(r"^def (test_f\d+_\w+)\(", path.read_text("utf-8"), re.M):
            assert f"`{name}`" in PAGE, name
