"""The question that `kapitola doctor` has for the workers, and their answer: who answers prompts, and how well.

Each question costs one tiny call per model, so it is asked only when somebody wants to know, and those who ask at
the same time share one answer.
"""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import cast

from pydantic import BaseModel
from redis.asyncio import Redis

from shared.keys import PREFIX

_OPEN_S = 60
"""How long a question waits for its answer, and is that of everybody who asks."""
_FRESH_S = 5
"""How long an answer is given to the next who asks: somebody may just have mended what it says."""
_KEPT_S = 3_600
_ASKED = f"{PREFIX}diagnosis:asked"
_NEWEST = f"{PREFIX}diagnosis:newest"


class EndpointDiagnosis(BaseModel):
    """`problem` is empty where all is well; else it says what is wrong and how to mend it. Never holds a key."""

    endpoint: str
    address: str
    model: str
    answered_by: str = ""
    supports: str = ""
    limits: list[str] = []
    seconds: float = 0.0
    problem: str = ""


class DiagnosisState(StrEnum):
    """asked: no worker has taken the question up yet. examining: one has. done: its answer is there."""

    ASKED = "asked"
    EXAMINING = "examining"
    DONE = "done"


class Diagnosis(BaseModel):
    """What a worker found out about each endpoint."""

    id: str
    state: DiagnosisState = DiagnosisState.ASKED
    endpoints: list[EndpointDiagnosis] = []


class Diagnoses:
    """The questions and answers in Redis."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def ask(self) -> Diagnosis:
        """Leaves a question for the workers; gives the one that is open if there is one."""
        asked = Diagnosis(id=f"dia_{secrets.token_hex(10)}")
        if not await self._redis.set(_NEWEST, asked.id, nx=True, ex=_OPEN_S):
            newest = cast("bytes | None", await self._redis.get(_NEWEST))
            if newest and (known := await self.find(newest.decode())):
                return known
        await self.put(asked)
        async with self._redis.pipeline() as pipe:
            pipe.rpush(_ASKED, asked.id)
            pipe.expire(_ASKED, _OPEN_S)
            await pipe.execute()
        return asked

    async def find(self, id: str) -> Diagnosis | None:
        stored = await self._redis.get(_key(id))
        return Diagnosis.model_validate_json(stored) if stored else None

    async def put(self, diagnosis: Diagnosis) -> None:
        await self._redis.set(_key(diagnosis.id), diagnosis.model_dump_json(), ex=_KEPT_S)
        if diagnosis.state is DiagnosisState.DONE:
            await self._redis.expire(_NEWEST, _FRESH_S)

    async def next_asked(self, wait_s: float) -> str | None:
        """The id of a question that nobody has taken up, which is then the caller's; None after so many seconds."""
        found = cast("tuple[bytes, bytes] | None", await self._redis.blpop([_ASKED], timeout=wait_s))
        return found[1].decode() if found else None


def _key(id: str) -> str:
    return f"{PREFIX}diagnosis:{id}"
