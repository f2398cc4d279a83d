"""Settings that make no sense are told by name, with what to do, and without what they hold."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from shared.settings import SettingsError, settings


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_every_variable_that_makes_no_sense_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAPITOLA_CALLS_IN_FLIGHT", "sk-secret")
    monkeypatch.setenv("KAPITOLA_REQUESTS_PER_MINUTE", "-3")
    with pytest.raises(SettingsError, match=r"KAPITOLA_REQUESTS_PER_MINUTE: .* KAPITOLA_CALLS_IN_FLIGHT: ") as told:
        settings()
    assert "sk-secret" not in str(told.value)


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("KAPITOLA_MODELS", '[{"modle": "a", "key": "sk-secret"}]', "modle"),
        ("KAPITOLA_PRICES", "/no/such/file", "/no/such/file"),
    ],
)
def test_a_worker_that_cannot_start_says_what_to_mend(variable: str, value: str, told: str) -> None:
    environment = {**os.environ, variable: value, "KAPITOLA_REDIS_URL": "redis://127.0.0.1:1/0"}
    ended = subprocess.run(
        [sys.executable, "-c", "import worker.app"], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == os.EX_CONFIG
    assert ended.stderr.startswith("kapitola worker: ")
    assert told in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "sk-secret" not in ended.stderr
