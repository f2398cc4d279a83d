"""Programs and packages of others that read what Kapitola writes."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from shared.export import Source
from shared.outline import Section
from tests.exports.hostile import TRAPS, sources

NODE_MODULES = Path(__file__).parent / "node_modules"


def program(name: str) -> str:
    """The path of an installed program. Without it the test is skipped; under CI, where nothing may be, it fails."""
    return shutil.which(name) or _missing(name, "make debian-packages")


def headless_chromium() -> list[str]:
    """How a Chromium begins that nobody looks at."""
    return [program("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]


def npm_file(path: str) -> Path:
    """A file of an npm package of tests/exports/package.json."""
    found = NODE_MODULES / path
    return found if found.exists() else Path(_missing(path, "make npm-packages"))


def module(name: str) -> ModuleType:
    """A Python package of tests/exports/requirements.lock."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        _missing(name, "make reader-packages")
        raise


def run(*command: str) -> str:
    """What `command` prints; an error of its own is the test's."""
    done = subprocess.run(command, capture_output=True, timeout=100, check=False)
    assert done.returncode == 0, f"{command}: {done.stderr.decode(errors='replace')}"
    return done.stdout.decode()


@cache
def batch(count: int) -> tuple[Source, ...]:
    """`count` hostile outlines, always the same, and one with every trap in it: to be read by one process at once."""
    found = [Source("Every trap", len(TRAPS) * 20_000, "en", tuple(_in_tens()))]

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(sources())
    def collect(source: Source) -> None:
        found.append(source)

    collect()
    return tuple(found)


def _in_tens() -> Iterator[Section]:
    """Every trap, the first of each ten over the nine that follow it: real outlines have at most ten on a level.

    Mermaid cannot draw 77 on one: whether it throws depends on the fonts that the machine has.
    """
    every = [
        Section(title=trap, start=number * 20_000, end=number * 20_000 + 20_000, cue=0)
        for number, trap in enumerate(TRAPS)
    ]
    for first in range(0, len(every), 10):
        above, *below = every[first : first + 10]
        yield above.model_copy(update={"end": every[first + len(below)].end, "subsections": tuple(below)})


def _missing(name: str, remedy: str) -> str:
    reason = f"{name} is not installed: {remedy}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
