"""What tests share: a real Redis, and the promise that no test reaches a model beyond this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as sync_redis
from harness.keys_left import undeclared
from hypothesis import settings
from hypothesis.internal.conjecture import providers

from cli.local_redis import redis_server

os.environ["KAPITOLA_ONLY_LOCAL_MODELS"] = "1"
for _name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "KAPITOLA_MODEL", "KAPITOLA_MODELS", "KAPITOLA_URL"):
    os.environ.pop(_name, None)

settings.register_profile("the same everywhere", derandomize=True, deadline=None, max_examples=150)
settings.load_profile("the same everywhere")
_NO_CONSTANTS = providers.Constants()
assert callable(providers._get_local_constants)
providers._get_local_constants = lambda: _NO_CONSTANTS
"""Hypothesis draws from the constants of whatever modules of ours are loaded, and knows no setting against it: a
derandomized test had other examples with the whole suite than alone, and failed in one only."""


@pytest.fixture(scope="session")
def redis_server_url() -> Iterator[str]:
    """A real server on a socket of its own, for the whole run."""
    folder = Path(tempfile.mkdtemp(prefix="kapitola-"))
    path = folder / "redis.sock"
    options = ("--save", "", "--appendonly", "yes", "--appendfsync", "no")
    command = [*redis_server(), "--port", "0", "--unixsocket", str(path), *options, "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while not _answers(path):
            assert server.poll() is None, "redis ended by itself"
            assert time.monotonic() < deadline, "redis did not start"
            time.sleep(0.02)
        yield f"unix://{path}"
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(folder)


@pytest.fixture
def redis_url(redis_server_url: str) -> Iterator[str]:
    """The server, empty; and at the end without a key that shared/keys.py does not declare as it is."""
    with sync_redis.Redis.from_url(redis_server_url) as client:
        client.flushall()
    yield redis_server_url
    assert undeclared(redis_server_url) == []


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
            probe.sendall(b"PING\r\n")
            return probe.recv(7) == b"+PONG\r\n"
        except OSError:
            return False
