"""Clients of the API and their keys. A key is shown once; Redis holds only its digest.

A key is 32 random bytes, so its SHA-256 needs no salt and no slow hash: there is nothing that could be guessed.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from redis.asyncio import Redis

from shared.errors import KapitolaError
from shared.keys import PREFIX

LOCAL = "local"
"""The client of whoever needs no key: see KAPITOLA_ACCESS."""
KEY_MARK, SECRET_MARK = "kap_", "whsec_"
_OLD_SECRET_S = 86_400
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class ClientNameError(KapitolaError):
    """A client's name is 1 to 64 small letters, digits, dots, hyphens and underscores."""

    code = "client-name"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} cannot name a client. Take small letters, digits, dots, hyphens and underscores: `physics-101`."
        )


class UnknownKeyError(KapitolaError):
    """There is no such key."""

    code = "unknown-key"

    def __init__(self, id: str) -> None:
        super().__init__(f"There is no key {id}. `kapitola keys list` shows all of them.")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key. `used` is None, or when it last was, to the minute."""

    id: str
    client: str
    created: datetime
    used: datetime | None
    webhook: str


class Clients:
    """Makes, lists and revokes keys; holds each client's secret, which its webhooks are signed with."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def create_key(self, client: str, webhook: str = "") -> tuple[str, str]:
        """A new key of `client` and the key's id; both the client and its secret are made if they are new."""
        if not _NAME.fullmatch(client):
            raise ClientNameError(client)
        key, id = KEY_MARK + secrets.token_hex(32), f"key_{secrets.token_hex(4)}"
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(
                f"{PREFIX}key:{digest_of(key)}",
                mapping={"id": id, "client": client, "created": int(time.time()), "webhook": webhook},
            )
            pipe.hset(f"{PREFIX}keys", id, digest_of(key))
            pipe.setnx(f"{PREFIX}secret:{client}", _new_secret())
            await pipe.execute()
        return key, id

    async def keys(self) -> list[ApiKey]:
        """Every key, by client, the oldest first."""
        digests = await self._redis.hvals(f"{PREFIX}keys")
        async with self._redis.pipeline(transaction=False) as pipe:
            for digest in digests:
                pipe.hgetall(f"{PREFIX}key:{_text(digest)}")
            rows = await pipe.execute()
        return sorted((_read(row) for row in rows if row), key=lambda key: (key.client, key.created, key.id))

    async def revoke_key(self, id: str) -> bool:
        """Refuses the key from now on; True if it was the last one of all. Raises UnknownKeyError."""
        digest = await self._redis.hget(f"{PREFIX}keys", id)
        if digest is None:
            raise UnknownKeyError(id)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(f"{PREFIX}key:{_text(digest)}")
            pipe.hdel(f"{PREFIX}keys", id)
            pipe.exists(f"{PREFIX}keys")
            *_, left = await pipe.execute()
        return not left

    async def secret(self, client: str) -> str | None:
        """What the client's webhooks are signed with; None if it has none yet."""
        found = await self._redis.get(f"{PREFIX}secret:{client}")
        return _text(found) if found else None

    async def secrets(self, client: str) -> list[str]:
        """The client's secret, and the one before it while that goes on signing as well."""
        found = await self._redis.mget(f"{PREFIX}secret:{client}", f"{PREFIX}secret:{client}:before")
        return [_text(secret) for secret in found if secret]

    async def renew_secret(self, client: str) -> str:
        """Another secret for the client. The one before it goes on signing beside it for a day."""
        if not _NAME.fullmatch(client):
            raise ClientNameError(client)
        current, secret = f"{PREFIX}secret:{client}", _new_secret()
        before = await self._redis.set(current, secret, get=True)
        if before:
            await self._redis.set(f"{current}:before", before, ex=_OLD_SECRET_S)
        return secret


def digest_of(key: str) -> str:
    """What Redis knows a key by."""
    return hashlib.sha256(key.encode()).hexdigest()


def _text(found: bytes | str) -> str:
    return found.decode() if isinstance(found, bytes) else found


def _new_secret() -> str:
    return SECRET_MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def _read(row: dict[bytes, bytes]) -> ApiKey:
    text = {name.decode(): value.decode() for name, value in row.items()}
    used = text.get("used")
    return ApiKey(text["id"], text["client"], _when(text["created"]), _when(used) if used else None, text["webhook"])


def _when(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
