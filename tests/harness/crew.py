"""Real Celery workers in process groups of their own, started in tenths of a second and killed at will."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

_ROOT = Path(__file__).parents[2]


class Crew:
    """Workers of one environment. A worker is known by the id of its process."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], threads: int = 8, module: str = "worker.app"
    ) -> None:
        self.folder, self.environment, self.threads, self.module = folder, dict(environment), threads, module
        self.pids: list[int] = []
        self._born = 0

    def __enter__(self) -> Self:
        path = os.pathsep.join([str(_ROOT), str(_ROOT / "tests"), str(_ROOT / "bench")])
        self._nursery = subprocess.Popen(
            [sys.executable, str(_ROOT / "tests" / "harness" / "nursery.py")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=self.folder, start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        assert self._line() == "ready"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for pid in list(self.pids):
            self.kill(pid)
        assert self._nursery.stdin and self._nursery.stdout
        self._nursery.stdin.close()
        self._nursery.wait(10)
        self._nursery.stdout.close()

    def hire(self, *more: str, **environment: str) -> int:
        """Starts one more worker, with `more` arguments; it takes up work within a second or so."""
        self._born += 1
        arguments = [
            "worker", "-P", "threads", "-c", str(self.threads), "-E", "-n", f"w{self._born}@test", "--without-gossip",
            "--without-mingle", "--loglevel", "INFO", *more,
        ]  # fmt: skip
        order = {
            "environment": {**self.environment, **environment}, "log": str(self.log(self._born)),
            "module": self.module, "arguments": arguments,
        }  # fmt: skip
        assert self._nursery.stdin
        self._nursery.stdin.write(json.dumps(order) + "\n")
        self._nursery.stdin.flush()
        pid = int(self._line())
        self.pids.append(pid)
        return pid

    def kill(self, pid: int) -> None:
        """kill -9 of the worker and whatever it started."""
        self.pids.remove(pid)
        _send(pid, signal.SIGKILL)
        _send(pid, signal.SIGCONT)
        self._wait_for_end(pid, 10)

    def stop(self, pid: int, grace: float) -> bool:
        """SIGTERM, and after the grace SIGKILL; whether the worker ended by itself."""
        _send(pid, signal.SIGTERM)
        if self._wait_for_end(pid, grace):
            self.pids.remove(pid)
            return True
        self.kill(pid)
        return False

    def freeze(self, pid: int) -> None:
        _send(pid, signal.SIGSTOP)

    def thaw(self, pid: int) -> None:
        _send(pid, signal.SIGCONT)

    def is_alive(self, pid: int) -> bool:
        return Path(f"/proc/{pid}").exists()

    def log(self, number: int) -> Path:
        return self.folder / f"worker-{number}.log"

    def logs(self) -> str:
        """What all workers wrote, in the order of their births."""
        found = [self.log(n) for n in range(1, self._born + 1)]
        return "\n".join(path.read_text(errors="replace") for path in found if path.exists())

    def _wait_for_end(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.is_alive(pid):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _line(self) -> str:
        assert self._nursery.stdout
        line = self._nursery.stdout.readline().strip()
        assert line, "the nursery ended by itself"
        return line


def _send(pid: int, what: signal.Signals) -> None:
    try:
        os.killpg(pid, what)
    except ProcessLookupError:
        return
