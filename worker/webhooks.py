"""The delivery of webhooks, as Standard Webhooks 1.0 has it: signed, tried again for three days, and never a way in.

Every worker looks for those that are due; a lease keeps two from delivering the same one at once. A receiver may still
see one twice, when a worker dies between the delivery and its record: the id tells.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import json
import logging
import random
import secrets
import socket
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files

import httpx2
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.addresses import AllowedHosts, Destination, WebhookRefusedError
from shared.clients import SECRET_MARK, Clients
from shared.keys import PREFIX
from shared.webhooks import Webhook, WebhookState, read

log = logging.getLogger(__name__)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]

SCHEDULE_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds from each failed attempt to the next, the first being made at once: ten attempts within 76 hours."""
DEADLINE_S = 15.0
"""For one attempt in all, from the name's look-up to the first line of the answer."""
_PERIOD_S = 1.0
_LEASE_MS = 45_000
_AT_ONCE, _OF_ONE_CLIENT = 64, 8
_JITTER = 0.1
_LONGEST_PAUSE_S = 86_400


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one: the receiver's status, or why there was none; `pause` is what the receiver asks for, in s."""

    status: int | None
    failure: str = ""
    pause: int = 0


@dataclass(frozen=True, slots=True)
class _Claimed:
    webhook: Webhook
    client: str
    token: str
    now: int
    """Seconds since 1970, by Redis's clock."""


