"""The workers' answer to `kapitola doctor`: who answers prompts, what they support, and how to mend what is wrong."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.diagnosis import Diagnoses, Diagnosis, DiagnosisState, EndpointDiagnosis
from shared.endpoints import Endpoint
from worker.exchange import Prompt
from worker.model.errors import ModelError
from worker.model.openai_compatible import OpenAICompatible

log = logging.getLogger(__name__)

_LOOK_S = 5.0
"""How long one wait for a question lasts: shorter than the socket's own timeout."""
_PATIENCE_S = 60.0
"""Somebody sits in front of a terminal: a model that takes longer than this for one heading is in trouble."""
_PROMPT = Prompt(
    "translate", "doctor-1", 'Name the one thing that the lines are about. Return only JSON: {"titles": ["Heading"]}',
    "1 Bread is flour, water, salt and time.", "en",
)  # fmt: skip
_SUPPORTED = {
    "recursive": "structured output, recursive schemas",
    "unrolled": "structured output, flat schemas",
    "json": "JSON mode",
    "none": "plain text only",
}


async def answer_questions(redis: Redis, endpoints: Sequence[Endpoint]) -> None:
    """Until cancelled: takes up what `kapitola doctor` asks. An outage of Redis is waited out."""
    diagnoses = Diagnoses(redis)
    while True:
        try:
            if asked := await diagnoses.next_asked(_LOOK_S):
                await diagnoses.put(Diagnosis(id=asked, state=DiagnosisState.EXAMINING))
                found = await asyncio.gather(*(examine(endpoint, redis) for endpoint in endpoints))
                await diagnoses.put(Diagnosis(id=asked, state=DiagnosisState.DONE, endpoints=found))
        except (RedisError, OSError) as error:
            log.warning("Redis does not answer (%s): trying again", error)
            await asyncio.sleep(_LOOK_S)


async def examine(endpoint: Endpoint, redis: Redis | None = None) -> EndpointDiagnosis:
    """One tiny call, outside the limiter: it is to work, or to say why not, however busy the others are."""
    found = EndpointDiagnosis(endpoint=endpoint.name, address=endpoint.address, model=endpoint.model)
    if endpoint.is_offline:
        return found.model_copy(
            update={"address": "built in", "answered_by": endpoint.model, "supports": "titles as the lecture's words"}
        )
    deadlines = replace(endpoint.deadlines, total=min(_PATIENCE_S, endpoint.deadlines.total))
    model, begun = OpenAICompatible(replace(endpoint, deadlines=deadlines, economy=False), redis), time.monotonic()
    try:
        answer = await model.answer(_PROMPT)
        async with model.memory.known() as capabilities:
            supports = _SUPPORTED[capabilities.structure]
    except ModelError as error:
        return found.model_copy(update={"problem": str(error)})
    finally:
        await model.close()
    ended = answer.reply.finish
    return found.model_copy(
        update={
            "answered_by": answer.reply.model,
            "supports": supports,
            "limits": _limits(answer.headers),
            "seconds": round(time.monotonic() - begun, 2),
            "problem": "" if ended == "stop" else f"{endpoint.name}: ended its reply with {ended}",
        }
    )


def _limits(headers: Mapping[str, str]) -> list[str]:
    told = {name: value for name, value in sorted(headers.items()) if name.startswith("x-ratelimit-")}
    return [f"{name.removeprefix('x-ratelimit-')}: {value}" for name, value in told.items() if "reset" not in name]
