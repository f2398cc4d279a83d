"""Who may use the API: keys, this machine without one, and how much each client may ask."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from served import served

from api.app import create
from shared.clients import Clients, UnknownKeyError, digest_of
from shared.settings import Settings

T = TypeVar("T")
KAPITOLA = Path(sys.executable).with_name("kapitola")
LECTURE = "1\n00:00:01,000 --> 00:00:09,000\nBread is flour, water, salt and time.\n"


def configured(redis_url: str, **changes: Any) -> Settings:
    return Settings(redis_url=redis_url, _env_file=None, **changes)


def with_clients(redis_url: str, use: Callable[[Clients], Awaitable[T]]) -> T:
    async def run() -> T:
        async with Redis.from_url(redis_url) as redis:
            return await use(Clients(redis))

    return asyncio.run(run())


def key_for(redis_url: str, client: str) -> str:
    return with_clients(redis_url, lambda clients: clients.create_key(client))[0]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def submission(**changes: Any) -> dict[str, Any]:
    return {"transcripts": [{"name": "bread.srt", "text": LECTURE}], **changes}


@pytest.fixture
def api(redis_url: str) -> Iterator[str]:
    with served(configured(redis_url)) as url:
        yield url


def from_elsewhere(settings: Settings, peer: str, **headers: str) -> httpx2.Response:
    """What a caller at the address `peer` is answered."""

    async def ask() -> httpx2.Response:
        app = create(settings)
        transport = httpx2.ASGITransport(app=app, client=(peer, 4711))
        http = httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000")
        async with app.router.lifespan_context(app), http:
            return await http.get("/v1/lectures", headers=headers)

    return asyncio.run(ask())


def test_this_machine_needs_no_key_until_there_is_one(redis_url: str) -> None:
    with served(configured(redis_url)) as url:
        assert httpx2.get(f"{url}/v1/lectures").status_code == 200
    key = key_for(redis_url, "physics")
    with served(configured(redis_url)) as url:
        refused = httpx2.get(f"{url}/v1/lectures")
        assert refused.status_code == 401
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert "kapitola keys create" in refused.json()["detail"]
        assert httpx2.get(f"{url}/v1/lectures", headers=bearer(key)).status_code == 200
        assert httpx2.get(f"{url}/healthz").status_code == 200


@pytest.mark.parametrize("wrong", ["kap_" + "0" * 64, "kap_", "sk-another", "*"])
def test_a_wrong_key_is_refused_even_where_none_is_needed(api: str, wrong: str) -> None:
    answer = httpx2.get(f"{api}/v1/lectures", headers=bearer(wrong))
    assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (401, "key-refused")


def test_a_revoked_key_is_refused_at_once(redis_url: str, api: str) -> None:
    key, id = with_clients(redis_url, lambda clients: clients.create_key("physics"))
    assert httpx2.get(f"{api}/v1/lectures", headers=bearer(key)).status_code == 200
    with_clients(redis_url, lambda clients: clients.revoke_key(id))
    assert httpx2.get(f"{api}/v1/lectures", headers=bearer(key)).status_code == 401
    with pytest.raises(UnknownKeyError):
        with_clients(redis_url, lambda clients: clients.revoke_key(id))


@pytest.mark.parametrize("peer", ["172.18.0.1", "203.0.113.9", "fe80::1"])
def test_other_machines_need_a_key_from_the_first(redis_url: str, peer: str) -> None:
    assert from_elsewhere(configured(redis_url), peer).status_code == 401
    assert from_elsewhere(configured(redis_url, access="open"), peer).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-For": "203.0.113.9"},
        {"Forwarded": "for=127.0.0.1"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"Host": "rebound.example.org"},
        {"Host": "rebound.example.org:8000"},
        {"Host": ""},
    ],
    ids=str,
)
def test_whoever_comes_through_a_proxy_or_by_another_name_needs_a_key(api: str, headers: dict[str, str]) -> None:
    assert httpx2.get(f"{api}/v1/lectures", headers=headers).status_code == 401


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}], ids=str
)
def test_a_page_of_another_site_cannot_hand_lectures_in(api: str, headers: dict[str, str]) -> None:
    form = {"files": ("bread.srt", LECTURE.encode())}
    answer = httpx2.post(f"{api}/v1/lectures", files=form, headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("#")[2]) == (403, "cross-site")
    own = {"Origin": api, "Sec-Fetch-Site": "same-origin"}
    assert httpx2.post(f"{api}/v1/lectures", files=form, headers=own).status_code == 202


def test_keys_can_be_wanted_from_everybody(redis_url: str) -> None:
    with served(configured(redis_url, access="keys")) as url:
        assert httpx2.get(f"{url}/v1/lectures").status_code == 401


def test_redis_holds_no_key_only_its_digest(redis_url: str) -> None:
    key = key_for(redis_url, "physics")
    with SyncRedis.from_url(redis_url) as redis:
        dump = b"".join(
            name + (redis.dump(name) or b"") + str(redis.hgetall(name) if redis.type(name) == b"hash" else "").encode()
            for name in redis.keys("*")
        )
    assert key.encode() not in dump and key.removeprefix("kap_").encode() not in dump
    assert digest_of(key).encode() in dump


def test_each_client_is_told_its_limit_and_is_throttled_alone(redis_url: str) -> None:
    first, second = key_for(redis_url, "first"), key_for(redis_url, "second")
    with served(configured(redis_url, client_burst=5, client_requests_per_second=0.01)) as url:
        left = []
        for _ in range(5):
            answer = httpx2.get(f"{url}/v1/lectures", headers=bearer(first))
            assert answer.headers["ratelimit-policy"] == '"requests";q=5;w=500'
            left.append(answer.headers["ratelimit"].partition(";t=")[0])
        assert left == [f'"requests";r={n}' for n in (4, 3, 2, 1, 0)]
        throttled = httpx2.get(f"{url}/v1/lectures", headers=bearer(first))
        assert throttled.status_code == 429
        assert 1 <= int(throttled.headers["retry-after"]) <= 100
        assert throttled.json()["violated-policies"] == ["requests"]
        assert throttled.headers["ratelimit"].startswith('"requests";r=0;t=')
        assert httpx2.get(f"{url}/v1/lectures", headers=bearer(second)).status_code == 200


def test_what_was_taken_flows_back(redis_url: str) -> None:
    key = key_for(redis_url, "first")
    with served(configured(redis_url, client_burst=2, client_requests_per_second=20)) as url:
        answers = [httpx2.get(f"{url}/v1/lectures", headers=bearer(key)).status_code for _ in range(3)]
        assert answers[0] == 200
        for _ in range(200):
            if httpx2.get(f"{url}/v1/lectures", headers=bearer(key)).status_code == 200:
                break
        else:
            pytest.fail("nothing flowed back")


def test_a_day_takes_so_many_lectures_and_a_repeat_takes_none(redis_url: str) -> None:
    key = key_for(redis_url, "first")
    with served(configured(redis_url, client_lectures_per_day=2)) as url:

        def hand_in(count: int, once: str) -> httpx2.Response:
            body = submission(transcripts=submission()["transcripts"] * count)
            headers = {**bearer(key), "Idempotency-Key": once}
            return httpx2.post(f"{url}/v1/lectures", json=body, headers=headers)

        assert hand_in(3, "a").status_code == 429
        first = hand_in(1, "b")
        assert first.status_code == 202
        assert hand_in(1, "b").json()["id"] == first.json()["id"]
        assert hand_in(1, "c").status_code == 202
        over = hand_in(1, "d")
        assert over.status_code == 429
        assert over.json()["violated-policies"] == ["lectures"]
        assert int(over.headers["retry-after"]) > 3600
        assert len(httpx2.get(f"{url}/v1/lectures", headers=bearer(key)).json()) == 2


def test_a_day_takes_so_many_bytes(redis_url: str) -> None:
    with served(configured(redis_url, client_bytes_per_day=len(LECTURE) + 10)) as url:
        assert httpx2.post(f"{url}/v1/lectures", json=submission()).status_code == 202
        over = httpx2.post(f"{url}/v1/lectures", json=submission())
        assert (over.status_code, over.json()["violated-policies"]) == (429, ["bytes"])


def keys_command(redis_url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(KAPITOLA), "keys", *arguments], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "KAPITOLA_REDIS_URL": redis_url},
    )  # fmt: skip


def test_without_a_redis_the_command_says_where_keys_are_and_what_to_start(tmp_path: Path) -> None:
    nowhere = f"unix://{tmp_path}/redis.sock"
    for arguments in (["list"], ["create", "physics"], ["secret", "physics"], ["revoke", "key_1"]):
        ran = keys_command(nowhere, *arguments)
        assert (ran.returncode, ran.stdout) == (1, "")
        assert f"none answers at {nowhere}. Start the server first (`kapitola up`" in ran.stderr
        assert "Errno" not in ran.stderr and "Error" not in ran.stderr


def test_the_command_makes_lists_and_revokes(redis_url: str) -> None:
    kapitola = partial(keys_command, redis_url)
    made = kapitola("create", "physics")
    key = made.stdout.strip()
    assert key.startswith("kap_") and made.returncode == 0
    assert key not in made.stderr
    assert kapitola("secret", "physics").stdout.startswith("whsec_")
    listed = kapitola("list").stdout
    assert "physics" in listed and key not in listed and digest_of(key) not in listed
    id = listed.split()[0]
    assert "last one" in kapitola("revoke", id).stderr
    none = kapitola("list")
    assert none.stdout == "" and "no keys yet" in none.stderr
    again = kapitola("revoke", id)
    assert again.returncode == 6 and id in again.stderr
    assert kapitola("create", "Not a name").returncode == 2
