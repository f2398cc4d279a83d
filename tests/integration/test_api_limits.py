"""Limits hold before anything is parsed: whatever the headers say, however it is sent, memory stays flat (S2)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from front_door import BREAD, FrontDoor, front_door

pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")
MOST = 200_000
PART = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.srt"\r\n\r\n'


@pytest.fixture(scope="module")
def door(redis_server_url: str) -> Iterator[FrontDoor]:
    with front_door(redis_server_url, upload_bytes=MOST, json_bytes=MOST // 2) as opened:
        yield opened


def exchange(url: str, head: str, *pieces: bytes) -> bytes:
    """What the server says to a request of our own making; sending stops as soon as it has."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        connection.sendall(f"POST /v1/lectures HTTP/1.1\r\nHost: {parts.netloc}\r\n{head}\r\n\r\n".encode())
        try:
            for piece in pieces:
                connection.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has answered, and does not want the rest
        said = b""
        try:
            while chunk := connection.recv(65_536):
                said += chunk
        except ConnectionResetError:
            pass
        return said


def chunked(body: bytes, size: int = 10_000) -> Iterator[bytes]:
    for start in range(0, len(body), size):
        piece = body[start : start + size]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)


FORM = "Content-Type: multipart/form-data; boundary=x\r\nConnection: close"


def test_a_declared_length_is_refused_before_a_byte_of_it(door: FrontDoor) -> None:
    said = exchange(door.url, f"{FORM}\r\nContent-Length: {MOST + 1}")
    assert said.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in said.lower()


def test_what_comes_without_a_length_is_counted(door: FrontDoor) -> None:
    said = exchange(door.url, f"{FORM}\r\nTransfer-Encoding: chunked", *chunked(PART + b"-" * 10 * MOST))
    assert said.startswith(b"HTTP/1.1 413")
    json = "Content-Type: application/json\r\nConnection: close\r\nTransfer-Encoding: chunked"
    assert exchange(door.url, json, *chunked(b" " * MOST)).startswith(b"HTTP/1.1 413")


def test_a_length_that_lies_gains_nothing(door: FrontDoor) -> None:
    whole = PART + BREAD.encode() + b"\r\n--x--\r\n"
    more = exchange(door.url, f"{FORM}\r\nContent-Length: {len(whole)}", whole + b"-" * 2 * MOST)
    assert more.startswith(b"HTTP/1.1 202")
    assert more.count(b"HTTP/1.1") <= 2  # what follows is at most a request that cannot be read
    for wrong in ("-5", "x", "1e3", f"{MOST}\r\nContent-Length: 5"):
        assert exchange(door.url, f"{FORM}\r\nContent-Length: {wrong}", whole).startswith(b"HTTP/1.1 400")


def test_who_hangs_up_in_the_middle_leaves_the_server_well(door: FrontDoor) -> None:
    parts = urlsplit(door.url)
    for _ in range(10):
        with socket.create_connection((parts.hostname, parts.port)) as connection:
            connection.sendall(
                f"POST /v1/lectures HTTP/1.1\r\nHost: a\r\n{FORM}\r\nContent-Length: 1000\r\n\r\n".encode()
            )
            connection.sendall(PART)
    assert door.http.post("/v1/lectures", files={"files": ("a.srt", BREAD)}).status_code == 202


def test_room_is_given_back(door: FrontDoor) -> None:
    for _ in range(12):  # each takes most of what fits in at once
        files = [("files", (f"{n}.srt", BREAD + " " * 50_000)) for n in range(3)]
        assert door.http.post("/v1/lectures", files=files).status_code == 202
        refused = door.http.post("/v1/lectures", files={"files": ("a.srt", b" " * MOST)})
        assert refused.status_code == 413


def resident(pid: int) -> int:
    """Bytes of a process and its children that are in memory at most, so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads memory from /proc")
def test_memory_stays_flat_under_uploads_that_are_too_large(redis_url: str) -> None:
    surroundings = {**os.environ, "KAPITOLA_REDIS_URL": redis_url, "KAPITOLA_UPLOAD_BYTES": "20000000"}
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "api.app:app",
        "--fd",
        str(listening.fileno()),
        "--log-level",
        "warning",
    ]
    server = subprocess.Popen(command, env=surroundings, pass_fds=[listening.fileno()])
    try:
        until = time.monotonic() + 30
        while not _is_up(url):
            assert server.poll() is None and time.monotonic() < until
        before = resident(server.pid)
        pieces = [PART, *([b"-" * 65_536] * 3_000)]  # 200 MB
        head = "Content-Type: {}; boundary=x\r\nConnection: close\r\nTransfer-Encoding: chunked"
        for kind in ("multipart/form-data", "application/json"):
            sent = (b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
            assert exchange(url, head.format(kind), *sent)[9:12] in (b"413", b"")
        assert resident(server.pid) - before < 90_000_000
    finally:
        server.terminate()
        server.wait(20)
        listening.close()


def _is_up(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/healthz", trust_env=False, timeout=5).status_code == 200
    except httpx2.TransportError:
        return False
