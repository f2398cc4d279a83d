"""schemathesis tries the API as its own document describes it, against the whole stack with a worker behind it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from cli.local import LocalStack

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = Path(__file__).parents[2] / "examples"
FUZZ_SECONDS = os.environ.get("FUZZ_SECONDS", "300")
# What is valid by its shape may still be none of ours: a cursor, an address for webhooks, a text that is no transcript.
UNTOLD = "positive_data_acceptance"
# What was removed is 410 whatever is sent to it: nothing of the body is looked at.
REFUSED = '["400", "401", "403", "404", "405", "406", "409", "410", "415", "422", "428", "429", "5xx"]'


def tried(url: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """A run of schemathesis for which a lecture and a batch are at hand, whatever else it makes."""
    file = ("files", ("map.srt", (EXAMPLES / "how-maps-lie.srt").read_bytes()))
    batch = httpx2.post(f"{url}/v1/lectures", files=[file], trust_env=False, timeout=60).json()
    config = folder / "schemathesis.toml"
    config.write_text(
        f"[checks.negative_data_rejection]\nexpected-statuses = {REFUSED}\n\n"
        + "".join(
            f'[[operations]]\ninclude-path-regex = "/{noun}/.id"\nexclude-method = "DELETE"\n'
            f'parameters = {{ "path.id" = "{id}" }}\n\n'
            for noun, id in (("lectures", batch["lectures"][0]["id"]), ("batches", batch["id"]))
        )
    )
    command = [
        SCHEMATHESIS,
        "--config-file",
        config,
        "run",
        f"{url}/openapi.json",
        "--exclude-checks",
        UNTOLD,
        *options,
    ]
    return subprocess.run(
        [*map(str, command), "--request-timeout", "90", "--no-color", "--warnings", "off"],
        capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": str(Path(__file__).with_name("subtitle_types.py"))},
    )  # fmt: skip


@pytest.mark.timeout(170)
def test_the_api_is_as_its_document_says(tmp_path: Path) -> None:
    with LocalStack(tmp_path / "k", model="offline") as stack:
        ran = tried(
            stack.url, tmp_path, "--phases", "examples,coverage", "--generation-deterministic", "--max-examples", "3"
        )
    assert ran.returncode == 0, ran.stdout[-6_000:]


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_the_api_stands_a_long_trial(tmp_path: Path) -> None:
    with LocalStack(tmp_path / "k", model="offline") as stack:
        ran = tried(stack.url, tmp_path, "--max-time", FUZZ_SECONDS, "--continue-on-failure")
    assert ran.returncode == 0, ran.stdout[-12_000:]
