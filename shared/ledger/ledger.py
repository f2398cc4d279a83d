"""What the front door does with the ledger: accept, read, cancel, retry, remove."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import cast

from redis.asyncio import Redis

from shared.chunks import Chunk
from shared.cues import Cues, pack, unpack
from shared.errors import KapitolaError
from shared.keys import PREFIX
from shared.lecture import ChunkOutline, Options, Outline
from shared.ledger.records import LectureRecord
from shared.ledger.scripts import script


@dataclass(frozen=True, slots=True)
class Submission:
    """One lecture as it is handed in: its transcript read, its chunks cut."""

    id: str
    name: str
    cues: Cues
    chunks: tuple[Chunk, ...]
    options: Options
    webhook: str = ""

    def row(self) -> dict[str, object]:
        """What accept.lua takes of it, but for the cues."""
        fields = {
            "name": self.name,
            "options": self.options.model_dump_json(),
            "format": self.cues.format,
            "encoding": self.cues.encoding,
            "duration": max(cue.end for cue in self.cues.cues),
            "mendings": json.dumps([asdict(m) for m in self.cues.mendings]),
            "webhook": self.webhook,
        }
        chunks = [{"tokens": c.tokens, "spec": json.dumps(asdict(c))} for c in self.chunks]
        return {"id": self.id, "fields": fields, "chunks": chunks}


@dataclass(frozen=True, slots=True)
class Accepted:
    """The batch; `repeated` if an earlier request with the same Idempotency-Key made it."""

    batch: str
    repeated: bool


class ConflictError(KapitolaError):
    """An Idempotency-Key was used again with other files or options."""

    code = "idempotency-conflict"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key stands for another request. Take a new key, or send the same files again."
        )


class GoneError(KapitolaError):
    """The lecture was removed, or has expired, while it was worked on."""

    code = "gone"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was removed, or has expired. Submit it again if it is still wanted.")


class Ledger:
    """Lectures by id. Reads give None for what does not exist, or no longer does."""

    def __init__(self, redis: Redis, keep_days: float) -> None:
        self._redis = redis
        self._ttl = int(keep_days * 86_400_000)
        self._accept = redis.register_script(script("accept"))
        self._cancel = redis.register_script(script("cancel"))
        self._retry = redis.register_script(script("retry"))

    async def accept(
        self, client: str, batch: str, lectures: Sequence[Submission], key: str = "", digest: str = ""
    ) -> Accepted:
        """Records a batch whole, or not at all. Raises `ConflictError` if `key` stands for another `digest`."""
        rows = json.dumps([lecture.row() for lecture in lectures])
        cues = [pack(lecture.cues) for lecture in lectures]
        outcome, known = await self._accept(args=[PREFIX, client, batch, self._ttl, key, digest, rows, *cues])
        if outcome == b"conflict":
            raise ConflictError
        return Accepted(batch=known.decode(), repeated=outcome == b"repeated")

    async def knows(self, client: str, key: str) -> bool:
        """Whether the client's Idempotency-Key stands for a batch already."""
        return bool(await self._redis.exists(f"{PREFIX}idempotency:{client}:{key}"))

    async def lecture(self, id: str) -> LectureRecord | None:
        fields = await self._redis.hgetall(f"{PREFIX}lecture:{id}")
        return LectureRecord.read(fields) if fields else None

    async def lectures(self, batch: str) -> list[LectureRecord]:
        """The lectures of a batch that still exist, in the order in which they were handed in."""
        ids = cast(list[bytes], await self._redis.lrange(f"{PREFIX}batch:{batch}", 0, -1))
        async with self._redis.pipeline(transaction=False) as pipe:
            for id in ids:
                pipe.hgetall(f"{PREFIX}lecture:{id.decode()}")
            return [LectureRecord.read(fields) for fields in await pipe.execute() if fields]

    async def recent(self, client: str, most: int) -> list[LectureRecord]:
        """A client's newest lectures, newest first."""
        ids = cast(list[bytes], await self._redis.zrevrange(f"{PREFIX}lectures:{client}", 0, most - 1))
        found = [await self.lecture(id.decode()) for id in ids]
        return [record for record in found if record]

    async def cues(self, id: str) -> Cues | None:
        packed = cast(bytes | None, await self._redis.get(f"{PREFIX}cues:{id}"))
        return unpack(packed) if packed else None

    async def material(self, record: LectureRecord) -> tuple[Cues, list[Chunk]]:
        """What the work on a lecture starts from. Raises `GoneError` if it was removed meanwhile."""
        cues, specs = await self.cues(record.id), await self._of_chunks(record, "spec")
        if cues is None or not all(specs):
            raise GoneError(record.name)
        return cues, [Chunk(**json.loads(spec)) for spec in specs if spec]

    async def chunk_outlines(self, record: LectureRecord) -> tuple[list[ChunkOutline | None], dict[int, str]]:
        """Each chunk's outline, None where it failed; and for those that failed, why."""
        outlines = await self._of_chunks(record, "outline")
        reasons = await self._of_chunks(record, "failure")
        found = [ChunkOutline.model_validate_json(o) if o else None for o in outlines]
        return found, {i: (reasons[i] or b"").decode() for i, o in enumerate(found) if o is None}

    async def _of_chunks(self, record: LectureRecord, field: str) -> list[bytes | None]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for index in range(record.chunks):
                pipe.hget(f"{PREFIX}chunk:{record.id}/{index}", field)
            return list(await pipe.execute())

    async def outline(self, id: str) -> Outline | None:
        """The outline of an ended lecture; None before, and if there is none to be had."""
        stored = await self._redis.get(f"{PREFIX}outline:{id}")
        return Outline.model_validate_json(stored) if stored else None

    async def cancel(self, id: str) -> str | None:
        """Ends the lecture unless it has ended; gives the state it is in now."""
        state = await self._cancel(args=[PREFIX, id])
        return state.decode() if state else None

    async def retry(self, id: str) -> int:
        """Has the failed chunks done again; gives how many, or -1 if the lecture has nothing to retry."""
        return int(await self._retry(args=[PREFIX, id]))

    async def remove(self, record: LectureRecord) -> None:
        """Cancels the lecture and forgets it, its transcript and its outline."""
        await self.cancel(record.id)
        id = record.id
        chunks = [f"{PREFIX}chunk:{id}/{index}" for index in (*range(record.chunks), "merge")]
        await self._redis.delete(f"{PREFIX}lecture:{id}", f"{PREFIX}cues:{id}", f"{PREFIX}outline:{id}", *chunks)
        await self._redis.zrem(f"{PREFIX}lectures:{record.client}", id)
