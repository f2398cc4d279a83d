"""`kapitola doctor`: what people read, with a worker and without one."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from model_server import ModelServer
from served import served

from cli import doctor as doctor_module
from cli.main import kapitola
from cli.outcome import Exit
from shared.door import connect
from shared.endpoints import Endpoint
from shared.settings import Settings
from worker.diagnosis import answer_questions


@contextmanager
def worker(settings: Settings, server: ModelServer) -> Iterator[None]:
    """What of a worker answers the doctor, on a thread of its own."""
    loop, redis = asyncio.new_event_loop(), connect(settings)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    endpoint = Endpoint("cellar", server.base_url, "m", "sk-secret")
    running = asyncio.run_coroutine_threadsafe(answer_questions(redis, [endpoint]), loop)
    try:
        yield
    finally:
        running.cancel()
        asyncio.run_coroutine_threadsafe(redis.aclose(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def doctor(url: str) -> Result:
    return CliRunner().invoke(kapitola, ["doctor", "--server", url], standalone_mode=False)


def test_the_model_is_told_with_what_it_supports_and_the_limits_that_it_reported(redis_url: str) -> None:
    settings = Settings(redis_url=redis_url, _env_file=None)
    with served(settings) as url, ModelServer(rpm=300, imitate="plain") as server, worker(settings, server):
        told = doctor(url)
    assert told.return_value == Exit.OK
    for line in (f"m at {server.base_url}", "plain text only", "limit-requests: 300"):
        assert line in told.stdout


def test_programs_get_the_answer_as_json(redis_url: str) -> None:
    settings = Settings(redis_url=redis_url, _env_file=None)
    with served(settings) as url, ModelServer() as server, worker(settings, server):
        told = json.loads(CliRunner().invoke(kapitola, ["doctor", "--json", "--server", url]).stdout)
    assert (told["server"], told["state"]) == (url, "done")
    assert [endpoint["address"] for endpoint in told["endpoints"]] == [server.base_url]


def test_what_is_wrong_is_told_and_the_exit_code_says_so(redis_url: str) -> None:
    settings = Settings(redis_url=redis_url, _env_file=None)
    with served(settings) as url, ModelServer(script=["401"]) as server, worker(settings, server):
        told = doctor(url)
    assert told.return_value == Exit.FAULT
    assert "OPENAI_API_KEY" in told.stdout
    assert "sk-secret" not in told.output


def test_without_a_worker_it_says_so(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_module, "PATIENCE_S", dict.fromkeys(doctor_module.PATIENCE_S, 0.0))
    with served(Settings(redis_url=redis_url, _env_file=None)) as url:
        told = doctor(url)
    assert told.return_value == Exit.FAULT
    assert "No worker took the question up" in told.stderr
