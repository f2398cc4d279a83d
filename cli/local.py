"""The embedded stack: redis, workers and API as child processes of one command, on this machine only."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

from cli import child
from cli.client import Kapitola
from cli.door import address_of, bound
from cli.local_redis import LocalError, asked, end_left_behind, redis_options, redis_server
from cli.surroundings import asked as asked_models
from cli.surroundings import surroundings

_START_SECONDS = 60.0
_GRACE_SECONDS = 10.0
_STREAMS_END_SECONDS = 3
"""How long the API lets event streams and waiting polls go on once it is asked to stop: they are resumed elsewhere."""
_THREADS = 64
"""Tickets that one worker process holds at once: calls to a model mostly wait."""


def home() -> Path:
    """Where the embedded stack keeps its Redis and its logs: KAPITOLA_HOME, or the user's data folder."""
    given = os.environ.get("KAPITOLA_HOME")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return Path(given) if given else data / "kapitola"


def running() -> str | None:
    """The address of the embedded stack that runs on this machine, if there is one.

    One that was killed leaves its address behind, where somebody else may listen by now; but not its lock.
    """
    address = home() / "url"
    if not address.exists():
        return None
    with (home() / "lock").open("w") as lock:
        return None if _locks(lock, fcntl.LOCK_SH | fcntl.LOCK_NB) else address.read_text()


def models(model: str | None) -> str:
    """Those that the stack of this machine asks, as `surroundings.asked` has them: the one that runs, else the one that
    would be started for `model`."""
    told = home() / "models"
    if running():
        return told.read_text() if told.exists() else ""
    return asked_models(surroundings(home() / "redis.sock", model))


