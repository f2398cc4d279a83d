"""Who asks: a key's client, or, on a machine of one's own, whoever is there. Settled before anything else is read."""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import CrossSiteError, KeyNeededError, KeyRefusedError, RedisDownError
from api.problems import response_to
from api.throttle import ThrottledError, fields, lua, requests_policy
from shared.clients import LOCAL, digest_of
from shared.errors import KapitolaError
from shared.keys import PREFIX
from shared.settings import Settings

_GUARDED = "/v1/"
_TRUSTED_S = 1.0
"""How long it is taken as known that there are no keys: polls on one's own machine should not ask Redis each time."""
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""What proxies add. Somebody else may stand behind a proxy, wherever it runs."""
_KEY_REMEDY = (
    "An operator makes one with `kapitola keys create NAME` (in Docker: docker compose exec api kapitola keys create "
    "NAME); send it as `Authorization: Bearer kap_...`. The command line takes it from KAPITOLA_API_KEY."
)


@dataclass(frozen=True, slots=True)
class Caller:
    """The client that asks; `webhook` is the address that its key gives for all that is handed in with it."""

    client: str
    webhook: str = ""


class Admission:
    """ASGI middleware: finds the caller of every request under /v1/, and refuses those without a right to ask.

    Leaves a `Caller` in the request's state as `caller`.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._access, self._policy = app, settings.access, requests_policy(settings)
        self._terms = [*self._policy.row(1)]
        self._script: tuple[Redis, AsyncScript] | None = None
        self._no_keys_until = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_GUARDED):
            return await self._app(scope, receive, send)
        try:
            caller, told = await self._admitted(scope)
        except KapitolaError as error:
            response = response_to(error, self._refusal(error))
            return await response(scope, receive, send)
        except RedisError:
            return await response_to(RedisDownError())(scope, receive, send)
        scope.setdefault("state", {})["caller"] = caller

        raw = [(name.lower().encode(), value.encode()) for name, value in told.items()]

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *raw]
            await send(message)

        return await self._app(scope, receive, telling if told else send)

    async def _admitted(self, scope: Scope) -> tuple[Caller, dict[str, str]]:
        headers = Headers(scope=scope)
        key = _key(headers)
        if not key:
            await self._without_key(scope, headers)
            return Caller(LOCAL), {}
        digest = digest_of(key)
        answer = await self._ask(scope, digest)
        if answer[0] != b"known" or not hmac.compare_digest(answer[2] or b"", digest.encode()):
            raise KeyRefusedError(f"This server does not know the key, or no longer. {_KEY_REMEDY}")
        _, client, _, webhook, refused, wait, left, full_in = answer
        told = fields(self._policy, left, full_in)
        if refused:
            raise self._too_many(wait, told)
        return Caller(client.decode(), webhook.decode()), told

    async def _without_key(self, scope: Scope, headers: Headers) -> None:
        """Raises unless the caller needs no key."""
        if self._access == "local" and not _is_this_machine(scope, headers):
            raise KeyNeededError(f"Only programs on the server's own machine may use it without a key. {_KEY_REMEDY}")
        if self._access == "keys" or (self._access == "local" and not await self._has_no_keys(scope)):
            raise KeyNeededError(f"This server wants a key. {_KEY_REMEDY}")
        # A browser would carry the form of any web page to this machine; what it cannot do is hide where it is from.
        if _is_cross_site(headers):
            raise CrossSiteError("Pages of other sites may not use a server that asks for no key.")

    async def _has_no_keys(self, scope: Scope) -> bool:
        if time.monotonic() < self._no_keys_until:
            return True
        found = bool((await self._ask(scope, ""))[0] == b"open")
        self._no_keys_until = time.monotonic() + _TRUSTED_S if found else 0.0
        return found

    async def _ask(self, scope: Scope, digest: str) -> list[Any]:
        redis: Redis = scope["app"].state.redis
        if self._script is None or self._script[0] is not redis:
            self._script = redis, redis.register_script(lua("admit"))
        return cast(list[Any], await self._script[1](args=[PREFIX, digest, *self._terms]))

    def _too_many(self, wait_ms: int, told: dict[str, str]) -> ThrottledError:
        seconds = self._policy.window_ms / 1000
        return ThrottledError(
            f"More than {self._policy.quota} requests within {seconds:g} seconds. Wait as long as Retry-After says; "
            "`?wait=30` and the event stream tell of changes with far fewer requests.",
            self._policy.name,
            wait_ms,
            told,
        )

    def _refusal(self, error: KapitolaError) -> Mapping[str, str]:
        # What is left of the body is not read: the connection is not fit for another request.
        headers = {"Connection": "close"}
        if isinstance(error, KeyNeededError):
            headers["WWW-Authenticate"] = 'Bearer realm="kapitola"'
        if isinstance(error, KeyRefusedError):
            headers["WWW-Authenticate"] = 'Bearer realm="kapitola", error="invalid_token"'
        return headers


def _key(headers: Headers) -> str:
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else ""


def _is_this_machine(scope: Scope, headers: Headers) -> bool:
    """Whether the caller is a program here: by its address, without a proxy, and not by a name that was turned on us.

    A page whose own name was made to resolve to 127.0.0.1 (DNS rebinding) is told by the Host that it asks for.
    """
    peer = scope.get("client")
    if peer is None or any(name in headers for name in _FORWARDED):
        return False
    return _is_loopback(peer[0]) and _is_loopback(_host(headers.get("host", "")))


def _is_cross_site(headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is not None:
        return origin.partition("://")[2] != headers.get("host", "")
    return headers.get("sec-fetch-site", "none") not in ("none", "same-origin")


def _host(field: str) -> str:
    return field[1:].partition("]")[0] if field.startswith("[") else field.partition(":")[0]


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
