"""The client against a server that is restarted, overloaded, breaks off or says no: a real one, over a real socket."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cli.client import Kapitola, KeyRefusedError, RefusedError, ServerError
from cli.main import main
from cli.outcome import Exit, exit_of
from shared.errors import KapitolaError

PROBLEM = {"type": "x#y", "title": "Y", "status": 0, "detail": "This and that is wrong."}
BATCH = {
    "id": "bat_1", "version": 1, "created": "2026-01-01T00:00:00Z", "updated": "2026-01-01T00:00:00Z",
    "handed_in": 0, "states": {}, "lectures": [],
}  # fmt: skip


class Server:
    """Answers each request with the next of `script`: a status, or a status with headers, or "reset"."""

    def __init__(self) -> None:
        self.script: list[Any] = []
        self.seen: list[tuple[str, str | None]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.seen.append((self.command, self.headers.get("Authorization")))
                step = outer.script.pop(0) if outer.script else 200
                if step == "reset":
                    self.connection.close()
                    return
                status, headers = step if isinstance(step, tuple) else (step, {})
                body = json.dumps(BATCH if status < 400 else {**PROBLEM, "status": status}).encode()
                self.send_response(status)
                kind = "application/json" if status < 400 else "application/problem+json"
                for name, value in {"Content-Type": kind, "ETag": '"1"', **headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self) -> None:
                self.answer()

            def do_POST(self) -> None:
                self.answer()

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.http.shutdown()
    running.http.server_close()


@pytest.mark.parametrize("failure", [502, 503, 504, 429, "reset", (503, {"Retry-After": "0"})])
def test_a_server_that_fails_for_a_moment_is_asked_again(server: Server, failure: Any) -> None:
    with Kapitola(server.url) as client:
        client.batch("bat_1")
        server.script = [failure, failure]
        assert client.batch("bat_1").id == "bat_1"
    assert len(server.seen) == 4


def test_retry_after_is_waited_for(server: Server) -> None:
    server.script = [(429, {"Retry-After": "1"})]
    begun = time.monotonic()
    with Kapitola(server.url) as client:
        client.batch("bat_1")
    assert time.monotonic() - begun >= 1


def test_patience_ends_and_what_the_server_said_is_told(server: Server) -> None:
    server.script = [503] * 100
    with Kapitola(server.url, patience=0.5) as client, pytest.raises(ServerError, match="This and that is wrong"):
        client.batch("bat_1")
    assert 1 <= len(server.seen) < 5


def test_a_server_that_asks_for_more_than_patience_is_not_waited_for(server: Server) -> None:
    server.script = [(429, {"Retry-After": "3600"})]
    with Kapitola(server.url) as client, pytest.raises(RefusedError):
        client.batch("bat_1")
    assert len(server.seen) == 1


def test_a_server_that_never_answered_is_not_waited_for(server: Server) -> None:
    server.http.shutdown()
    server.http.server_close()
    begun = time.monotonic()
    with Kapitola(server.url) as client, pytest.raises(ServerError, match="kapitola up"):
        client.batch("bat_1")
    assert time.monotonic() - begun < 20


def test_a_server_that_went_away_for_good_is_told_of(server: Server) -> None:
    told: list[str] = []
    with Kapitola(server.url, patience=1.5, tell=told.append) as client:
        client.batch("bat_1")
        server.http.shutdown()
        server.http.server_close()
        with pytest.raises(ServerError, match="did not come back"):
            client.batch("bat_1")
    [line] = told
    assert line.startswith(f"{server.url} does not answer (Connection refused): waiting for it")


def test_what_must_not_be_done_twice_is_not_asked_twice(server: Server) -> None:
    with Kapitola(server.url) as client:
        client.batch("bat_1")
        server.script = ["reset"]
        with pytest.raises(ServerError):
            client.retry("lec_1")
    assert [method for method, _ in server.seen] == ["GET", "POST"]


def test_a_submission_is_repeated_for_its_key_makes_it_the_same(server: Server) -> None:
    with Kapitola(server.url) as client:
        client.batch("bat_1")
        server.script = ["reset", 503]
        assert client.submit([("a.srt", b"1")]).id == "bat_1"


def test_waiting_ends_where_it_would_be_in_vain(server: Server) -> None:
    class DeadError(KapitolaError):
        """The process behind the server is gone."""

    def dead() -> None:
        if len(server.seen) > 1:
            raise DeadError

    server.script = [200, 503]
    with Kapitola(server.url, check=dead) as client:
        client.batch("bat_1")
        with pytest.raises(DeadError):
            client.batch("bat_1")


def test_the_key_is_shown_and_is_taken_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAPITOLA_API_KEY", "from-the-environment")
    monkeypatch.setenv("KAPITOLA_URL", server.url)
    with Kapitola() as client:
        client.batch("bat_1")
    with Kapitola(server.url, "given") as client:
        client.batch("bat_1")
    assert [key for _, key in server.seen] == ["Bearer from-the-environment", "Bearer given"]


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, KeyRefusedError, Exit.AUTH),
        (403, KeyRefusedError, Exit.AUTH),
        (404, RefusedError, Exit.REFUSED),
        (413, RefusedError, Exit.REFUSED),
        (422, RefusedError, Exit.REFUSED),
        (500, ServerError, Exit.SERVER),
    ],
)
def test_what_a_server_refuses_has_an_exit_code(
    server: Server, status: int, kind: type[KapitolaError], code: Exit
) -> None:
    server.script = [status]
    with Kapitola(server.url) as client, pytest.raises(kind, match="This and that is wrong") as refusal:
        client.batch("bat_1")
    assert exit_of(refusal.value) is code


@pytest.mark.parametrize(("status", "code"), [(401, 4), (500, 5), (404, 6)])
def test_a_command_ends_with_that_code_and_says_what_to_do(
    server: Server, status: int, code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # pytest's own handlers stay
    server.script = [status]
    with pytest.raises(SystemExit) as ended:
        main(["status", "bat_1", "--server", server.url])
    assert ended.value.code == code
    out, err = capsys.readouterr()
    assert out == ""
    assert "This and that is wrong." in err
    assert ("KAPITOLA_API_KEY" in err) == (status == 401)


def test_what_is_no_kapitola_is_said_to_be_none(server: Server) -> None:
    server.script = [(404, {"Content-Type": "text/html"})]
    with Kapitola(server.url) as client, pytest.raises(ServerError, match="is it a Kapitola"):
        client.batch("bat_1")
