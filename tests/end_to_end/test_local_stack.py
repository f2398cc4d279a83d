"""The embedded stack when things go wrong: a process dies, `kapitola` is killed, two commands share one stack."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from model_server import ModelServer

from cli.client import Kapitola
from cli.door import bound
from cli.local import LocalStack, running
from cli.local_redis import LocalError, asked, end_left_behind, redis_options, redis_server

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
KAPITOLA = Path(sys.executable).with_name("kapitola")
EXAMPLE = Path(__file__).parents[2] / "examples" / "die-uhr-im-netz.vtt"


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, f"{what}: not within a minute"
        time.sleep(0.05)


def descendants(pid: int) -> list[int]:
    """The processes that `pid` started, and those that they did."""
    children = [
        int(child) for task in Path(f"/proc/{pid}/task").glob("*/children") for child in task.read_text().split()
    ]
    return [found for child in children for found in (child, *descendants(child))]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def started(home: Path, *arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
    surroundings = {**os.environ, "KAPITOLA_HOME": str(home), "KAPITOLA_MODEL": "offline", **environment}
    return subprocess.Popen(
        [str(KAPITOLA), *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=surroundings,
    )  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "k"
    assert not asked(tmp_path / "k" / "redis.sock", b"PING"), "a Redis was left behind"


def test_a_worker_that_dies_at_its_start_is_an_error_that_says_why(home: Path) -> None:
    out = started(home, "outline", EXAMPLE, KAPITOLA_PRICES="nowhere.toml")
    stdout, stderr = out.communicate(timeout=100)
    assert (out.returncode, stdout) == (1, "")
    assert "nowhere.toml cannot be used" in stderr
    assert "Nothing that was accepted is lost" in stderr


def test_a_running_stack_s_own_model_is_no_other_wish_and_only_another_is_said_to_have_no_effect(home: Path) -> None:
    def asked_for(*model: str) -> tuple[str, str]:
        stdout, stderr = started(home, "outline", EXAMPLE, "--json", *model, KAPITOLA_MODEL="").communicate(timeout=100)
        return json.loads(stdout)["id"], stderr

    with LocalStack(home, model="offline"):
        id, _ = asked_for()
        assert asked_for("--model", "offline") == (id, "1 of 1 were done before.\n")
        again, told = asked_for("--model", "another")
        assert (again, "--model another has no effect" in told) == (id, True)
    assert asked_for("--model", "offline")[0] == id, "nor is it after the stack has ended"


def test_a_model_that_nothing_leads_to_is_said_to_have_no_effect(home: Path) -> None:
    nobody = {"KAPITOLA_MODEL": "", "KAPITOLA_MODELS": "", "OPENAI_API_KEY": "", "OPENAI_BASE_URL": ""}
    out = started(home, "outline", EXAMPLE, "-q", "--model", "another", **nobody)
    stdout, stderr = out.communicate(timeout=100)
    assert (out.returncode, "Outlined by the offline model" in stdout) == (0, True)
    assert "--model another has no effect: neither OPENAI_API_KEY nor OPENAI_BASE_URL is set" in stderr


def test_a_model_beside_a_list_of_models_is_said_to_have_no_effect(home: Path) -> None:
    listed = json.dumps([{"model": "listed", "base_url": "http://127.0.0.1:9/v1"}])
    out = started(home, "doctor", "--model", "another", KAPITOLA_MODEL="", KAPITOLA_MODELS=listed)
    _, stderr = out.communicate(timeout=100)
    assert "--model another has no effect: KAPITOLA_MODELS says which are asked" in stderr


@pytest.mark.parametrize(
    ("setting", "value", "told"),
    [
        ("KAPITOLA_CHUNK_TOKENS", "few", "KAPITOLA_CHUNK_TOKENS: Input should be a valid integer"),
        ("KAPITOLA_MODELS", '[{"modell": "x"}]', "unknown ['modell']"),
    ],
)
def test_a_setting_that_cannot_be_is_named_before_anything_starts(
    home: Path, setting: str, value: str, told: str
) -> None:
    out = started(home, "outline", EXAMPLE, **{"KAPITOLA_MODEL": "", setting: value})
    _, stderr = out.communicate(timeout=100)
    assert out.returncode == 1
    assert told in stderr
    assert not home.joinpath("redis.log").exists()


def test_files_that_nobody_would_take_are_refused_before_anything_starts(home: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.srt"
    bad.write_text("")
    out = started(home, "outline", bad)
    _, stderr = out.communicate(timeout=100)
    assert out.returncode == 6
    assert stderr.startswith("refused bad.srt: the file is empty")
    assert not home.exists()


def test_a_port_that_somebody_has_is_said_to_be_taken_before_anything_starts(home: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(LocalError, match=f"Another program has port {port} .* --port {port + 1}"):
            LocalStack(home, port).__enter__()
    assert not home.joinpath("redis.log").exists()
    with LocalStack(tmp_path / "other", model="offline") as theirs:
        port = int(theirs.url.rpartition(":")[2])
        with pytest.raises(LocalError, match=f"Another Kapitola has port {port} .*--server {theirs.url}"):
            LocalStack(home, port).__enter__()


def test_whoever_comes_through_the_door_is_answered_without_delay() -> None:
    with bound(0) as door:
        door.listen()
        with socket.create_connection(door.getsockname()), door.accept()[0] as answering:
            assert answering.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_address_that_a_killed_stack_left_behind_is_not_taken_for_a_running_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAPITOLA_HOME", str(home))
    with LocalStack(home, model="offline") as stack:
        assert running() == stack.url
    assert running() is None
    home.joinpath("url").write_text("http://127.0.0.1:9")
    assert running() is None


def test_a_process_that_is_killed_is_reported_with_the_end_of_its_log(home: Path) -> None:
    with LocalStack(home, model="offline") as stack, Kapitola(stack.url, check=stack.check) as client:
        client.lectures()
        api = next(p for p in descendants(os.getpid()) if b"uvicorn" in Path(f"/proc/{p}/cmdline").read_bytes())
        os.kill(api, signal.SIGKILL)
        until(lambda: not is_alive(api), "the API's end")
        with pytest.raises(LocalError, match=r"The api stopped .exit code -9.") as error:
            client.lectures()
        assert "Uvicorn running" in str(error.value)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_outlives_a_command_however_it_ends(home: Path, ending: signal.Signals) -> None:
    up = started(home, "up", "--port", "0")
    assert up.stderr is not None
    assert "Kapitola is up" in next(line for line in up.stderr if "Starting" not in line)
    family = descendants(up.pid)
    assert len(family) >= 3
    up.send_signal(ending)
    up.communicate(timeout=60)
    until(lambda: not any(map(is_alive, family)), "the end of all processes")
    assert up.returncode == {signal.SIGINT: 0, signal.SIGTERM: 143, signal.SIGKILL: -9}[ending]


def test_ctrl_c_stops_everything_and_the_same_command_goes_on(home: Path, tmp_path: Path) -> None:
    asked = Event()

    def note(_purpose: str, _request: str) -> None:
        asked.set()

    with ModelServer(latency=600, answers=note) as model:
        settings = {"OPENAI_BASE_URL": model.base_url, "KAPITOLA_MODEL": "stand-in"}
        first = started(home, "outline", EXAMPLE, "-o", tmp_path / "out", **settings)
        until(asked.is_set, "the first prompt")
        family = descendants(first.pid)
        first.send_signal(signal.SIGINT)
        _, stderr = first.communicate(timeout=60)
        assert first.returncode == 130
        assert "the same command goes on from here" in stderr
        until(lambda: not any(map(is_alive, family)), "the end of all processes")

        model.latency = 0.0
        again = started(home, "outline", EXAMPLE, "-o", tmp_path / "out", **settings)
        _, stderr = again.communicate(timeout=100)
        assert again.returncode == 0, stderr
        assert (tmp_path / "out" / "die-uhr-im-netz.json").exists()


def test_a_second_command_joins_the_stack_and_the_first_waits_for_it(home: Path) -> None:
    with LocalStack(home, model="offline") as first, LocalStack(home) as second:
        assert (first.is_ours, second.is_ours) == (True, False)
        assert second.url == first.url
        told: list[str] = []

        def leave(message: str) -> None:
            told.append(message)
            second.stop()

        first.wait_for_others(leave)
        assert len(told) == 1
        with Kapitola(first.url) as client:
            assert client.is_ready()


def test_a_redis_that_was_left_behind_is_ended_before_another_starts(tmp_path: Path) -> None:
    path = tmp_path / "redis.sock"
    orphan = subprocess.Popen([*redis_server(), *redis_options(tmp_path, path)], stdout=subprocess.DEVNULL)
    until(lambda: asked(path, b"PING").startswith(b"+PONG"), "redis")
    end_left_behind(path)
    assert orphan.wait(10) == 0
    assert not path.exists()
