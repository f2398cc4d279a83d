"""Webhooks on their way: signed, tried again, fenced by leases, and sent nowhere that the operator did not allow."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import subprocess
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from harness.desk import Desk, run
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError
from telling_desk import lecture
from webhook_receiver import Receiver

from shared.clients import Clients
from shared.keys import PREFIX
from shared.lecture import LectureState
from shared.webhooks import Webhook, Webhooks, WebhookState
from worker import webhooks
from worker.webhooks import SCHEDULE_S, Address, Deliveries

HERE = "127.0.0.1"


class Post:
    """A desk whose lectures tell an address, and one worker's deliveries."""

    def __init__(self, desk: Desk, deliveries: Deliveries) -> None:
        self.desk, self.deliveries = desk, deliveries
        self.webhooks = Webhooks(desk.redis)
        self._lectures = 0

    async def end(self, url: str, client: str = "a") -> Webhook:
        """Has a lecture of a batch of its own end, and gives what its client is to be told of it."""
        self._lectures += 1
        id = f"l{self._lectures}"
        await self.desk.ledger.accept(client, f"b{id}", [lecture(id, url)])
        await self.desk.end(LectureState.DONE)
        found = await self.webhooks.find(client, f"msg_{id}_4")
        assert found is not None
        await self.desk.redis.zrem(f"{PREFIX}webhooks", f"msg_{id}_4_batch")  # one at a time
        return found

    async def attempt(self, expected: int = 1) -> None:
        assert await self.deliveries.begin_due() == expected
        await self.deliveries.finish()

    async def now(self, webhook: Webhook, client: str = "a") -> Webhook:
        found = await self.webhooks.find(client, webhook.id)
        assert found is not None
        return found

    async def pause(self, webhook: Webhook) -> float:
        """Seconds from the last attempt to the next; then makes it due."""
        due = await self.desk.redis.zscore(f"{PREFIX}webhooks", webhook.id)
        attempted = int(await self.desk.redis.hget(f"{PREFIX}webhook:{webhook.id}", "attempted"))
        await self.desk.redis.zadd(f"{PREFIX}webhooks", {webhook.id: 0})
        return (due - attempted) / 1000

    async def is_disabled(self, url: str) -> bool:
        return bool(await self.desk.redis.hexists(f"{PREFIX}webhooks:disabled:a", url))


def with_post(
    redis_url: str, test: Callable[[Post], Awaitable[None]], hosts: str = f"{HERE}, localhost", **changes: Any
) -> None:
    async def posting(desk: Desk) -> None:
        for client in ("a", "b"):
            await Clients(desk.redis).create_key(client)
        deliveries = Deliveries(desk.redis, hosts, **changes)
        try:
            await test(Post(desk, deliveries))
        finally:
            await deliveries.close()

    run(redis_url, posting)


def test_what_arrives_is_verified_with_the_clients_secret_and_no_other(redis_url: str) -> None:
    async def test(post: Post) -> None:
        with Receiver() as receiver:
            told = await post.end(receiver.url + "?course=9")
            await post.attempt()
            (received,) = receiver.received
            clients = Clients(post.desk.redis)
            verified = Verifier(await clients.secret("a")).verify(received.body, received.headers)
            assert (verified["type"], verified["data"]["id"], received.path) == ("lecture.done", "l1", "/hook?course=9")
            assert received.headers["Host"] == f"{HERE}:{receiver.port}"
            with pytest.raises(WebhookVerificationError):
                Verifier(await clients.secret("b")).verify(received.body, received.headers)
            after = await post.now(told)
            assert (after.state, after.attempts, after.status, after.failure) == (WebhookState.DELIVERED, 1, 204, "")
            assert await post.deliveries.begin_due() == 0

    with_post(redis_url, test)


def test_a_new_secret_signs_beside_the_old_one(redis_url: str) -> None:
    async def test(post: Post) -> None:
        clients = Clients(post.desk.redis)
        old = await clients.secret("a")
        new = await clients.renew_secret("a")
        assert old != new
        with Receiver() as receiver:
            await post.end(receiver.url)
            await post.attempt()
            for secret in (old, new):
                Verifier(secret).verify(receiver.received[0].body, receiver.received[0].headers)

    with_post(redis_url, test)


