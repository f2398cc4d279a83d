"""Chat Completions, from any server that speaks them: OpenAI, Azure, vLLM, Ollama, llama.cpp, LM Studio, OpenRouter."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx2
import openai
from redis.asyncio import Redis

from shared.endpoints import ONLY_LOCAL, Endpoint, forbid_remote
from worker.exchange import Prompt, Reply
from worker.model import answers
from worker.model.capabilities import Capabilities, CapabilitiesMemory
from worker.model.errors import ModelError, ModelMisconfiguredError, ModelReplyError, ModelUnavailableError
from worker.model.schemas import response_format

MOST_TOKENS_OUT = 16_000
"""Reasoning included. An outline of a chunk takes one to four thousand."""
ECONOMY_DEADLINE_S = 900.0
"""What OpenAI recommends for the flex tier."""
_NOBODY_THERE_MS = 3_000
"""A server that is not running is not there a moment later: its chunks wait in the ledger, where that is told."""
_MOST_REFUSALS = 8
"""There is less than that to give up: a server that refuses more often refuses something else."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, with the headers that tell what the account still allows."""

    reply: Reply
    headers: Mapping[str, str]
    economy: bool = False
    """It came from the flex tier."""


class TooManyBytesError(httpx2.TransportError):
    """A body went over our byte limit; the connection is closed."""


class OpenAICompatible:
    """One model at one address. `answer` makes one call (more only while the server's capabilities are found out)."""

    def __init__(self, endpoint: Endpoint, redis: Redis | None = None) -> None:
        if os.environ.get(ONLY_LOCAL, "") not in ("", "0"):
            forbid_remote(endpoint)  # here as well, where every call must pass: no test gets round it
        self.endpoint = endpoint
        self.memory = CapabilitiesMemory(redis, endpoint.base_url, endpoint.model)
        self._client = _client(endpoint)

    async def answer(self, prompt: Prompt) -> Answer:
        """Asks once. Raises a ModelError; nothing of the key or of the transport's own errors goes with it."""
        try:
            async with self.memory.known() as capabilities:
                return await self._negotiate(prompt, capabilities)
        except ModelError as error:
            said = answers.without_quotes(error.problem, prompt.request)
            raise type(error)(error.endpoint, said, error.retry_after_ms) from None

    async def close(self) -> None:
        await self._client.close()

    async def _negotiate(self, prompt: Prompt, capabilities: Capabilities) -> Answer:
        is_full = False
        for _ in range(_MOST_REFUSALS):
            response = await self._send(prompt, capabilities)
            if response.status_code == 200:
                return await self._accept(prompt, capabilities, response, is_full)
            body = _json(response)
            if reply := answers.reply_in_refusal(self.endpoint.name, self.endpoint.model, prompt, body):
                return Answer(reply, response.headers)
            less = self._less(prompt, capabilities, response, body)
            if less is None:
                raise self._error(response, body)
            capabilities, is_full = less, is_full or response.status_code == 429
        raise ModelMisconfiguredError(self.endpoint.name, f"refuses every form of the request ({self._said(body)})")

    def _less(self, prompt: Prompt, tried: Capabilities, response: httpx2.Response, body: Any) -> Capabilities | None:
        """What to try after this refusal; None where trying differently would not help."""
        said = self._said(body)
        if self._economy(prompt, tried) and answers.is_tier_full(response.status_code, body):
            return replace(tried, tier=False)
        # OpenRouter's 404 is about parameters, or about the model.
        if response.status_code not in (400, 422) and not (response.status_code == 404 and "parameter" in said.lower()):
            return None
        if answers.too_long(said):
            # Servers of small models count the room for the answer in: without a limit of ours, it may fit.
            return replace(tried, limit="") if tried.limit and "token" in said.lower() else None
        return tried.without(said)

    async def _accept(
        self, prompt: Prompt, capabilities: Capabilities, response: httpx2.Response, is_full: bool
    ) -> Answer:
        reply = answers.read_reply(self.endpoint.name, self.endpoint.model, prompt, response.content)
        # A full flex tier is a matter of the hour, not of the server: only one that does not know it is remembered.
        learnt = replace(capabilities, proven=True, tier=capabilities.tier or is_full)
        if _disobeys(reply, capabilities):
            learnt = learnt.disobeyed()
        await self.memory.learn(learnt)
        return Answer(reply, response.headers, self._economy(prompt, capabilities))

    async def _send(self, prompt: Prompt, capabilities: Capabilities) -> httpx2.Response:
        """Any answer the server gave, whatever its status, read whole within time and bytes."""
        name = self.endpoint.name
        total = ECONOMY_DEADLINE_S if self._economy(prompt, capabilities) else self.endpoint.deadlines.total
        try:
            async with asyncio.timeout(total):
                create = self._client.chat.completions.with_raw_response.create
                response: httpx2.Response = (await create(**self._request(prompt, capabilities))).http_response
                return response
        except openai.APIStatusError as error:
            return error.response
        except TimeoutError:
            raise ModelUnavailableError(name, f"did not finish within {total:g} s") from None
        except openai.APIConnectionError as error:
            raise self._unreached(error) from None
        except openai.OpenAIError as error:
            raise ModelReplyError(name, f"answered with something unreadable ({type(error).__name__})") from None

    def _unreached(self, error: openai.APIConnectionError) -> ModelError:
        name, cause = self.endpoint.name, error.__cause__
        if isinstance(cause, TooManyBytesError):
            return ModelReplyError(name, f"answered with more than {self.endpoint.deadlines.bytes:,} bytes")
        if why := _why_not_connected(cause):
            problem = f"nothing answers at {self.endpoint.address} ({why}): is it running, and is that its address?"
            return ModelUnavailableError(name, problem, _NOBODY_THERE_MS)
        if isinstance(cause, httpx2.ReadTimeout):
            return ModelUnavailableError(name, f"was silent for {self.endpoint.deadlines.first_byte:g} s")
        return ModelUnavailableError(name, f"cannot be reached or broke off ({type(cause or error).__name__})")

    def _request(self, prompt: Prompt, capabilities: Capabilities) -> dict[str, Any]:
        # The rules come first and are the same for every chunk: providers cache exact prefixes.
        request: dict[str, Any] = {
            "model": self.endpoint.model,
            "messages": [{"role": "system", "content": prompt.rules}, {"role": "user", "content": prompt.request}],
        }
        if structure := response_format(prompt.purpose, capabilities.structure):
            request["response_format"] = structure
        if capabilities.limit:
            request[capabilities.limit] = MOST_TOKENS_OUT
        if capabilities.reasoning and self.endpoint.reasoning:
            request["reasoning_effort"] = self.endpoint.reasoning
        if capabilities.temperature:
            request["temperature"] = 0
        if self._economy(prompt, capabilities):
            request |= {"service_tier": "flex", "timeout": ECONOMY_DEADLINE_S}
        return request

    def _economy(self, prompt: Prompt, capabilities: Capabilities) -> bool:
        return capabilities.tier and (self.endpoint.economy or prompt.options.economy)

    def _error(self, response: httpx2.Response, body: Any) -> ModelError:
        error = answers.status_error(self.endpoint.name, response.status_code, body, response.headers)
        if error is None:
            said = self._said(body)
            return ModelMisconfiguredError(self.endpoint.name, f"refuses the request ({response.status_code}: {said})")
        return type(error)(error.endpoint, self._without_key(error.problem), error.retry_after_ms)

    def _said(self, body: Any) -> str:
        return self._without_key(answers.message_of(body.get("error", body) if isinstance(body, dict) else body))

    def _without_key(self, text: str) -> str:
        """Some servers quote the key that they refuse."""
        return text.replace(self.endpoint.key, "[key]") if self.endpoint.key else text