class LocalStack:
    """Redis, workers and the API, started together and stopped together. `url` is the API's address.

    A stack that already runs over the same folder is used, and left running.
    """

    def __init__(self, folder: Path, port: int = 0, model: str | None = None) -> None:
        self._folder, self._port, self._model = folder, port, model
        self._children: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._lock: IO[str] | None = None
        self._joined: IO[str] | None = None
        self.url = ""

    def __enter__(self) -> LocalStack:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._own_or_join():
            return self
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    @property
    def is_ours(self) -> bool:
        """Whether this object started the stack, rather than finding one."""
        return self._lock is not None

    @property
    def processes(self) -> dict[str, subprocess.Popen[bytes]]:
        """The processes that this object started, by what they are: redis, worker-1 and so on, api."""
        return dict(self._children)

    def check(self) -> None:
        """Raises LocalError if a process of the stack has ended by itself."""
        for name, process in self._children:
            if process.poll() is not None:
                raise LocalError(self._obituary(name, process.returncode))

    def _obituary(self, name: str, code: int) -> str:
        end = self._log(name)
        _, explained, said = end.rpartition("kapitola worker: ")
        why = said if explained else f"The {name} stopped (exit code {code}). The end of its log:\n{end}"
        return f"{why}\nNothing that was accepted is lost: the same command goes on once this is mended."

    def stop(self) -> None:
        """Asks API and workers to finish, then Redis; ends what is still there after the grace. Ctrl-C: at once."""
        try:
            _end([process for name, process in self._children if name != "redis"])
            _end([process for name, process in self._children if name == "redis"])
        finally:
            for _, process in self._children:
                process.kill()
                process.wait()
            self._children.clear()
            self._release_lock()

    def _release_lock(self) -> None:
        if self._joined:
            self._joined.close()
        if self._lock:
            (self._folder / "url").unlink(missing_ok=True)
            self._lock.close()
        self._lock = self._joined = None

    def wait_for_others(self, tell: Callable[[str], None]) -> None:
        """Waits for other commands that use this stack, so that it is not stopped under their hands."""
        if not self.is_ours:
            return
        with (self._folder / "users").open("w") as users:
            if not _locks(users, fcntl.LOCK_EX | fcntl.LOCK_NB):
                tell("Another kapitola command still uses this Redis and these workers; waiting for it.")
                fcntl.flock(users, fcntl.LOCK_EX)

    def _own_or_join(self) -> bool:
        """Whether the stack is now this object's to start. Else one that runs is joined, and `url` is its address."""
        address = self._folder / "url"
        for _ in _until(_START_SECONDS):
            lock = (self._folder / "lock").open("w")
            if _locks(lock, fcntl.LOCK_EX | fcntl.LOCK_NB):
                self._lock = lock
                address.unlink(missing_ok=True)
                return True
            lock.close()
            users = (self._folder / "users").open("w")
            if _locks(users, fcntl.LOCK_SH | fcntl.LOCK_NB) and address.exists():
                self.url, self._joined = address.read_text(), users
                if self.url and _is_ready(self.url):
                    return False
            users.close()
        raise LocalError(
            f"Another kapitola holds {self._folder} but does not answer. "
            "End it, or name another folder: KAPITOLA_HOME=..."
        )

    def _start(self) -> None:
        redis = self._folder / "redis.sock"
        if len(str(redis)) > 100:
            raise LocalError(f"{self._folder} is too long a path for a socket. Name a shorter one: KAPITOLA_HOME=...")
        end_left_behind(redis)
        environment = surroundings(redis, self._model)
        with bound(self._port) as door:
            self._start_behind(door, redis, environment)

    def _start_behind(self, door: socket.socket, redis: Path, environment: dict[str, str]) -> None:
        self._spawn("redis", [*redis_server(), *redis_options(self._folder, redis)], environment)
        for _ in _until(_START_SECONDS):
            self.check()
            if asked(redis, b"PING").startswith(b"+PONG"):
                break
        for n in range(max(1, min(4, os.cpu_count() or 1))):
            self._spawn(f"worker-{n + 1}", _worker(n + 1), environment)
        api = [
            sys.executable, "-m", "uvicorn", "api.app:app", "--fd", str(door.fileno()), "--no-access-log",
            "--timeout-graceful-shutdown", str(_STREAMS_END_SECONDS),
        ]  # fmt: skip
        self._spawn("api", api, environment, door.fileno())
        self.url = address_of(door)
        door.close()  # the API's alone: if it ends, whoever calls is refused instead of kept waiting
        for _ in _until(_START_SECONDS):
            self.check()
            if _is_ready(self.url):
                (self._folder / "models").write_text(asked_models(environment))
                (self._folder / "url").write_text(self.url)
                return
        raise LocalError(
            f"The API did not become ready within {_START_SECONDS:.0f} s. The end of its log:\n{self._log('api')}"
        )

    def _spawn(self, name: str, command: list[str], environment: dict[str, str], *handed_on: int) -> None:
        # A session of their own: Ctrl-C reaches this process alone, which then stops them in order. If it is killed,
        # Redis still writes what it has; the others need not, for the ledger is the truth.
        last_signal = signal.SIGTERM if name == "redis" else signal.SIGKILL
        watched = [sys.executable, "-IS", child.__file__, str(os.getpid()), str(int(last_signal)), *command]
        with (self._folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603  # our own commands, no shell
                watched, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=self._folder,
                start_new_session=True, pass_fds=handed_on,
            )  # fmt: skip
        self._children.append((name, process))

    def _log(self, name: str) -> str:
        return "\n".join((self._folder / f"{name}.log").read_text(errors="replace").splitlines()[-15:])


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    """Asks all of them at once to finish, and waits for as long as the grace is."""
    for process in processes:
        process.terminate()
    until = time.monotonic() + _GRACE_SECONDS
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, until - time.monotonic()))


def _worker(n: int) -> list[str]:
    # The offline model computes: without this the API would wait for its turn behind it.
    return [
        "/usr/bin/env", "nice", "-n", "5",
        sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-P", "threads", "-c", str(_THREADS), "-E",
        "-n", f"kapitola-{n}@%h", "--without-gossip", "--without-mingle", "--loglevel", "INFO",
    ]  # fmt: skip


def _locks(file: IO[str], operation: int) -> bool:
    try:
        fcntl.flock(file, operation)
    except BlockingIOError:
        return False
    return True


def _is_ready(url: str) -> bool:
    with Kapitola(url) as client:
        return client.is_ready()


def _until(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
