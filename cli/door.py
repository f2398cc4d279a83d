"""The door of the embedded stack: the port that its API listens at, this stack's own before the API starts."""

from __future__ import annotations

import errno
import socket

import httpx2

from cli.local_redis import LocalError

_LOOPBACK = "127.0.0.1"
_PRIVILEGED = 1024


def bound(port: int) -> socket.socket:
    """A socket at `port` of this machine, or at any for 0, that does not listen yet: whoever answers there from now on
    was given it. Raises LocalError, which says who has the port, and what to do.
    """
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that was just stopped is no hindrance
    # uvicorn takes a socket that it is handed for a Unix one, and does not see to this: answers came 44 ms late.
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        door.bind((_LOOPBACK, port))
    except OSError as error:
        door.close()
        raise LocalError(_why_not(port, error)) from error
    return door


def address_of(door: socket.socket) -> str:
    return f"http://{_LOOPBACK}:{door.getsockname()[1]}"


def _why_not(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        url = f"http://{_LOOPBACK}:{port}"
        who, use = "Another program", " Take"
        if _is_kapitola(url):
            who, use = "Another Kapitola", f" Use that one (--server {url}), or take"
        return f"{who} has port {port} of this machine.{use} another port: --port {port + 1}, or --port 0 for any."
    if error.errno == errno.EACCES and port < _PRIVILEGED:
        return f"Port {port} is kept for the system's own servers. Take one above {_PRIVILEGED - 1}: --port 8000."
    return f"Nobody can listen at port {port} of this machine ({error.strerror}). Take another: --port 0 for any."


def _is_kapitola(url: str) -> bool:
    try:
        described = httpx2.get(f"{url}/openapi.json", timeout=2, trust_env=False).json()
        return bool(described["info"]["title"] == "Kapitola")
    except (httpx2.HTTPError, httpx2.InvalidURL, ValueError, KeyError, TypeError):
        return False