def _client(endpoint: Endpoint) -> openai.AsyncOpenAI:
    limits = endpoint.deadlines
    timeout = httpx2.Timeout(limits.first_byte, connect=limits.connect, pool=limits.total)
    http = openai.DefaultAioHttpClient(
        timeout=timeout,
        trust_env=not endpoint.is_local,  # a proxy of the environment is for what lies beyond this machine
        follow_redirects=False,  # a redirect would carry the key and the transcript to an address nobody chose
        headers={"Accept-Encoding": "identity"},  # a byte limit means little against a compressed body
        event_hooks={"response": [_bounding(limits.bytes)]},
    )
    key = endpoint.key or "none"
    if endpoint.api_version and "/openai/v1" not in endpoint.base_url:
        return openai.AsyncAzureOpenAI(
            api_key=key, api_version=endpoint.api_version, azure_endpoint=endpoint.base_url.removesuffix("/openai"),
            max_retries=0, timeout=timeout, http_client=http,
        )  # fmt: skip
    # Named so that nothing of OPENAI_ORG_ID and its kin goes to a server that is not OpenAI's.
    return openai.AsyncOpenAI(api_key=key, base_url=endpoint.base_url, max_retries=0, timeout=timeout, http_client=http)


def _why_not_connected(error: BaseException | None) -> str:
    """What the system says of a connection that was not made; nothing for one that was, or whose time ran out.

    The transport calls every one of them a timeout; the system's own error is further down.
    """
    if not isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError):
        return ""
    system = getattr(error.__cause__, "os_error", None)
    if not isinstance(system, OSError) or isinstance(system, TimeoutError):
        return ""
    return os.strerror(system.errno) if system.errno and system.errno > 0 else str(system.strerror or "")


def _bounding(most: int) -> Any:
    async def bound(response: httpx2.Response) -> None:
        response.stream = _BoundedStream(response.stream, most)

    return bound


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: Any, most: int) -> None:
        self._stream, self._most = stream, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        read = 0
        async for part in self._stream:
            read += len(part)
            if read > self._most:
                raise TooManyBytesError(f"more than {self._most} bytes")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def _json(response: httpx2.Response) -> Any:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return response.text[:1000]


def _disobeys(reply: Reply, capabilities: Capabilities) -> bool:
    """A whole reply that is no JSON object, or a loop of white space, although a structure was asked for."""
    if capabilities.structure == "none":
        return False
    if reply.finish == "length":
        return len(reply.text) > 200 and len(reply.text.strip()) < len(reply.text) // 2
    if reply.finish != "stop":
        return False
    try:
        return not isinstance(json.loads(reply.text), dict)
    except (ValueError, RecursionError):
        return True
