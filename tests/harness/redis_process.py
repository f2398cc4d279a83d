"""A Redis of a test's own, which it may kill, stop, fill and start again over the same files."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from cli.local import redis_server

DURABLE = ("--appendonly", "yes", "--appendfsync", "everysec", "--save", "")


class RedisProcess:
    """Listens on a socket in `folder`, and at `port` of this machine if one is given."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        self.folder, self.socket = folder, folder / "r.sock"
        self.url = f"unix://{self.socket}"
        self._command = [
            *redis_server(), "--port", str(port), "--bind", "127.0.0.1", "--unixsocket", str(self.socket),
            "--dir", str(folder), *(options or DURABLE),
        ]  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 30
        while not self.answers():
            assert self._process.poll() is None, "redis ended by itself"
            assert time.monotonic() < deadline, "redis did not start"
            time.sleep(0.02)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """It hangs: connections stay, nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def answers(self) -> bool:
        """Whether it is up, and has read its files."""
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            try:
                probe.connect(str(self.socket))
                probe.sendall(b"PING\r\n")
                return probe.recv(7) == b"+PONG\r\n"
            except OSError:
                return False