async def resolve(host: str, port: int) -> list[Address]:
    """Every address of `host`, as the system's resolver has them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(address[0]).partition("%")[0]) for *_, address in found]


class Deliveries:
    """What one worker process does for webhooks."""

    def __init__(self, redis: Redis, hosts: str, resolve: Resolve = resolve, tls: ssl.SSLContext | None = None) -> None:
        self._allowed, self._resolve = AllowedHosts(hosts), resolve
        self._is_on = bool(hosts.strip())
        self._clients = Clients(redis)
        self._claim = redis.register_script(files("worker").joinpath("claim_webhooks.lua").read_text("utf-8"))
        self._settle = redis.register_script(files("worker").joinpath("settle_webhook.lua").read_text("utf-8"))
        # No connection is kept: a connection belongs to an address, and two names may stand for the same one.
        self._http = httpx2.AsyncClient(
            verify=tls or ssl.create_default_context(),
            follow_redirects=False,
            trust_env=False,
            timeout=DEADLINE_S,
            limits=httpx2.Limits(max_keepalive_connections=0),
        )
        self._under_way: dict[asyncio.Task[None], str] = {}

    async def run(self) -> None:
        """Until cancelled; at once where webhooks are off. An outage of Redis is waited out."""
        while self._is_on:
            try:
                await self.begin_due()
            except (RedisError, OSError) as error:
                log.warning("Redis does not answer (%s): webhooks wait", error)
            await asyncio.sleep(_PERIOD_S)

    async def begin_due(self) -> int:
        """Starts the attempts that are due and that there is room for; gives how many."""
        room = _AT_ONCE - len(self._under_way)
        token = secrets.token_hex(8)
        busy = json.dumps(Counter(self._under_way.values()))
        allowed = len(SCHEDULE_S) + 1
        now, *claimed = await self._claim(args=[PREFIX, token, _LEASE_MS, room, _OF_ONE_CLIENT, allowed, busy])
        for pairs in claimed[1::2]:
            row = dict(zip(pairs[::2], pairs[1::2], strict=True))
            claim = _Claimed(read(row), row[b"client"].decode(), token, int(now) // 1000)
            task = asyncio.create_task(self._deliver(claim))
            self._under_way[task] = claim.client
            task.add_done_callback(lambda done: self._under_way.pop(done))
        return len(claimed) // 2

    async def finish(self) -> None:
        """Waits for the attempts that are under way."""
        await asyncio.gather(*self._under_way)

    async def close(self) -> None:
        """Stops the attempts that are under way: they are made again when their leases are over."""
        running = list(self._under_way)
        for task in running:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*running, return_exceptions=True)
        await self._http.aclose()

    async def _deliver(self, claim: _Claimed) -> None:
        try:
            attempt = await self._attempt(claim)
            await self._record(claim, attempt)
        except (RedisError, OSError) as error:
            log.warning("%s: not recorded (%s): it will be tried again", claim.webhook.id, error)

    async def _attempt(self, claim: _Claimed) -> Attempt:
        """Never raises for what a receiver may do."""
        known = await self._clients.secrets(claim.client)
        if not known:
            return Attempt(None, f"there is no secret to sign it with: `kapitola keys secret {claim.client}` makes one")
        signatures = " ".join(signature(secret, claim.webhook, claim.now) for secret in known)
        try:
            async with asyncio.timeout(DEADLINE_S):
                destination = self._allowed.destination(claim.webhook.url)
                return await self._send(destination, claim.webhook, claim.now, signatures)
        except WebhookRefusedError as error:
            return Attempt(None, str(error))
        except TimeoutError:
            return Attempt(None, f"no answer within {DEADLINE_S:g} s")
        except (httpx2.HTTPError, OSError, UnicodeError) as error:
            return Attempt(None, f"{type(error).__name__}: {error}"[:200])

    async def _send(self, to: Destination, webhook: Webhook, now: int, signatures: str) -> Attempt:
        address = self._allowed.vet(to, await self._addresses(to))
        host = f"[{address}]" if address.version == 6 else str(address)
        request = self._http.build_request(
            "POST",
            f"{to.scheme}://{host}:{to.port}{to.target}",
            content=webhook.body,
            headers={
                "Host": to.authority,
                "Content-Type": "application/json",
                "User-Agent": f"Kapitola/{version('kapitola')}",
                "Webhook-Id": webhook.id,
                "Webhook-Timestamp": str(now),
                "Webhook-Signature": signatures,
            },
            # The connection goes to the address that was vetted; the certificate must be the name's.
            extensions={"sni_hostname": to.host},
        )
        answer = await self._http.send(request, stream=True)
        await answer.aclose()  # whatever the receiver has to say, nobody reads it
        return _attempt_of(answer)

    async def _addresses(self, to: Destination) -> Sequence[Address]:
        try:
            return [ipaddress.ip_address(to.host)]
        except ValueError:
            return await self._resolve(to.host, to.port)

    async def _record(self, claim: _Claimed, attempt: Attempt) -> None:
        webhook, disabled, delay = claim.webhook, "", 0
        if attempt.status == 410:
            state, disabled = WebhookState.GIVEN_UP, "the receiver said 410 Gone"
        elif not attempt.failure:
            state = WebhookState.DELIVERED
        elif webhook.attempts > len(SCHEDULE_S):
            state, disabled = WebhookState.GIVEN_UP, f"{webhook.attempts} attempts failed: {attempt.failure}"
        else:
            state = WebhookState.WAITING
            planned = SCHEDULE_S[webhook.attempts - 1] * random.uniform(1, 1 + _JITTER)  # noqa: S311 - no secret
            delay = round(max(planned, attempt.pause) * 1000)
        status = attempt.status or ""
        told = (state.value, delay, status, attempt.failure, disabled)
        await self._settle(args=[PREFIX, webhook.id, claim.token, *told])
        log.info("%s: %s after attempt %d (%s)", webhook.id, state, webhook.attempts, attempt.status or "no answer")


def signature(secret: str, webhook: Webhook, now: int) -> str:
    """The webhook's signature, as Standard Webhooks has it."""
    key = base64.b64decode(secret.removeprefix(SECRET_MARK))
    signed = b"%s.%d.%s" % (webhook.id.encode(), now, webhook.body)
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _attempt_of(answer: httpx2.Response) -> Attempt:
    status = answer.status_code
    if 200 <= status < 300:
        return Attempt(status)
    if 300 <= status < 400:
        return Attempt(status, f"it redirects ({status}), which is not followed")
    wanted = answer.headers.get("retry-after", "")
    pause = min(int(wanted), _LONGEST_PAUSE_S) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 0
    return Attempt(status, f"it answered {status}", pause)
