"""The API under a real uvicorn over a real Redis, with the test itself as its worker: it decides when what is done."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
from redis import Redis as SyncRedis
from redis.asyncio import Redis
from served import served

from shared.endpoints import OFFLINE
from shared.lecture import ChunkOutline, LectureState, Outline
from shared.ledger import Ledger
from shared.outline import Section, stretched
from shared.settings import Settings
from worker.claims import Claim, Claims
from worker.limiter import Limiter

BREAD = "".join(
    f"{n + 1}\n00:00:{n * 10:02},000 --> 00:00:{n * 10 + 9:02},000\n{text}\n\n"
    for n, text in enumerate(
        ("Bread is flour and water.", "Yeast eats the sugar.", "Salt slows it down.", "Then it is baked.", "And eaten.")
    )
)
TITLES = ("Flour and water", "Yeast", "Salt", "Baking", "Eating")


@dataclass
class FrontDoor:
    url: str
    http: httpx2.Client
    settings: Settings

    def submit(self, *names: str, text: str = BREAD, **headers: str) -> dict[str, Any]:
        files = [("files", (name, text.encode())) for name in names or ("bread.srt",)]
        answer = self.http.post("/v1/lectures", files=files, headers=headers)
        assert answer.status_code == 202, answer.text
        return answer.json()

    def lecture(self) -> str:
        """The id of a lecture that was just handed in."""
        return str(self.submit()["lectures"][0]["id"])

    def done(self, state: LectureState = LectureState.DONE) -> str:
        """The id of a lecture that has ended in `state`. Nothing else may be waiting."""
        id = self.lecture()
        self.work(state)
        return id

    def work(self, state: LectureState = LectureState.DONE, most: int = 1_000) -> int:
        """Does what is waiting, at most so many works; the lectures end in `state`. Gives how many were done."""
        return asyncio.run(_work(self.settings, state, most))


@contextmanager
def front_door(redis_url: str, **changes: Any) -> Iterator[FrontDoor]:
    """Over a Redis that is emptied first."""
    with SyncRedis.from_url(redis_url) as redis:
        redis.flushall()
    settings = Settings(redis_url=redis_url, _env_file=None, **changes)
    with served(settings) as url, httpx2.Client(base_url=url, timeout=30, trust_env=False) as http:
        yield FrontDoor(url, http, settings)


async def _work(settings: Settings, state: LectureState, most: int) -> int:
    redis = Redis.from_url(settings.redis_url)
    limiter = Limiter(redis, [OFFLINE])
    claims, ledger = Claims(redis, limiter, 30, attempts=3), Ledger(redis, settings.keep_days)
    done = 0
    try:
        while done < most and isinstance(claim := await claims.take(), Claim):
            await _one(claims, ledger, claim, state)
            await limiter.give_back(claim.permit)
            done += 1
    finally:
        await limiter.close()
        await redis.aclose()
    return done


async def _one(claims: Claims, ledger: Ledger, claim: Claim, state: LectureState) -> None:
    if claim.chunk is None:
        cues = await ledger.cues(claim.lecture)
        assert cues is not None
        sections = [
            Section(title=TITLES[n % len(TITLES)], start=cue.start, end=cue.end, cue=n)
            for n, cue in enumerate(cues.cues)
        ][:10]
        ends = stretched(sections, max(cue.end for cue in cues.cues))
        outline = Outline(sections=ends, language="en", title_language="en", chunks=(), models=("stand-in",))
        await claims.commit(claim, outline.model_dump_json(), state)
    elif state is LectureState.FAILED:
        await claims.fail(claim, "no sense in it")
    else:
        await claims.commit(claim, ChunkOutline(index=claim.chunk, sections=()).model_dump_json())
