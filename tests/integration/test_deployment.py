"""docker-compose.yml against the code: what it hands on, what it lets out, and its commands, started for real."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from cli.local import redis_server
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
BIN = Path(sys.executable).parent
SETTINGS = {field.validation_alias or f"KAPITOLA_{name.upper()}" for name, field in Settings.model_fields.items()}
MODELS_KEYS = {"OPENAI_API_KEY", "KAPITOLA_MODELS"}


def given(service: str) -> set[str]:
    return set(SERVICES[service].get("environment", {}))


def test_the_models_keys_go_to_the_workers_alone() -> None:
    assert given("worker") >= MODELS_KEYS
    assert [name for name in SERVICES if name != "worker" and given(name) & MODELS_KEYS] == []


def test_the_example_of_an_environment_names_what_exists() -> None:
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / "deploy" / "env.example").read_text(), re.MULTILINE))
    used = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert named <= SETTINGS | used
    assert used <= named


@pytest.mark.parametrize("name", SERVICES)
def test_each_container_can_do_as_little_as_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["pids_limit"] and service["deploy"]["resources"]["limits"]["memory"]
    assert "healthcheck" in service or name == "caddy"


def test_only_caddy_is_reached_from_other_machines_and_redis_from_no_machine() -> None:
    published = {name: service.get("ports", []) for name, service in SERVICES.items()}
    assert {n for n, ports in published.items() if any(not p.startswith("127.0.0.1:") for p in ports)} == {"caddy"}
    assert SERVICES["redis"]["networks"] == ["inside"] and published["redis"] == []
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert SERVICES["caddy"]["profiles"] == ["tls"] and SERVICES["flower"]["profiles"] == ["watch"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def redis_over_tcp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    # The options of the composed Redis, on this machine's program.
    options = shlex.split(SERVICES["redis"]["command"])[1:]
    server = subprocess.Popen(
        [*redis_server(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), *options],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_for(port, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait(10)


def wait_for(port: int, process: subprocess.Popen[Any]) -> None:
    deadline = time.monotonic() + 60
    while True:
        assert process.poll() is None, "it ended by itself"
        assert time.monotonic() < deadline, "it did not start"
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)


def started(name: str, redis: str, folder: Path, port: int, **environment: str) -> subprocess.Popen[bytes]:
    """The service's own command, on this machine and port, with nothing of this test's environment but PATH."""
    command = SERVICES[name]["command"].replace("$$", "$").replace("0.0.0.0", "127.0.0.1")
    command = re.sub(r"(--port[= ])\d+", rf"\g<1>{port}", command)
    told = {n: str(v) for n, v in SERVICES[name]["environment"].items() if v is not None and "${" not in str(v)}
    redirected = {n: redis if v.startswith("redis://") else v for n, v in told.items()}
    surroundings = {
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "HOSTNAME": socket.gethostname(),
        **redirected,
        **environment,
    }
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(shlex.split(command), env=surroundings, cwd=folder, stdout=log, stderr=log)


@contextmanager
def running(name: str, redis: str, folder: Path, port: int = 0, **environment: str) -> Iterator[str]:
    process = started(name, redis, folder, port, **environment)
    try:
        if port:
            wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def test_the_api_starts_by_its_command(redis_over_tcp: str, tmp_path: Path) -> None:
    with running("api", redis_over_tcp, tmp_path, free_port()) as url:
        assert httpx2.get(f"{url}/readyz").status_code == 200
        assert httpx2.get(f"{url}/v1/lectures", headers={"X-Forwarded-For": "172.18.0.1"}).status_code == 401


def test_the_worker_starts_by_its_command_and_its_check_tells_that_it_lives(
    redis_over_tcp: str, tmp_path: Path
) -> None:
    (kind, check) = SERVICES["worker"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    environment = {
        "PATH": f"{BIN}:{os.environ['PATH']}", "KAPITOLA_REDIS_URL": redis_over_tcp, "HOSTNAME": socket.gethostname()
    }  # fmt: skip

    def healthy() -> bool:
        command = check.replace("$$", "$").replace("--timeout 10", "--timeout 2")
        done = subprocess.run(command, shell=True, env=environment, cwd=tmp_path, capture_output=True)
        return done.returncode == 0

    with running("worker", redis_over_tcp, tmp_path):
        deadline = time.monotonic() + 90
        while not healthy():
            assert time.monotonic() < deadline, (tmp_path / "worker.log").read_text()
    assert not healthy()


def test_flower_shows_nothing_without_the_login(redis_over_tcp: str, tmp_path: Path) -> None:
    login = ("watcher", "long password")
    with running("flower", redis_over_tcp, tmp_path, free_port(), FLOWER_BASIC_AUTH=":".join(login)) as url:
        for path in ("/", "/workers", "/tasks", "/broker", "/api/workers", "/api/tasks", "/api/queues/length"):
            assert httpx2.get(url + path).status_code == 401, path
            assert httpx2.get(url + path, auth=("watcher", "wrong")).status_code == 401, path
            assert httpx2.get(url + path, auth=login).status_code == 200, path
        assert httpx2.post(f"{url}/api/worker/shutdown/any").status_code == 401


def test_flower_does_not_start_without_a_login(redis_over_tcp: str, tmp_path: Path) -> None:
    process = started("flower", redis_over_tcp, tmp_path, free_port(), FLOWER_BASIC_AUTH="")
    assert process.wait(30) != 0
    assert "FLOWER_LOGIN" in (tmp_path / "flower.log").read_text()