def test_a_receiver_that_is_down_is_tried_on_the_schedule_and_its_address_then_disabled(redis_url: str) -> None:
    async def test(post: Post) -> None:
        with Receiver(answers=[(500, {})]) as receiver:
            told = await post.end(receiver.url)
            for planned in SCHEDULE_S:
                await post.attempt()
                assert (await post.now(told)).state is WebhookState.WAITING
                assert planned <= await post.pause(told) <= planned * 1.1 + 30
            await post.attempt()
            ended = await post.now(told)
            assert (ended.state, ended.attempts, ended.status) == (WebhookState.GIVEN_UP, len(SCHEDULE_S) + 1, 500)
            assert await post.is_disabled(receiver.url)
            assert len({(r.headers["Webhook-Id"], r.body) for r in receiver.received}) == 1

    with_post(redis_url, test)


def test_410_disables_the_address_and_a_replay_enables_it_again(redis_url: str) -> None:
    async def test(post: Post) -> None:
        with Receiver(answers=[(410, {}), (200, {})]) as receiver:
            first, second = await post.end(receiver.url), await post.end(receiver.url)
            await post.desk.redis.zadd(f"{PREFIX}webhooks", {second.id: 2**60})
            await post.attempt()
            assert (await post.now(first)).state is WebhookState.GIVEN_UP
            await post.desk.redis.zadd(f"{PREFIX}webhooks", {second.id: 0})
            assert await post.deliveries.begin_due() == 0
            assert (await post.now(second)).failure == "the address is disabled"
            await post.webhooks.replay("a", second)
            await post.attempt()
            assert (await post.now(second)).state is WebhookState.DELIVERED
            assert not await post.is_disabled(receiver.url)

    with_post(redis_url, test)


def test_redirects_are_not_followed(redis_url: str) -> None:
    async def test(post: Post) -> None:
        with Receiver() as elsewhere, Receiver(answers=[(307, {"Location": elsewhere.url})]) as receiver:
            told = await post.end(receiver.url)
            await post.attempt()
            after = await post.now(told)
            assert (after.state, after.status, elsewhere.received) == (WebhookState.WAITING, 307, [])
            assert "not followed" in after.failure

    with_post(redis_url, test)


def test_a_receiver_that_never_ends_its_answer_is_left(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "DEADLINE_S", 0.5)

    async def test(post: Post) -> None:
        with Receiver(drip=True) as receiver:
            told = await post.end(receiver.url)
            await post.attempt()
            after = await post.now(told)
            assert (after.state, after.status, after.failure) == (WebhookState.WAITING, None, "no answer within 0.5 s")

    with_post(redis_url, test)


def test_a_receiver_that_asks_for_a_pause_gets_it(redis_url: str) -> None:
    async def test(post: Post) -> None:
        with Receiver(answers=[(429, {"Retry-After": "3600"}), (503, {"Retry-After": "9" * 30})]) as receiver:
            told = await post.end(receiver.url)
            await post.attempt()
            assert await post.pause(told) >= 3600
            await post.attempt()
            assert await post.pause(told) <= SCHEDULE_S[1] * 1.1 + 30

    with_post(redis_url, test)


def test_nobody_at_the_address_is_a_failed_attempt(redis_url: str) -> None:
    async def test(post: Post) -> None:
        with Receiver() as receiver:
            url = receiver.url
        told = await post.end(url)
        await post.attempt()
        after = await post.now(told)
        assert (after.state, after.status) == (WebhookState.WAITING, None)
        assert "ConnectError" in after.failure

    with_post(redis_url, test)


