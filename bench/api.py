"""How fast the API answers polls and takes lectures in: beside a bare FastAPI route, under the same server, in one run.

Rates are given for each second of CPU that the server's process used: what another program does on the machine
meanwhile changes the wall clock's figure, and hardly that one. Everything runs in a stack of its own, which is removed.
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
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from reading import WORDS, stamp

from cli.client import Kapitola
from cli.door import address_of, bound
from cli.local import LocalStack

HERE = Path(__file__).parent
CONNECTIONS = 32
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """Something that answers, and the process that does."""

    url: str
    pid: int

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    @property
    def cpu_seconds(self) -> float:
        """Of the process itself."""
        return cpu_seconds(self.pid)

    @property
    def cpu_seconds_of_all(self) -> float:
        """Of the process and of those that it started and that still run: the readers."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return self.cpu_seconds + sum(cpu_seconds(int(child)) for child in children)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def hour(seed: int) -> str:
    """An hour of subtitles, 1,000 cues and about 90 kB, unlike any other's."""
    chance = random.Random(seed)
    texts = (" ".join(chance.choices(WORDS, k=12)) for _ in range(1_000))
    return "".join(f"{n + 1}\n{stamp(n * 3)} --> {stamp(n * 3 + 2)}\n{text}\n\n" for n, text in enumerate(texts))


@contextmanager
def bare_route() -> Iterator[Server]:
    with bound(0) as door:
        url = address_of(door)
        command = [sys.executable, "-m", "uvicorn", "bare_route:app", "--fd", str(door.fileno()), "--no-access-log"]
        process = subprocess.Popen([*command, "--log-level", "warning"], cwd=HERE, pass_fds=[door.fileno()])
    try:
        while not is_up(f"{url}/bare"):
            if process.poll() is not None:
                raise SystemExit("The bare route did not start.")
        yield Server(url, process.pid)
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def without_workers(folder: Path) -> Iterator[Server]:
    """The API and its Redis, with nobody to do the work."""
    with LocalStack(folder, model="offline") as stack:
        for name, child in stack.processes.items():
            if name.startswith("worker"):
                child.terminate()
                child.wait(20)
        yield api_of(stack)


def api_of(stack: LocalStack) -> Server:
    return Server(stack.url, stack.processes["api"].pid)


def polled(server: Server, requests: list[tuple[str, dict[str, str]]], seconds: float, rate: float = 0) -> str:
    """A row: requests a second, for each second of the server's CPU, and how long they took."""
    command = [sys.executable, str(HERE / "polls.py"), str(server.port), str(seconds), str(CONNECTIONS), str(rate)]
    before = server.cpu_seconds
    ran = subprocess.run(command, input=json.dumps(requests), capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout)
    count = sum(found["statuses"].values())
    for_cpu = count / (server.cpu_seconds - before)
    statuses = ", ".join(f"{n:,} × {status}" for status, n in found["statuses"].items())
    return (
        f"{count / found['seconds']:8,.0f}/s {for_cpu:8,.0f} per CPU second   p50 {found['p50']:6.2f} ms   "
        f"p99 {found['p99']:7.2f} ms   {statuses}"
    )


def polls_of(server: Server, batch: str) -> list[tuple[str, dict[str, str]]]:
    """A poll for each lecture of the batch, as a client makes it that has seen it a moment ago."""
    rows = httpx2.get(f"{server.url}/v1/batches/{batch}", trust_env=False).json()["lectures"]
    return [(f"/v1/lectures/{row['id']}", {"If-None-Match": f'"{row["version"]}"'}) for row in rows]


def submitted(server: Server, count: int) -> str:
    """The id of a batch of `count` lectures of an hour; prints how long it took to be accepted, and how much CPU."""
    files = [("files", (f"{n}.srt", hour(n).encode())) for n in range(count)]
    with httpx2.Client(base_url=server.url, timeout=300, trust_env=False) as http:
        start, before = time.perf_counter(), server.cpu_seconds_of_all
        answer = http.post("/v1/lectures", files=files)
        took, cpu = time.perf_counter() - start, server.cpu_seconds_of_all - before
    answer.raise_for_status()
    print(
        f"  {count:>4} lectures of an hour  {took:7.2f} s   {cpu:6.2f} s of CPU   {cpu / count * 1000:7.1f} ms each",
        flush=True,
    )
    return str(answer.json()["id"])


def measure(seconds: float, counts: list[int]) -> None:
    with tempfile.TemporaryDirectory(prefix="kapitola-bench-") as folder:
        with bare_route() as bare, without_workers(Path(folder) / "idle") as api:
            print("Taken in by one request (reading processes start with the first large one):")
            batch = ""
            for count in counts:
                batch = submitted(api, count)
            print("Polls that nothing has changed for, as fast as they are answered:")
            print(f"  bare FastAPI route   {polled(bare, [('/bare', {})], seconds)}", flush=True)
            print(f"  lecture, 304         {polled(api, polls_of(api, batch), seconds)}", flush=True)
        with LocalStack(Path(folder) / "busy", model="offline") as stack, Kapitola(stack.url) as client:
            batch = submitted(api_of(stack), counts[-1])
            print("500 polls a second beside that batch, whose lectures the offline model outlines meanwhile:")
            print(f"  lectures             {polled(api_of(stack), polls_of(api_of(stack), batch), seconds, 500)}")
            states = client.batch(batch).states
            print(f"  the batch afterwards: {', '.join(f'{n} {state}' for state, n in states.items())}")


def is_up(url: str) -> bool:
    try:
        return httpx2.get(url, trust_env=False, timeout=5).status_code == 200
    except httpx2.TransportError:
        time.sleep(0.05)
        return False


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="how long each kind of poll is measured")
    parser.add_argument("--lectures", type=int, nargs="+", default=[1, 10, 100, 500], help="how many at once")
    given = parser.parse_args()
    measure(given.seconds, given.lectures)
