"""The reply cache: the same prompt to the same model is paid for once. Its keys are told in reply_cache.lua."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import asdict
from importlib.resources import files

from redis.asyncio import Redis

from shared.lecture import Usage
from worker.exchange import Prompt, Reply


class ReplyCache:
    """`scope` is the API client: what one paid for, another never learns of, unless it is shared among all.

    `anew` counts how often a lecture's chunks were asked for once more on purpose: what was kept before is no answer.
    """

    def __init__(self, redis: Redis, ttl_ms: int, most_bytes: int, *, is_shared: bool = False) -> None:
        self._ttl_ms, self._most, self._is_shared = ttl_ms, most_bytes, is_shared
        self._step = redis.register_script(files("worker").joinpath("reply_cache.lua").read_text("utf-8"))

    async def get(self, scope: str, model: str, prompt: Prompt, anew: int = 0) -> Reply | None:
        """The reply kept for exactly this; its usage says that it cost nothing."""
        if not self._ttl_ms:
            return None
        kept = await self._step(args=["get", self._digest(scope, model, prompt, anew)])
        if kept is None:
            return None
        stored = json.loads(zlib.decompress(kept))
        return Reply(stored["text"], stored["finish"], stored["model"], Usage(from_cache=1))

    async def put(self, scope: str, model: str, prompt: Prompt, reply: Reply, anew: int = 0) -> None:
        """Keeps a whole reply. One that was cut short, refused or filtered may turn out better the next time."""
        if not self._ttl_ms or reply.finish != "stop":
            return
        stored = asdict(reply)
        del stored["usage"]
        packed = zlib.compress(json.dumps(stored, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        await self._step(args=["put", self._digest(scope, model, prompt, anew), packed, self._ttl_ms, self._most])

    def _digest(self, scope: str, model: str, prompt: Prompt, anew: int) -> str:
        whose = "" if self._is_shared else scope
        identity = [whose, model, prompt.purpose, prompt.version, prompt.rules, prompt.request]
        again = [anew] if anew else []
        return hashlib.sha256(json.dumps([*identity, *again]).encode()).hexdigest()
