"""One client asks for what is another's, by every route of the OpenAPI document: it is not there (404).

A route that is added to the API is asked by itself if its parameters are known here; else this test fails until
somebody has said what it is about.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from served import served

from api.app import app
from shared.clients import Clients
from shared.keys import PREFIX
from shared.settings import Settings

METHODS = ("get", "post", "put", "patch", "delete")
ROUTES = [
    (method, path)
    for path, operations in app.openapi()["paths"].items()
    for method in METHODS
    if method in operations and path.startswith("/v1/")
]
OF_NOBODY = {"/v1/diagnosis", "/v1/diagnosis/{id}"}
"""Routes that tell every client the same, of the server and its models, and nothing of any client."""
ABOUT_ONE = [route for route in ROUTES if "{" in route[1] and route[1] not in OF_NOBODY]
PAGED = {"/v1/lectures", "/v1/batches"}
LISTS = {*PAGED, "/v1/webhooks"}
BODIES: dict[tuple[str, str], Any] = {("put", "/v1/lectures/{id}/outline"): []}
LECTURE = "1\n00:00:01,000 --> 00:00:09,000\nThe word is marzipan.\n"
NAME = "private-name.srt"


@dataclass
class House:
    """A server with two clients; the first one has a lecture, a batch and a webhook."""

    url: str
    redis_url: str
    owner: dict[str, str]
    stranger: dict[str, str]
    ids: dict[str, str]

    def ask(self, method: str, path: str, client: dict[str, str], **more: Any) -> httpx2.Response:
        """The answer without its body, which an event stream would never end."""
        headers = {**client, **more.pop("headers", {})}
        body = BODIES.get((method, path), {}) if method in ("post", "put", "patch") else None
        with httpx2.stream(method, f"{self.url}{self.filled(path)}", headers=headers, json=body, **more) as answer:
            return answer

    def filled(self, path: str) -> str:
        """The path with the owner's ids in it."""
        noun = path.split("/")[2]
        assert noun in self.ids, f"{path}: say in this test whose id it takes"
        filled = path.replace("{id}", self.ids[noun])
        assert "{" not in filled, f"{path}: say in this test what its parameters are"
        return filled

    def versions(self) -> bytes:
        with SyncRedis.from_url(self.redis_url) as redis:
            return repr(sorted(redis.hgetall(f"{PREFIX}lecture:{self.ids['lectures']}").items())).encode()


@pytest.fixture(scope="module")
def house(redis_server_url: str) -> Iterator[House]:
    async def two_keys() -> list[str]:
        async with Redis.from_url(redis_server_url) as redis:
            await redis.flushall()
            return [(await Clients(redis).create_key(name))[0] for name in ("owner", "stranger")]

    owner, stranger = ({"Authorization": f"Bearer {key}"} for key in asyncio.run(two_keys()))
    settings = Settings(redis_url=redis_server_url, webhook_hosts="127.0.0.1", _env_file=None)
    with served(settings) as url:
        body = {"transcripts": [{"name": NAME, "text": LECTURE}], "webhook": "http://127.0.0.1:9/never"}
        headers = {**owner, "Idempotency-Key": "one and the same"}
        batch = httpx2.post(f"{url}/v1/lectures", json=body, headers=headers).json()
        httpx2.post(f"{url}/v1/lectures", json=body | {"webhook": ""}, headers=owner).raise_for_status()
        ended = httpx2.post(f"{url}/v1/lectures/{batch['lectures'][0]['id']}/cancel", headers=owner)
        assert ended.json()["state"] == "cancelled"
        (webhook,) = httpx2.get(f"{url}/v1/webhooks", headers=owner).json()
        ids = {"lectures": batch["lectures"][0]["id"], "batches": batch["id"], "webhooks": webhook["id"]}
        yield House(url, redis_server_url, owner, stranger, ids)


@pytest.mark.parametrize(("method", "path"), ABOUT_ONE, ids=str)
def test_what_is_anothers_is_not_there(house: House, method: str, path: str) -> None:
    before = house.versions()
    assert house.ask(method, path, house.stranger).status_code == 404
    assert house.ask(method, path, house.stranger, headers={"If-None-Match": '"1"'}).status_code == 404
    assert house.ask(method, path, house.stranger, headers={"Last-Event-ID": "1"}).status_code == 404
    assert house.versions() == before


@pytest.mark.parametrize("path", [path for method, path in ABOUT_ONE if method == "get"])
def test_to_its_owner_it_is_there(house: House, path: str) -> None:
    assert house.ask("get", path, house.owner).status_code in (200, 409)


@pytest.mark.parametrize(("method", "path"), ROUTES, ids=str)
def test_nobody_without_a_key_is_told_anything(house: House, method: str, path: str) -> None:
    url = house.url + path.replace("{id}", "any")
    assert httpx2.request(method, url).status_code == 401


@pytest.mark.parametrize("path", sorted(LISTS))
def test_a_list_holds_only_what_is_the_clients_own(house: House, path: str) -> None:
    secrets = (*house.ids.values(), NAME)
    owners = httpx2.get(f"{house.url}{path}", headers=house.owner).text
    assert any(secret in owners for secret in secrets)
    strangers = httpx2.get(f"{house.url}{path}", headers=house.stranger)
    assert strangers.status_code == 200
    assert [secret for secret in secrets if secret in strangers.text] == []


def test_every_other_route_is_a_list_or_tells_of_nobody() -> None:
    others = {path for method, path in ROUTES if (method, path) not in ABOUT_ONE}
    assert others == LISTS | OF_NOBODY, "say in this test what the new route tells, and of whom"


def test_the_same_idempotency_key_of_another_client_is_another_key(house: House) -> None:
    body = {"transcripts": [{"name": "another.srt", "text": LECTURE}]}
    headers = {**house.stranger, "Idempotency-Key": "one and the same"}
    answer = httpx2.post(f"{house.url}/v1/lectures", json=body, headers=headers)
    assert answer.status_code == 202
    assert answer.json()["id"] != house.ids["batches"]


@pytest.mark.parametrize("path", sorted(PAGED))
def test_a_cursor_of_another_client_is_no_cursor(house: House, path: str) -> None:
    cursor = httpx2.get(f"{house.url}{path}?most=1", headers=house.owner).json()["next"]
    assert cursor, "the owner has two"
    assert httpx2.get(f"{house.url}{path}?after={cursor}", headers=house.owner).status_code == 200
    answer = httpx2.get(f"{house.url}{path}?after={cursor}", headers=house.stranger)
    assert answer.status_code == 400
    assert NAME not in answer.text and not any(id in answer.text for id in house.ids.values())
