"""A stand-in model server: real HTTP, hard limits with the real headers, and every fault of model_faults.py.

In a test: `with ModelServer(script=["500", "429"]) as server: ... server.base_url ... server.calls`.
By itself: `python tests/model_server.py --port 8001 --rpm 300 --tpm 600000 --latency 0.5`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parent))
from model_faults import FAULTS, refusal
from model_kinds import unlike

Answers = Callable[[str, str], tuple[str, str] | None]
"""Takes the purpose of a prompt and its request; gives the text and the finish reason, None for a plausible answer."""
_CUE_LINE = re.compile(r"^\s*(?:\[?\d\d:\d\d:\d\d\]?\s+)?(\d+)[.:]?\s+(\S.*)$", re.M)


@dataclass
class Limit:
    """A hard limit a minute: a bucket that holds `burst_s` seconds' worth, or a window of a minute that slides."""

    kind: Literal["bucket", "sliding"]
    per_minute: int
    burst_s: float = 10.0
    _level: float = 0.0
    _at: float = field(default_factory=time.monotonic)
    _seen: deque[tuple[float, int]] = field(default_factory=deque)

    def left(self) -> float:
        now = time.monotonic()
        if self.kind == "sliding":
            while self._seen and self._seen[0][0] <= now - 60:
                self._seen.popleft()
            return self.per_minute - sum(cost for _, cost in self._seen)
        self._level = max(0.0, self._level - (now - self._at) * self.per_minute / 60)
        self._at = now
        return self.per_minute * self.burst_s / 60 - self._level

    def take(self, cost: int) -> None:
        self._level += cost
        self._seen.append((time.monotonic(), cost))

    def wait(self, cost: int) -> float:
        """Seconds until so much fits."""
        missing = cost - self.left()
        if missing <= 0:
            return 0.0
        if self.kind == "bucket":
            return missing * 60 / self.per_minute
        return max(0.01, self._seen[0][0] + 60 - time.monotonic()) if self._seen else 60.0


@dataclass(frozen=True)
class Call:
    """One request as the server saw it. `status` 0: the client went away, or was sent away, before the answer."""

    at: float
    status: int
    tokens: int
    request: dict[str, Any]
    headers: Mapping[str, str]


class ModelServer:
    """Answers on a thread of its own. `script` names the faults of the first calls ("" for none); `mix` gives the
    shares of faults among all calls after those, by a seeded chance; `imitate` is a kind of server; `answers` gives
    the text of an answer itself, and how it ended."""

    def __init__(
        self, *, script: Iterable[str] = (), mix: Mapping[str, float] | None = None, imitate: str = "",
        latency: float = 0.0, rpm: int | None = None, tpm: int | None = None,
        limits: Literal["bucket", "sliding"] = "bucket", burst_s: float = 10.0, seed: int = 1, port: int = 0,
        tokens_out: int | None = None, answers: Answers | None = None,
    ) -> None:  # fmt: skip
        self.script, self.mix, self.imitate, self.latency = deque(script), dict(mix or {}), imitate, latency
        self.calls: list[Call] = []
        self.abandoned = threading.Event()
        """Set when a client closed its connection before it was answered."""
        self._limits = {
            name: Limit(limits, most, burst_s) for name, most in (("requests", rpm), ("tokens", tpm)) if most
        }
        self._chance, self._port, self._tokens_out = random.Random(seed), port, tokens_out
        self.answers = answers
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="model-server", daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        app = web.Application(client_max_size=50_000_000)
        app.router.add_post("/v1/chat/completions", self._answer)
        app.router.add_post("/openai/deployments/{model}/chat/completions", self._answer)
        app.router.add_get("/statistics", self._statistics)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        at, body = time.monotonic(), await request.json()
        good = self._completion(body)
        tokens, status = good["usage"]["total_tokens"], 0
        try:
            response = unlike(self.imitate, body) or self._over_limit(tokens) or await self._reply(request, body, good)
            gone = request.transport is None or request.transport.is_closing()
            status = 0 if gone else response.status
            return response
        except (asyncio.CancelledError, ConnectionError):
            self.abandoned.set()
            raise
        finally:
            self.calls.append(Call(at, status, tokens, body, dict(request.headers)))

    async def _reply(self, request: web.Request, body: dict[str, Any], good: dict[str, Any]) -> web.StreamResponse:
        headers = self._headers()
        if self.latency:
            await asyncio.sleep(self.latency * self._chance.uniform(0.5, 1.5))
        if fault := self._next_fault():
            return await FAULTS[fault](request, good)
        if self.imitate == "ignores" and "response_format" in body:
            return await FAULTS["fenced"](request, good)
        if self.imitate == "loops" and body.get("response_format", {}).get("type") == "json_schema":
            choice = good["choices"][0] | {"message": {"content": "{" + "\n" * 1000}, "finish_reason": "length"}
            good = good | {"choices": [choice]}
        return web.json_response(good, headers=headers)

    def _next_fault(self) -> str:
        if self.script:
            return self.script.popleft()
        chance = self._chance.random()
        for name, share in self.mix.items():
            if (chance := chance - share) < 0:
                return name
        return ""

    def _over_limit(self, tokens: int) -> web.Response | None:
        costs = {"requests": 1, "tokens": tokens}
        wait = max((limit.wait(costs[name]) for name, limit in self._limits.items()), default=0.0)
        if wait > 0:
            refused = refusal(
                429, "Rate limit reached", "rate_limit_exceeded", retry_after_ms=str(int(wait * 1000) + 1)
            )
            refused.headers.update(self._headers())
            return refused
        for name, limit in self._limits.items():
            limit.take(costs[name])
        return None

    def _headers(self) -> dict[str, str]:
        told = {f"x-ratelimit-limit-{n}": str(limit.per_minute) for n, limit in self._limits.items()}
        return told | {f"x-ratelimit-remaining-{n}": str(max(0, int(m.left()))) for n, m in self._limits.items()}

    def _completion(self, body: dict[str, Any]) -> dict[str, Any]:
        text = "\n".join(str(m["content"]) for m in body["messages"])
        request = str(body["messages"][-1]["content"])
        told = self.answers(_purpose(body), request) if self.answers else None
        content, finish = told or (json.dumps(_outline(_purpose(body), request), ensure_ascii=False), "stop")
        tokens_in, tokens_out = len(text.encode()) // 4, self._tokens_out or len(content.encode()) // 4
        return {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body.get("model", "stand-in"),
            "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}],
            "usage": {
                "prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": tokens_in + tokens_out,
                "prompt_tokens_details": {"cached_tokens": 0},
            },
        }  # fmt: skip

    async def _statistics(self, request: web.Request) -> web.Response:
        """For processes that cannot read `calls`: (seconds, status, tokens) of each."""
        return web.json_response([(c.at, c.status, c.tokens) for c in self.calls])


