"""A whole stack with known secrets: a client's key, a webhook, a model whose errors quote what it was asked.

Everything arrives where it should, and none of it stands in a log, a metric, the process list or a message.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
import redis as sync_redis
from model_server import ModelServer
from standardwebhooks import Webhook as Verifier
from webhook_receiver import Receiver

from cli.client import Kapitola
from cli.local import LocalStack
from shared.queue import QUEUE, TICKET, celery_app, publish_tickets
from shared.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "kvasinky-a-chleba.srt"
WORD = "Marzipankartoffel"
TOKEN = "token-in-an-address"
MODEL_KEY = "sk-known-and-secret-0123456789"


@dataclass
class House:
    stack: LocalStack
    folder: Path
    key: str
    secret: str
    model: ModelServer

    @property
    def redis(self) -> sync_redis.Redis:
        return sync_redis.Redis(unix_socket_path=str(self.folder / "redis.sock"))

    def processes(self) -> list[int]:
        """Every process of the stack, by the folder it works in."""
        found = []
        for process in Path("/proc").iterdir():
            try:
                if process.name.isdigit() and (process / "cwd").resolve() == self.folder.resolve():
                    found.append(int(process.name))
            except OSError:
                continue
        return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("k")
    with ModelServer(script=["quoting-500"] * 2) as model, pytest.MonkeyPatch.context() as environment:
        environment.setenv("OPENAI_API_KEY", MODEL_KEY)
        environment.setenv("OPENAI_BASE_URL", model.base_url)
        environment.setenv("KAPITOLA_MODEL", "stand-in")
        environment.setenv("KAPITOLA_WEBHOOK_HOSTS", "127.0.0.1")
        with LocalStack(folder) as stack:
            environment.setenv("KAPITOLA_HOME", str(folder))
            command = [str(Path(sys.executable).with_name("kapitola")), "keys"]
            made = subprocess.run([*command, "create", "physics"], capture_output=True, text=True, check=True)
            secret = subprocess.run([*command, "secret", "physics"], capture_output=True, text=True, check=True)
            yield House(stack, folder, made.stdout.strip(), secret.stdout.strip(), model)


@pytest.fixture(scope="module")
def told(house: House) -> Receiver:
    """What a receiver was told of a lecture that was done while the model had its troubles, as far as it came."""
    lecture = EXAMPLE.read_text(encoding="utf-8").replace("kvas", WORD)
    assert lecture.count(WORD) > 3
    with Receiver(answers=[(503, {}), (204, {})]) as receiver, Kapitola(house.stack.url, house.key) as client:
        with house.redis as redis:
            redis.lpush(QUEUE, pickled_ticket(house.folder / "opened"))
        batch = client.submit([("bread.srt", lecture.encode())], webhook=f"{receiver.url}?token={TOKEN}")
        *_, ended = client.watch(batch.id)
        assert [lecture.state for lecture in ended.lectures] == ["done"]
        receiver.wait_for(3)
    return receiver


def pickled_ticket(proof: Path) -> str:
    """A message as Celery sends them, but for its body: a pickle that makes a folder when it is opened."""

    class Opened:
        def __reduce__(self) -> tuple[object, ...]:
            return (os.mkdir, (str(proof),))

    body = base64.b64encode(pickle.dumps(((Opened(),), {}, {}))).decode()
    headers = {"task": TICKET, "id": "1", "root_id": "1", "lang": "py", "retries": 0, "argsrepr": "", "kwargsrepr": ""}
    properties = {
        "correlation_id": "1", "delivery_mode": 2, "priority": 0, "body_encoding": "base64", "delivery_tag": "1",
        "delivery_info": {"exchange": "", "routing_key": QUEUE},
    }  # fmt: skip
    kind = "application/x-python-serialize"
    return json.dumps(
        {"body": body, "content-type": kind, "content-encoding": "binary", "headers": headers, "properties": properties}
    )


def test_the_receiver_is_told_of_lecture_and_batch_and_again_of_what_it_refused(house: House, told: Receiver) -> None:
    messages = [Verifier(house.secret).verify(r.body, r.headers) for r in told.received]
    assert {message["type"] for message in messages} == {"lecture.done", "batch.done"}
    ids = [r.headers["Webhook-Id"] for r in told.received]
    assert ids.count(ids[0]) == 2, "what was answered with 503 came again, under the same id"


def test_a_pickle_on_the_queue_is_not_opened_and_the_lecture_done_all_the_same(house: House, told: Receiver) -> None:
    assert "untrusted content of type pickle" in "".join(p.read_text() for p in house.folder.glob("worker-*.log"))
    assert not (house.folder / "opened").exists()


def test_no_log_holds_a_key_or_a_word_of_a_transcript(house: House, told: Receiver) -> None:
    logs = {path.name: path.read_text(errors="replace") for path in house.folder.glob("*.log")}
    assert {"api.log", "redis.log", "worker-1.log"} <= set(logs)
    assert house.model.calls[0].status == 500
    for secret in (MODEL_KEY, house.key, house.secret, TOKEN, WORD):
        assert [name for name, text in logs.items() if secret in text] == [], secret


def test_the_process_list_shows_none_of_them(house: House, told: Receiver) -> None:
    lines = [(Path("/proc") / str(pid) / "cmdline").read_bytes() for pid in house.processes()]
    assert len(lines) >= 3
    for secret in (MODEL_KEY, house.key, house.secret):
        assert not any(secret.encode() in line for line in lines)


def test_what_redis_keeps_on_disk_holds_no_key(house: House, told: Receiver) -> None:
    kept = b"".join(path.read_bytes() for path in house.folder.rglob("*.aof"))
    assert b"bread.srt" in kept
    assert MODEL_KEY.encode() not in kept and house.key.encode() not in kept


def test_public_pages_show_none_of_them(house: House, told: Receiver) -> None:
    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/"):
        text = httpx2.get(house.stack.url + path).text
        for secret in (MODEL_KEY, house.key, house.secret, WORD, "bread.srt"):
            assert secret not in text, path


def test_tickets_carry_nothing(house: House, told: Receiver) -> None:
    app = celery_app(Settings(redis_url=f"unix://{house.folder / 'redis.sock'}", _env_file=None))
    app.conf.task_default_queue = "nobody-listens"
    publish_tickets(app, 1)
    app.close()
    with house.redis as redis:
        (ticket,) = redis.lrange("nobody-listens", 0, -1)
    message = json.loads(ticket)
    assert json.loads(base64.b64decode(message["body"]))[:2] == [[], {}]
    assert (message["headers"]["argsrepr"], message["headers"]["kwargsrepr"]) == ("()", "{}")