def test_an_attempt_whose_worker_died_is_made_again_when_its_lease_is_over_and_the_late_record_refused(
    redis_url: str,
) -> None:
    async def test(post: Post) -> None:
        with Receiver(drip=True) as slow:
            told = await post.end(slow.url)
            assert await post.deliveries.begin_due() == 1
            await asyncio.to_thread(slow.wait_for, 1)
            assert await post.deliveries.begin_due() == 0, "it is under a lease"
            await post.desk.redis.zadd(f"{PREFIX}webhooks", {told.id: 0})  # as time would
            other = Deliveries(post.desk.redis, HERE)
            try:
                slow.drip = False
                assert await other.begin_due() == 1
                await other.finish()
                assert (await post.now(told)).state is WebhookState.DELIVERED
                slow.stopped.set()  # the first attempt ends, and badly
                await post.deliveries.finish()
                after = await post.now(told)
                assert (after.state, after.attempts, after.failure) == (WebhookState.DELIVERED, 2, "")
            finally:
                await other.close()

    with_post(redis_url, test)


def test_a_client_with_a_slow_address_is_not_in_the_way_of_others(redis_url: str) -> None:
    async def test(post: Post) -> None:
        with Receiver(drip=True) as slow, Receiver() as quick:
            for _ in range(20):
                await post.end(slow.url)
            told = await post.end(quick.url, client="b")
            assert await post.deliveries.begin_due() == webhooks._OF_ONE_CLIENT + 1
            await asyncio.to_thread(quick.wait_for, 1)
            assert await post.deliveries.begin_due() == 0
            slow.stopped.set()
            await post.deliveries.finish()
            assert (await post.now(told, "b")).state is WebhookState.DELIVERED

    with_post(redis_url, test)


@pytest.mark.parametrize(
    "found", [["10.0.0.1"], [HERE, "10.0.0.1"], ["169.254.169.254"], ["64:ff9b::7f00:1"], ["::1"], []], ids=str
)
def test_a_name_that_leads_into_the_servers_own_network_is_not_asked(redis_url: str, found: list[str]) -> None:
    async def resolve(host: str, port: int) -> Sequence[Address]:
        return [ipaddress.ip_address(address) for address in found]

    async def test(post: Post) -> None:
        told = await post.end("https://hooks.example.org/kapitola")
        await post.attempt()
        after = await post.now(told)
        assert (after.state, after.status) == (WebhookState.WAITING, None)
        assert "hooks.example.org" in after.failure and "127.0.0.1," not in after.failure

    with_post(redis_url, test, hosts=f"hooks.example.org, {HERE}", resolve=resolve)


@pytest.mark.parametrize("names", ["hooks.example.org", "another.example.org"])
def test_the_vetted_address_is_the_one_asked_and_the_certificate_must_be_the_names(
    redis_url: str, tmp_path: Path, names: str
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-keyout", str(key), "-out", str(certificate), "-days", "2", "-subj", "/CN=receiver"]
    subprocess.run([*command, "-addext", f"subjectAltName=DNS:{names}"], check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    asked: list[str] = []
    server.sni_callback = lambda _socket, name, _context: asked.append(name)
    looked_up: list[str] = []

    async def rebinding(host: str, port: int) -> Sequence[Address]:
        looked_up.append(host)
        return [ipaddress.ip_address(HERE if len(looked_up) == 1 else "10.0.0.1")]

    async def test(post: Post) -> None:
        with Receiver(tls=server) as receiver:
            told = await post.end(f"https://hooks.example.org:{receiver.port}/hook")
            await post.attempt()
            assert (looked_up, asked) == (["hooks.example.org"], ["hooks.example.org"])
            state = (await post.now(told)).state
            assert state is (WebhookState.DELIVERED if names == "hooks.example.org" else WebhookState.WAITING)

    hosts, tls = f"hooks.example.org, {HERE}", ssl.create_default_context(cafile=str(certificate))
    with_post(redis_url, test, hosts=hosts, resolve=rebinding, tls=tls)


def test_webhooks_are_off_unless_hosts_are_named(redis_url: str) -> None:
    async def test(post: Post) -> None:
        with Receiver() as receiver:
            await post.end(receiver.url)
            await asyncio.wait_for(post.deliveries.run(), 10)
            assert receiver.received == []

    with_post(redis_url, test, hosts="")
