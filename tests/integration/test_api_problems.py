"""Every problem that the API documents, provoked over HTTP."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from front_door import BREAD, FrontDoor, front_door
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from served import served

import api.limit
from api.errors import STATUS
from api.problems import DOCS
from shared.clients import Clients
from shared.errors import KapitolaError
from shared.keys import PREFIX
from shared.settings import Settings

# Starlette leaves the files of a form that breaks off to the garbage collector, which closes them with a warning.
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")

Answer = httpx2.Response
SECTION = {"title": "A", "start_time": "00:00:00", "subsections": []}
PROVOKED: dict[str, Callable[[FrontDoor], Answer]] = {}


def provokes(code: str) -> Callable[[Callable[[FrontDoor], Answer]], Callable[[FrontDoor], Answer]]:
    def keep(provoke: Callable[[FrontDoor], Answer]) -> Callable[[FrontDoor], Answer]:
        PROVOKED[code] = provoke
        return provoke

    return keep


def submit(door: FrontDoor, content: bytes | str = BREAD, **more: Any) -> Answer:
    return door.http.post("/v1/lectures", files={"files": ("bread.srt", content)}, **more)


def put(door: FrontDoor, outline: Any, **headers: str) -> Answer:
    return door.http.put(f"/v1/lectures/{door.done()}/outline", json=outline, headers=headers)


PROVOKED |= {
    "unreadable-request": lambda door: door.http.post("/v1/lectures", files={"others": ("bread.srt", BREAD)}),
    "invalid-request": lambda door: door.http.get("/v1/lectures?most=many"),
    "bad-cursor": lambda door: door.http.get("/v1/lectures?after=x"),
    "key-refused": lambda door: door.http.get("/v1/lectures", headers={"Authorization": "Bearer kap_none"}),
    "cross-site": lambda door: submit(door, headers={"Origin": "https://elsewhere.example"}),
    "not-found": lambda door: door.http.get("/v1/lectures/lec_none"),
    "no-such-route": lambda door: door.http.get("/v2/lectures"),
    "method-not-allowed": lambda door: door.http.patch("/v1/lectures"),
    "not-acceptable": lambda door: door.http.get(
        f"/v1/lectures/{door.done()}/outline", headers={"Accept": "image/png"}
    ),
    "no-outline": lambda door: door.http.get(f"/v1/lectures/{door.lecture()}/outline"),
    "nothing-to-retry": lambda door: door.http.post(f"/v1/lectures/{door.done()}/retry"),
    "edited-meanwhile": lambda door: put(door, [SECTION], **{"If-Match": '"0"'}),
    "if-match-needed": lambda door: put(door, [SECTION]),
    "edit-refused": lambda door: put(door, [], **{"If-Match": "*"}),
    "unsupported-media-type": lambda door: door.http.post("/v1/lectures", headers={"Content-Type": "text/plain"}),
    "transcript-refused": lambda door: submit(door, b"%PDF-1.7"),
    "export-refused": lambda door: door.http.get(f"/v1/lectures/{door.done()}/outline?format=docx"),
    "webhook-refused": lambda door: submit(door, data={"webhook": "http://127.0.0.1/"}),
}  # fmt: skip


@provokes("gone")
def _(door: FrontDoor) -> Answer:
    lecture = door.lecture()
    door.http.delete(f"/v1/lectures/{lecture}")
    return door.http.get(f"/v1/lectures/{lecture}")


@provokes("idempotency-conflict")
def _(door: FrontDoor) -> Answer:
    submit(door, headers={"Idempotency-Key": "one"})
    return submit(door, BREAD.replace("Bread", "Cake"), headers={"Idempotency-Key": "one"})


@provokes("fault")
def _(door: FrontDoor) -> Answer:
    lecture = door.lecture()
    with Redis.from_url(door.settings.redis_url) as redis:
        redis.hset(f"{PREFIX}lecture:{lecture}", "state", "a state that there is not")
        try:
            return door.http.get(f"/v1/lectures/{lecture}")
        finally:
            redis.hset(f"{PREFIX}lecture:{lecture}", "state", "cancelled")


@contextmanager
def changed(door: FrontDoor, **settings: Any) -> Iterator[FrontDoor]:
    """The same server with other settings."""
    other = door.settings.model_copy(update=settings)
    with served(other) as url, httpx2.Client(base_url=url, trust_env=False) as http:
        yield FrontDoor(url, http, other)


@provokes("too-large")
def _(door: FrontDoor) -> Answer:
    with changed(door, upload_bytes=1_000) as small:
        return submit(small, BREAD * 10)


@provokes("transcript-too-large")
def _(door: FrontDoor) -> Answer:
    with changed(door, transcript_bytes=100) as small:
        return submit(small)


@provokes("key-needed")
def _(door: FrontDoor) -> Answer:
    with changed(door, access="keys") as closed:
        return closed.http.get("/v1/lectures")


@provokes("redis-down")
def _(door: FrontDoor) -> Answer:
    with changed(door, redis_url="unix:///nowhere/redis.sock") as cut_off:
        return cut_off.http.get("/v1/lectures/lec_1")


@provokes("redis-unfit")
def _(door: FrontDoor) -> Answer:
    with Redis.from_url(door.settings.redis_url) as redis:
        redis.config_set("maxmemory-policy", "allkeys-lru")
        try:
            return door.http.get("/readyz")
        finally:
            redis.config_set("maxmemory-policy", "noeviction")


def _key(settings: Settings) -> dict[str, str]:
    async def make() -> str:
        async with AsyncRedis.from_url(settings.redis_url) as redis:
            return (await Clients(redis).create_key("someone"))[0]

    return {"Authorization": f"Bearer {asyncio.run(make())}"}


def _without_keys(settings: Settings) -> None:
    with Redis.from_url(settings.redis_url) as redis:
        redis.delete(f"{PREFIX}keys")


@provokes("throttled")
def _(door: FrontDoor) -> Answer:
    with changed(door, client_requests_per_second=0.01, client_burst=1) as slow:
        key = _key(door.settings)
        try:
            slow.http.get("/v1/lectures", headers=key)
            return slow.http.get("/v1/lectures", headers=key)
        finally:
            _without_keys(door.settings)


@provokes("quota-exceeded")
def _(door: FrontDoor) -> Answer:
    with changed(door, client_bytes_per_day=100) as strict:
        return submit(strict)


def opened(url: str, length: int, body: bytes) -> socket.socket:
    """A request of which only `body` has been sent."""
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port), timeout=20)
    head = f"POST /v1/lectures HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    connection.sendall(f"{head}Content-Length: {length}\r\n\r\n".encode() + body)
    return connection


def answered(connection: socket.socket) -> Answer:
    with connection, connection.makefile("rb") as lines:
        status = int(lines.readline().split()[1])
        headers = {}
        while (line := lines.readline().strip()) != b"":
            name, _, value = line.decode().partition(": ")
            headers[name] = value
        return httpx2.Response(status, headers=headers, content=lines.read(int(headers.get("content-length", 0))))


@provokes("too-slow")
def _(door: FrontDoor) -> Answer:
    before, api.limit._PATIENCE_S = api.limit._PATIENCE_S, 0.3
    try:
        return answered(opened(door.url, 1_000, b"--x\r\n"))
    finally:
        api.limit._PATIENCE_S = before


@provokes("busy")
def _(door: FrontDoor) -> Answer:
    size = 100_000
    part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.srt"\r\n\r\n'
    body = part + b"-" * (size - 1 - len(part))
    with changed(door, upload_bytes=size) as narrow:
        others = [opened(narrow.url, size, body) for _ in range(4)]
        try:
            return _until_busy(narrow.url, body + b"-")
        finally:
            for other in others:
                other.close()


def _until_busy(url: str, body: bytes) -> Answer:
    """The answer of a fifth once the server has read what the four others sent."""
    until = time.monotonic() + 20
    while True:
        answer = answered(opened(url, len(body), body))
        if answer.status_code == 503 or time.monotonic() > until:
            return answer


@pytest.fixture(scope="module")
def door(redis_server_url: str) -> Iterator[FrontDoor]:
    with front_door(redis_server_url) as opened:
        yield opened


@pytest.mark.parametrize("error", STATUS, ids=lambda error: error.code)
def test_every_problem_is_answered_as_it_is_documented(door: FrontDoor, error: type[KapitolaError]) -> None:
    answer = PROVOKED[error.code](door)
    assert answer.status_code == STATUS[error], answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["type"] == DOCS + error.code
    assert problem["status"] == answer.status_code
    assert problem["title"]
    assert len(problem["detail"]) > 20
    assert not re.search(r"Traceback|File \"", answer.text)
    if answer.status_code in (429, 503):
        assert int(answer.headers["retry-after"]) >= 1


def test_codes_are_not_shared() -> None:
    codes = [error.code for error in STATUS]
    assert len(codes) == len(set(codes))
    assert all(error.remedy for error in STATUS)


def test_whatever_goes_wrong_is_a_problem(door: FrontDoor) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        at_the_page = () if method == "GET" else ("/", "/page/page.js")
        nowhere = ("/nothing", "/v1/lectures/%00", "/v1/lectures/a/b/c", "/docs", "/healthz/x", "/v1/", "/page/x")
        for path in (*at_the_page, *nowhere):
            answer = door.http.request(method, path)
            assert answer.headers["content-type"] == "application/problem+json", (method, path)
            assert answer.headers["x-content-type-options"] == "nosniff"


def test_redis_out_of_memory_accepts_nothing_and_says_when_to_come_back(door: FrontDoor) -> None:
    with Redis.from_url(door.settings.redis_url) as redis:
        before = redis.zcard(f"{PREFIX}lectures:local")
        redis.config_set("maxmemory", "1mb")
        try:
            answer = submit(door, headers={"Idempotency-Key": "full"})
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
            assert door.http.get("/readyz").status_code == 503
        finally:
            redis.config_set("maxmemory", "0")
        assert redis.zcard(f"{PREFIX}lectures:local") == before
    assert submit(door, headers={"Idempotency-Key": "full"}).status_code == 202


def test_an_id_of_the_other_kind_is_said_to_be_one_and_not_to_be_gone(door: FrontDoor) -> None:
    batch = door.http.post("/v1/lectures", files={"files": ("a.srt", BREAD)}).json()
    lecture = batch["lectures"][0]["id"]
    for path, other in ((f"/v1/lectures/{batch['id']}", "batch"), (f"/v1/batches/{lecture}", "lecture")):
        answer = door.http.get(path)
        assert answer.status_code == 404
        assert f"that is the id of a {other}" in answer.json()["detail"]


def test_what_is_wrong_with_a_parameter_or_header_is_told_by_its_name(door: FrontDoor) -> None:
    wrong = door.http.get("/v1/lectures?state=finished&most=many").json()["detail"]
    assert wrong.startswith("the parameter `state`: Input should be 'queued'")
    assert "; the parameter `most`: Input should be a valid integer" in wrong
    header = door.http.get(f"/v1/lectures/{door.lecture()}/events", headers={"Last-Event-ID": "x"})
    assert header.json()["detail"].startswith("the header `last-event-id`: String should match")


def test_many_problems_at_once_stay_apart(door: FrontDoor) -> None:
    seen: list[str] = []

    def ask(id: int) -> None:
        with httpx2.Client(base_url=door.url, trust_env=False) as http:
            seen.append(http.get(f"/v1/lectures/lec_{id}").json()["detail"])

    threads = [threading.Thread(target=ask, args=[n]) for n in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(f"There is no lecture lec_{n}." for n in range(16))
