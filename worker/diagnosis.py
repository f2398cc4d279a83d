"""What `kapitola doctor` tells of the models: who answers, what they support, and how to mend what is wrong.

A worker finds out when it starts, with one tiny call per endpoint, and leaves it in Redis for the API to show.
Key `kapitola:diagnosis`: string, JSON list of Diagnosis.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from redis.asyncio import Redis

from worker.exchange import Prompt
from worker.model.endpoints import Endpoint
from worker.model.errors import ModelError
from worker.model.openai_compatible import OpenAICompatible

KEPT_S = 86_400
KEY = "kapitola:diagnosis"
_RULES = 'Name the one thing that the lines are about. Return only JSON: {"titles": ["Heading"]}'
_SUPPORTED = {
    "recursive": "structured output, recursive schemas",
    "unrolled": "structured output, flat schemas",
    "json": "JSON mode",
    "none": "plain text only",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`problem` is empty where all is well; else it says what is wrong and how to mend it. Never holds a key."""

    endpoint: str
    address: str
    model: str
    answered_by: str = ""
    supports: str = ""
    limits: tuple[str, ...] = ()
    seconds: float = 0.0
    problem: str = ""


async def diagnose(endpoint: Endpoint, redis: Redis | None = None) -> Diagnosis:
    """One tiny call, outside the limiter: it is to work, or to say why not, however busy the others are."""
    if endpoint.is_offline:
        return Diagnosis("offline", "built in", endpoint.model, endpoint.model, "outlines in the transcript's language")
    model, begun = OpenAICompatible(endpoint, redis), time.monotonic()
    found = Diagnosis(endpoint.name, endpoint.base_url, endpoint.model)
    prompt = Prompt("translate", "doctor-1", _RULES, "1 Bread is flour, water, salt and time.", "en")
    try:
        answer = await model.answer(prompt)
        async with model.memory.known() as capabilities:
            supports = _SUPPORTED[capabilities.structure]
    except ModelError as error:
        return Diagnosis(found.endpoint, found.address, found.model, problem=str(error))
    finally:
        await model.close()
    told = {n: v for n, v in sorted(answer.headers.items()) if n.startswith("x-ratelimit-") and "reset" not in n}
    return Diagnosis(
        endpoint=found.endpoint,
        address=found.address,
        model=found.model,
        answered_by=answer.reply.model,
        supports=supports,
        limits=tuple(f"{name.removeprefix('x-ratelimit-')}: {value}" for name, value in told.items()),
        seconds=round(time.monotonic() - begun, 2),
        problem="" if answer.reply.finish == "stop" else f"{endpoint.name}: ended its reply with {answer.reply.finish}",
    )


async def leave_diagnoses(redis: Redis, endpoints: Sequence[Endpoint]) -> None:
    """Finds out, and leaves it for the API."""
    found = [asdict(await diagnose(endpoint, redis)) for endpoint in endpoints]
    await redis.set(KEY, json.dumps(found), ex=KEPT_S)
