"""What must hold of the ledger's keys among each other, at any moment and after any accident."""

from __future__ import annotations

import json

from redis.asyncio import Redis

from shared.keys import PREFIX
from shared.lecture import ENDED

_UNDER_WAY = {"waiting", "claimed", "delayed"}


async def inconsistencies(redis: Redis) -> list[str]:
    """A line for each thing that a half-written step would leave behind."""
    found = []
    async for key in redis.scan_iter(f"{PREFIX}lecture:*", count=1000):
        found += await _of_lecture(redis, key.decode().removeprefix(f"{PREFIX}lecture:"))
    async for key in redis.scan_iter(f"{PREFIX}batch:*", count=1000):
        for id in await redis.lrange(key, 0, -1):
            if not await redis.exists(f"{PREFIX}lecture:{id.decode()}"):
                found.append(f"{key.decode()} lists {id.decode()}, which is not there")
    async for key in redis.scan_iter(f"{PREFIX}idempotency:*", count=1000):
        if not await redis.exists(f"{PREFIX}batch-record:" + _batch(await redis.get(key))):
            found.append(f"{key.decode()} stands for a batch that is not there")
    return found


async def _of_lecture(redis: Redis, id: str) -> list[str]:
    record = {k.decode(): v.decode() for k, v in (await redis.hgetall(f"{PREFIX}lecture:{id}")).items()}
    needed = [f"cues:{id}", f"batch:{record['batch']}", f"batch-record:{record['batch']}", f"tombstone:{id}"]
    found = [f"{id} has no {key}" for key in needed if not await redis.exists(PREFIX + key)]
    events = await redis.xinfo_stream(f"{PREFIX}events:{id}")
    if events["last-generated-id"] != f"{record['version']}-0".encode():
        found.append(f"{id} is at version {record['version']}, its events at {events['last-generated-id']!r}")
    chunks = [
        {k.decode(): v.decode() for k, v in (await redis.hgetall(f"{PREFIX}chunk:{id}/{n}")).items()}
        for n in range(int(record["chunks"]))
    ]
    counts = {name: sum(1 for chunk in chunks if chunk.get("state") == name) for name in ("done", "failed")}
    if record["state"] != "cancelled" and counts != {"done": int(record["done"]), "failed": int(record["failed"])}:
        found.append(f"{id} counts {record['done']} done and {record['failed']} failed, and has {counts}")
    works = {str(n): chunk for n, chunk in enumerate(chunks)}
    merge = {k.decode(): v.decode() for k, v in (await redis.hgetall(f"{PREFIX}chunk:{id}/merge")).items()}
    if merge:
        works["merge"] = merge
    for name, chunk in works.items():
        found += await _of_work(redis, record, f"{id}/{name}", chunk)
    if record["state"] not in ENDED and not any(c.get("state") in _UNDER_WAY for c in works.values()):
        found.append(f"{id} is {record['state']}, and nothing of it is under way")
    return found


async def _of_work(redis: Redis, record: dict[str, str], work: str, chunk: dict[str, str]) -> list[str]:
    state = chunk.get("state", "nothing")
    places = {
        "waiting": await redis.zscore(f"{PREFIX}waiting:{record['client']}", work)
        or await redis.zscore(f"{PREFIX}suspects", work),
        "claimed": await redis.zscore(f"{PREFIX}leases", work),
        "delayed": await redis.zscore(f"{PREFIX}delayed", work),
    }
    expected = {name: name == state for name in places}
    actual = {name: score is not None for name, score in places.items()}
    found = [] if actual == expected else [f"{work} is {state}, and in {[n for n, there in actual.items() if there]}"]
    if ("token" in chunk) != (state == "claimed"):
        found.append(f"{work} is {state} {'with' if 'token' in chunk else 'without'} a lease's token")
    if state == "done" and "outline" not in chunk and not work.endswith("/merge"):
        found.append(f"{work} is done, and has no outline")
    return found


def _batch(stored: bytes) -> str:
    return str(json.loads(stored)["batch"])