def _purpose(body: dict[str, Any]) -> str:
    """What is asked for: by the name of the schema, or where there is none by what its rules begin with."""
    if named := body.get("response_format", {}).get("json_schema", {}).get("name"):
        return str(named)
    rules = str(body["messages"][0]["content"])
    return "translate" if "numbered headings" in rules else "group" if "numbered sections" in rules else "outline"


def _outline(purpose: str, request: str) -> Any:
    """A plausible answer from the numbered lines of the request: a topic every dozen cues, a subtopic every four."""
    lines = [
        (int(number), said) for number, said in _CUE_LINE.findall(request.partition("\nTranscript:")[2] or request)
    ]
    if purpose == "translate":
        return {"titles": [_title(said) for _, said in lines]}
    if purpose == "group":
        numbers = [n for n, _ in lines]
        step = max(1, -(-len(numbers) // 8))
        return {
            "groups": [
                {"title": _title(lines[i][1]), "sections": numbers[i : i + step]} for i in range(0, len(lines), step)
            ],
            "same": [],
        }
    step = max(12, -(-len(lines) // 9))
    return {"outline": [_section(lines[i : i + step], step // 3) for i in range(0, len(lines), step)]}


def _section(lines: list[tuple[int, str]], step: int) -> dict[str, Any]:
    below = [_section(lines[i : i + step], 0) for i in range(step, len(lines), step)] if step else []
    return {"title": _title(lines[0][1]), "start_time": "", "cue": lines[0][0], "subsections": below}


def _title(said: str) -> str:
    words = re.findall(r"[^\W\d]+", said)[:6]
    return " ".join(words).capitalize() or "Untitled"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--rpm", type=int)
    parser.add_argument("--tpm", type=int)
    parser.add_argument("--limits", choices=("bucket", "sliding"), default="bucket")
    parser.add_argument("--burst", type=float, default=10.0, help="seconds' worth that a bucket holds")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds, give or take a half")
    parser.add_argument("--tokens-out", type=int)
    parser.add_argument("--imitate", default="")
    parser.add_argument("--script", default="", help="faults of the first calls, with commas")
    parser.add_argument("--mix", default="", help="shares of faults, such as 500=0.1,reset=0.1")
    given = parser.parse_args()
    mix = {name: float(share) for name, _, share in (part.partition("=") for part in given.mix.split(",") if part)}
    server = ModelServer(
        script=[name for name in given.script.split(",") if name], mix=mix, imitate=given.imitate, port=given.port,
        latency=given.latency, rpm=given.rpm, tpm=given.tpm, limits=given.limits, burst_s=given.burst,
        tokens_out=given.tokens_out,
    )  # fmt: skip
    with server:
        print(server.base_url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
