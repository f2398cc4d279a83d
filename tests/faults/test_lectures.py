"""Lectures that are cancelled at any moment, expire, are enormous, or wait behind somebody else's five hundred."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from harness.desk import opened
from harness.lectures import lecture
from harness.redis_process import RedisProcess
from harness.stack import Stack
from model_server import ModelServer

from shared.chunks import cut
from shared.cues import Cue, Cues
from shared.keys import PREFIX
from shared.lecture import LectureState, Options
from shared.ledger import Submission

Start = Callable[..., Stack]


def test_f24_what_has_expired_is_known_to_have_been_there_and_an_edit_extends_a_life(tmp_path: Path) -> None:
    """With real expiry; that an edit extends all that belongs to a lecture is in tests/integration/test_ledger.py."""

    async def expire() -> None:
        async with opened(redis.url) as desk:
            desk.ledger._ttl = 300
            await desk.ledger.accept("a", "b1", [lecture("l1", 1, seed=1)])
            async with asyncio.timeout(10):
                while await desk.ledger.lecture("l1"):  # noqa: ASYNC110  # Redis expires it
                    await asyncio.sleep(0.02)
            assert await desk.ledger.was_there("l1") == await desk.ledger.was_there("b1") == "a"
            assert await desk.ledger.events("l1") == []
            assert await desk.claims.take() is None

    with RedisProcess(tmp_path) as redis:
        asyncio.run(expire())


@pytest.mark.slow
@pytest.mark.timeout(280)
def test_f25_twenty_hours_of_two_hundred_thousand_cues_are_done_in_bounded_memory(start: Start) -> None:
    words = [f"word number {n} of a lecture that does not end" for n in range(200_000)]
    cues = tuple(Cue(n + 1, n * 360, n * 360 + 350, text) for n, text in enumerate(words))
    began = time.monotonic()
    long = Submission("long", "long.srt", Cues(cues, "srt", "utf-8"), cut(cues, 3_000, 5), Options())
    stack = start(ModelServer(latency=0.01), lease_seconds=30, calls_in_flight=64)
    stack.accept(long)
    assert time.monotonic() - began < 60
    worker = stack.crew.hire()
    stack.wait_for_all(240)
    assert stack.verdict().states == {"done": 1}
    peak = Path(f"/proc/{worker}/status").read_text().partition("VmHWM:")[2].split()[0]
    assert int(peak) < 1_500_000, f"{peak} kB"


@pytest.mark.slow
def test_f26_cancels_at_fifty_moments_are_final_and_stop_the_calls(start: Start) -> None:
    chance = random.Random(26)
    stack = start(ModelServer(latency=0.3), threads=16, lease_seconds=30)
    ids = [f"l{n}" for n in range(50)]
    for id in ids:
        stack.accept(lecture(id, 3, seed=26))
    stack.crew.hire()
    stack.wait_until(lambda: stack.calls() > 0)
    cancelled_at: dict[str, float] = {}
    for id in chance.sample(ids, 50):
        time.sleep(chance.uniform(0, 0.2))
        if stack.run(stack.ledger.cancel(id)) == "cancelled":
            cancelled_at[id] = time.monotonic()
    stack.wait_for_all()
    assert len(cancelled_at) > 10
    before = {id: stack.lecture(id).version for id in ids}
    stack.wait_until(lambda: stack.run(stack.redis.zcard(f"{PREFIX}leases")) == 0)
    time.sleep(1)
    assert {id: stack.lecture(id).version for id in ids} == before
    for id, at in cancelled_at.items():
        assert stack.lecture(id).state is LectureState.CANCELLED
        said = f" in {id}\n"
        late = [call.at - at for call in stack.model.calls if said in call.request["messages"][-1]["content"] + "\n"]
        assert all(after < 5 for after in late), f"{id}: calls began {max(late):.1f} s after"
    assert stack.verdict().broken == []


@pytest.mark.slow
def test_s16_one_lecture_behind_five_hundred_is_done_within_two_chunk_times(start: Start) -> None:
    """Told in chunks of the busy client that were begun meanwhile, which is the same on any machine."""
    stack = start(ModelServer(latency=0.3), lease_seconds=30, calls_in_flight=4)
    stack.accept(*(lecture(f"busy{n}", 2, seed=16) for n in range(500)), client="busy")
    stack.crew.hire()
    stack.wait_until(lambda: stack.calls() >= 8)
    stack.run(stack.ledger.accept("late", "batch-late", [lecture("late", 1, seed=16)]))
    began = stack.calls()
    stack.wait_until(lambda: stack.lecture("late").done == 1)
    assert stack.calls() - began <= 3 * 4, "more than what was under way, and as much again, went before it"
