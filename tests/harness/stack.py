"""The whole path of a work, with everything real but the model: Redis, workers, and the stand-in model server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from harness.crew import Crew
from harness.history import Verdict, verdict
from harness.redis_process import RedisProcess
from model_server import ModelServer
from redis.asyncio import Redis

from shared.door import connect
from shared.lecture import ENDED
from shared.ledger import LectureRecord, Ledger, Submission
from shared.settings import Settings

T = TypeVar("T")


class Stack:
    """`through` is the address of Redis for workers, if it is not Redis's own: a proxy's. Other settings by name."""

    def __init__(
        self, folder: Path, redis: RedisProcess, model: ModelServer, *, through: str = "", threads: int = 8,
        **settings: object,
    ) -> None:  # fmt: skip
        self.redis_process, self.model = redis, model
        environment = {
            "KAPITOLA_REDIS_URL": through or redis.url, "OPENAI_BASE_URL": model.base_url, "OPENAI_API_KEY": "none",
            "KAPITOLA_MODEL": "stand-in",
        }  # fmt: skip
        environment |= {f"KAPITOLA_{name.upper()}": str(value) for name, value in settings.items()}
        self.crew = Crew(folder, environment, threads)
        self.accepted: dict[str, Submission] = {}
        self._settings = Settings(redis_url=redis.url, _env_file=None)

    def __enter__(self) -> Self:
        self._exits = ExitStack()
        self._exits.enter_context(self.crew)
        self._runner = self._exits.enter_context(asyncio.Runner())
        self.redis: Redis = connect(self._settings)
        self.ledger = Ledger(self.redis, keep_days=1)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.run(self.ledger.close())
        self.run(self.redis.aclose())
        self._exits.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def accept(self, *lectures: Submission, client: str = "a", batch: str = "") -> None:
        """Hands lectures in without a ticket: the reconciler issues those."""
        self.run(self.ledger.accept(client, batch or f"batch-{lectures[0].id}", lectures))
        self.accepted |= {lecture.id: lecture for lecture in lectures}

    def lecture(self, id: str) -> LectureRecord:
        record = self.run(self.ledger.lecture(id))
        assert record, f"{id} is gone"
        return record

    def wait_until(self, holds: Callable[[], bool], seconds: float = 60, what: str = "it did not come about") -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"{what} within {seconds:.0f} s\n{self.crew.logs()[-4000:]}"
            time.sleep(0.05)

    def has_ended(self, ids: Sequence[str] = ()) -> bool:
        return self.run(_all_ended(self.ledger, ids or list(self.accepted)))

    def wait_for_all(self, seconds: float = 90) -> None:
        self.wait_until(self.has_ended, seconds, "not all lectures ended")

    def verdict(self) -> Verdict:
        return self.run(verdict(self.redis, self.ledger, self.accepted))

    def calls(self, saying: str = "") -> int:
        """Calls to the model so far, those whose prompt says so."""
        return sum(1 for call in list(self.model.calls) if saying in call.request["messages"][-1]["content"])

    def calls_made_twice(self) -> int:
        """Calls to the model that asked what had been asked before."""
        prompts = [str(call.request["messages"]) for call in self.model.calls]
        return len(prompts) - len(set(prompts))

    def tallies(self) -> dict[str, int]:
        return {name.decode(): int(n) for name, n in self.run(_hash(self.redis, "kapitola:tallies")).items()}


async def _all_ended(ledger: Ledger, ids: Sequence[str]) -> bool:
    for id in ids:
        record = await ledger.lecture(id)
        if record is None or record.state not in ENDED:
            return False
    return True


async def _hash(redis: Redis, key: str) -> dict[bytes, bytes]:
    found: Awaitable[dict[bytes, bytes]] = redis.hgetall(key)  # type: ignore[assignment]
    return await found
