"""What the front door does with the ledger: accept, read, cancel, retry, remove."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields as fields_of
from typing import cast

from redis.asyncio import Redis

from shared.chunks import Chunk
from shared.cues import Cues, unpack
from shared.keys import PREFIX
from shared.lecture import ChunkOutline, Options, Outline
from shared.ledger.events import Event, Events
from shared.ledger.records import BatchRecord, LectureRecord
from shared.ledger.scripts import script
from shared.ledger.submission import Accepted, ConflictError, GoneError, Submission, Written


class Ledger:
    """Lectures by id. Reads give None for what does not exist, or no longer does."""

    def __init__(self, redis: Redis, keep_days: float) -> None:
        self._redis = redis
        self._ttl = int(keep_days * 86_400_000)
        self._events = Events(redis)
        register = redis.register_script
        self._accept, self._edit = register(script("accept")), register(script("edit"))
        self._cancel, self._retry = register(script("cancel")), register(script("retry"))
        self._remove = register(script("remove"))

    async def accept(
        self, client: str, batch: str, lectures: Sequence[Submission | Written], key: str = "", digest: str = ""
    ) -> Accepted:
        """Records a batch whole, or not at all. Raises `ConflictError` if `key` stands for another `digest`."""
        written = [lecture.written() for lecture in lectures]
        rows, cues = ",".join(each.row for each in written), [each.cues for each in written]
        outcome, known = await self._accept(args=[PREFIX, client, batch, self._ttl, key, digest, f"[{rows}]", *cues])
        if outcome == b"conflict":
            raise ConflictError
        return Accepted(batch=known.decode(), repeated=outcome == b"repeated")

    async def knows(self, client: str, key: str) -> bool:
        """Whether the client's Idempotency-Key stands for a batch already."""
        return bool(await self._redis.exists(f"{PREFIX}idempotency:{client}:{key}"))

    async def lecture(self, id: str) -> LectureRecord | None:
        fields = await self._redis.hgetall(f"{PREFIX}lecture:{id}")
        return LectureRecord.read(fields) if fields else None

    async def batch(self, id: str) -> BatchRecord | None:
        fields = await self._redis.hgetall(f"{PREFIX}batch-record:{id}")
        return BatchRecord.read(fields) if fields else None

    async def was_there(self, id: str) -> str | None:
        """The client whose lecture or batch this is or, being removed or expired, was; None if there never was one."""
        client = cast(bytes | None, await self._redis.get(f"{PREFIX}tombstone:{id}"))
        return client.decode() if client else None

    async def events(self, of: str, after: int = 0, block_s: float = 0) -> list[Event]:
        """What happened to a lecture or a batch since its event (or version) `after`; see `Events.after`."""
        return await self._events.after(of, after, block_s)

    async def lectures(self, batch: str) -> list[LectureRecord]:
        """The lectures of a batch that still exist, in the order in which they were handed in."""
        ids = await self._ids(batch)
        async with self._redis.pipeline(transaction=False) as pipe:
            for id in ids:
                pipe.hgetall(f"{PREFIX}lecture:{id}")
            return [LectureRecord.read(fields) for fields in await pipe.execute() if fields]

    async def lectures_before(
        self, client: str, place: int | None, most: int
    ) -> list[tuple[int, LectureRecord | None]]:
        """A client's lectures that were handed in before a place in its list, newest first: each with its place.

        None for those that are kept no longer. Without a place, the newest.
        """
        rows = await self._before("lectures", "lecture", client, place, most)
        return [(order, LectureRecord.read(fields) if fields else None) for order, fields in rows]

    async def batches_before(self, client: str, place: int | None, most: int) -> list[tuple[int, BatchRecord | None]]:
        """The same of its batches."""
        rows = await self._before("batches", "batch-record", client, place, most)
        return [(order, BatchRecord.read(fields) if fields else None) for order, fields in rows]

    async def _before(
        self, list: str, kind: str, client: str, place: int | None, most: int
    ) -> Sequence[tuple[int, dict[bytes, bytes]]]:
        below = "+inf" if place is None else f"({place}"
        listed = self._redis.zrevrangebyscore(
            f"{PREFIX}{list}:{client}", below, "-inf", start=0, num=most, withscores=True
        )
        found = cast(Sequence[tuple[bytes, float]], await listed)
        async with self._redis.pipeline(transaction=False) as pipe:
            for id, _ in found:
                pipe.hgetall(f"{PREFIX}{kind}:{id.decode()}")
            rows = await pipe.execute()
        return [(int(order), fields) for (_, order), fields in zip(found, rows, strict=True)]

    async def cues(self, id: str) -> Cues | None:
        packed = cast(bytes | None, await self._redis.get(f"{PREFIX}cues:{id}"))
        return unpack(packed) if packed else None

    async def material(self, record: LectureRecord) -> tuple[Cues, list[Chunk]]:
        """What the work on a lecture starts from. Raises `GoneError` if it was removed meanwhile."""
        cues, specs = await self.cues(record.id), await self._of_chunks(record, "spec")
        if cues is None or not all(specs):
            raise GoneError(record.name)
        return cues, [_chunk(spec) for spec in specs if spec]

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
        """The outline of an ended lecture, as edited where it was; None before, and if there is none to be had."""
        stored = await self._redis.get(f"{PREFIX}outline:{id}")
        return Outline.model_validate_json(stored) if stored else None

    async def outline_given(self, id: str) -> Outline | None:
        """The outline as the model gave it, whether or not it was edited since."""
        made, shown = await self._redis.mget(f"{PREFIX}made:{id}", f"{PREFIX}outline:{id}")
        stored = made or shown
        return Outline.model_validate_json(stored) if stored else None

    async def cancel(self, id: str) -> str | None:
        """Ends the lecture unless it has ended; gives the state it is in now."""
        state = await self._cancel(args=[PREFIX, id])
        return state.decode() if state else None

    async def cancel_batch(self, batch: str) -> int:
        """Ends the lectures of a batch that have not ended; gives how many are cancelled now."""
        states = [await self.cancel(id) for id in await self._ids(batch)]
        return states.count("cancelled")

    async def retry(self, id: str, options: Options | None = None, *, stand_ins: bool = False) -> int:
        """Has the failed chunks done again, and with `stand_ins` those that the offline model stood in for; gives how
        many, or -1 if the lecture has nothing to retry.

        `options`, if given, take the place of its own. It is then kept as long as if it had been submitted now.
        """
        changed = options.model_dump_json() if options else ""
        return int(await self._retry(args=[PREFIX, id, self._ttl, changed, int(stand_ins)]))

    async def edit(self, id: str, outline: Outline, version: int) -> int:
        """Puts an edited outline in place of the one of `version`, and gives the new version.

        0 if there is no lecture with an outline; -1 if it has changed since `version`. An edit extends its life.
        """
        return int(await self._edit(args=[PREFIX, id, version, outline.model_dump_json(), self._ttl]))

    async def remove(self, record: LectureRecord) -> None:
        """Forgets the lecture, its transcript and its outline, whatever it is doing."""
        await self._remove(args=[PREFIX, record.id])

    async def remove_batch(self, record: BatchRecord) -> None:
        """Forgets a batch and all its lectures."""
        for id in await self._ids(record.id):
            await self._remove(args=[PREFIX, id])
        await self._redis.zrem(f"{PREFIX}batches:{record.client}", record.id)
        await self._redis.delete(f"{PREFIX}batch-record:{record.id}", f"{PREFIX}batch:{record.id}")

    async def close(self) -> None:
        """Ends the subscription to changes, if anybody waited for one."""
        await self._events.close()

    async def _ids(self, batch: str) -> list[str]:
        ids = cast(list[bytes], await self._redis.lrange(f"{PREFIX}batch:{batch}", 0, -1))
        return [id.decode() for id in ids]


def _chunk(spec: bytes) -> Chunk:
    """What a later version wrote besides is read over: while it is deployed, both are at work."""
    found = json.loads(spec)
    return Chunk(**{field.name: found[field.name] for field in fields_of(Chunk) if field.name in found})
