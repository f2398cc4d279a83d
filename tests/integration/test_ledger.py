"""The ledger's moves, each against a real Redis."""

from __future__ import annotations

import asyncio
import json

import pytest
from harness.desk import Desk, lecture, run
from harness.keys_left import undeclared

from shared.keys import PREFIX
from shared.lecture import ChunkOutline, LectureState, Outline
from shared.ledger import ConflictError
from worker.claims import Claim, Wait


def test_the_last_chunk_makes_the_merge_due_and_the_merge_ends_the_lecture(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        versions = [(await desk.ledger.lecture("l1")).version]
        for index in (0, 1):
            claim = await desk.take()
            assert claim.chunk == index
            assert await desk.claims.commit(claim, "{}")
            versions.append((await desk.ledger.lecture("l1")).version)
        merge = await desk.take()
        assert merge.chunk is None
        assert await desk.claims.commit(merge, "{}", LectureState.DONE)
        record = await desk.ledger.lecture("l1")
        assert (record.state, record.done, record.failed) == (LectureState.DONE, 2, 0)
        assert versions == sorted(set(versions)) and record.version > versions[-1]
        assert await desk.claims.take() is None

    run(redis_url, test)


def test_the_same_key_gives_the_same_batch_and_another_request_a_conflict(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        first = await desk.ledger.accept("a", "b1", [lecture("l1")], "key", "digest")
        again = await desk.ledger.accept("a", "b2", [lecture("l2")], "key", "digest")
        assert (first.batch, first.repeated, again.batch, again.repeated) == ("b1", False, "b1", True)
        assert await desk.ledger.lecture("l2") is None
        with pytest.raises(ConflictError):
            await desk.ledger.accept("a", "b3", [lecture("l3")], "key", "another")

    run(redis_url, test)


def test_a_late_commit_is_refused_once_somebody_else_holds_the_lease(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=1)])
        stale = await desk.take()
        await desk.redis.zadd(f"{PREFIX}leases", {stale.work: 0})
        taken, given_up, waiting = await desk.sweep()
        assert (taken, given_up, waiting) == (1, 0, 1)
        fresh = await desk.take()
        assert (fresh.work, fresh.attempt) == (stale.work, 2)
        assert not await desk.claims.commit(stale, '"stale"')
        assert await desk.claims.commit(fresh, '"fresh"')
        assert await desk.claims.commit(fresh, '"twice"'), "said again, because the answer was lost"
        assert await desk.redis.hget(f"{PREFIX}chunk:l1/0", "outline") == b'"fresh"'
        assert (await desk.ledger.lecture("l1")).done == 1

    run(redis_url, test)


def test_a_chunk_that_kills_its_worker_three_times_is_given_up_by_name_and_the_rest_is_done(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        for _ in range(3):
            poison = await desk.take()
            await desk.die()
        assert poison.chunk == 0
        good = await desk.take()
        assert good.chunk == 1
        await desk.claims.commit(good, "{}")
        record = await desk.ledger.lecture("l1")
        assert (record.done, record.failed) == (1, 1)
        assert (await desk.take()).chunk is None

    run(redis_url, test)


def test_a_chunk_that_kills_its_worker_takes_none_with_it_that_were_under_way_beside_it(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=4)])
        for _ in range(2):
            for _ in range(4):
                await desk.take()
            await desk.die()
        for _ in range(4):  # each of the four is tried once more, alone; only the poison kills its worker again
            claim = await desk.take()
            assert claim.is_alone
            assert not isinstance(await desk.claims.take(), Claim), "nothing else beside it"
            if claim.chunk == 2:
                await desk.die()
            else:
                await desk.claims.commit(claim, "{}")
        record = await desk.ledger.lecture("l1")
        assert (record.done, record.failed) == (3, 1)

    run(redis_url, test)


def test_an_outage_is_no_attempt_and_a_delay_is_kept(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=1)])
        for _ in range(5):
            claim = await desk.take()
            assert claim.attempt == 1
            assert await desk.claims.release(claim, 60_000, "outage", "outage") == "waiting"
            assert (await desk.ledger.lecture("l1")).problem == "outage", "whoever waits is told for what"
            assert await desk.claims.take() is None
            await desk.redis.zadd(f"{PREFIX}delayed", {claim.work: 0})
            await desk.sweep()
        await desk.claims.commit(await desk.take(), "{}")
        assert (await desk.ledger.lecture("l1")).problem == ""

    run(redis_url, test)


def test_a_cancelled_lecture_waits_for_nothing(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=1)])
        await desk.claims.release(await desk.take(), 60_000, "outage", "outage")
        assert await desk.ledger.cancel("l1") == "cancelled"
        assert (await desk.ledger.lecture("l1")).problem == ""

    run(redis_url, test)


def test_a_chunk_that_meets_outages_while_all_others_are_done_is_given_up(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=1)])
        outcomes = []
        for outages in range(4):
            claim = await desk.take()
            outcomes.append(await desk.claims.release(claim, 0, "answered 500", "outage"))
            if outages < 3:
                await desk.ledger.accept("a", f"b2{outages}", [lecture(f"l2{outages}", chunks=20)])
                poison = await desk.take()
                for _ in range(20):
                    await desk.claims.commit(await desk.take(), "{}")
                await desk.claims.release(poison, 0, "its worker was stopped", "nothing")
        assert outcomes == ["waiting"] * 3 + ["failed"]
        assert (await desk.ledger.lecture("l1")).problem == "answered 500"

    run(redis_url, test)


def test_a_cancelled_lecture_is_not_claimed_and_takes_no_result(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        claim = await desk.take()
        assert await desk.ledger.cancel("l1") == "cancelled"
        assert [lost.work for lost in await desk.claims.renew()] == [claim.work]
        assert not await desk.claims.commit(claim, "{}")
        assert await desk.claims.take() is None
        assert (await desk.ledger.lecture("l1")).state is LectureState.CANCELLED

    run(redis_url, test)


def test_retry_does_the_failed_chunks_again_and_keeps_those_that_are_done(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        await desk.claims.commit(await desk.take(), '"kept"')
        await desk.claims.fail(await desk.take(), "refused")
        await desk.claims.commit(await desk.take(), "{}", LectureState.INCOMPLETE)
        assert await desk.ledger.retry("l1") == 1
        again = await desk.take()
        assert again.chunk == 1
        await desk.claims.commit(again, "{}")
        assert (await desk.take()).chunk is None
        assert await desk.redis.hget(f"{PREFIX}chunk:l1/0", "outline") == b'"kept"'

    run(redis_url, test)


def test_retry_takes_up_stand_ins_where_that_is_asked_and_keeps_them_if_nothing_better_comes(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=3)])
        for index, degraded in enumerate(("", "the model refused", "the model refused")):
            made = ChunkOutline(index=index, sections=(), degraded=degraded).model_dump_json()
            await desk.claims.commit(await desk.take(), made)
        await desk.claims.commit(await desk.take(), "{}", LectureState.DONE)
        assert await desk.ledger.retry("l1") == -1
        assert await desk.ledger.retry("l1", stand_ins=True) == 2
        record = await desk.ledger.lecture("l1")
        assert (record.state, record.done, record.anew) == (LectureState.RUNNING, 1, 1)
        better = await desk.take()
        await desk.claims.commit(better, ChunkOutline(index=1, sections=()).model_dump_json())
        assert better.chunk == 1
        await desk.claims.fail(await desk.take(), "refused again")
        outlines, failures = await desk.ledger.chunk_outlines(record)
        assert [outline.degraded for outline in outlines if outline] == ["", "", "the model refused"]
        assert failures == {}
        await desk.claims.commit(await desk.take(), "{}", LectureState.DONE)
        record = await desk.ledger.lecture("l1")
        assert (record.state, record.done, record.failed, record.problem) == (LectureState.DONE, 3, 0, "")

    run(redis_url, test)


def test_a_merge_may_end_incomplete_with_a_problem_and_is_then_done_again_alone(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=1)])
        await desk.claims.commit(await desk.take(), "{}")
        await desk.claims.commit(await desk.take(), "{}", LectureState.INCOMPLETE, "the budget is spent")
        assert (await desk.ledger.lecture("l1")).problem == "the budget is spent"
        assert await desk.ledger.retry("l1") == 0
        assert (await desk.ledger.lecture("l1")).problem == ""
        assert (await desk.take()).chunk is None

    run(redis_url, test)


def test_a_lecture_handed_in_behind_five_hundred_of_somebody_else_is_done_at_once(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("busy", "b1", [lecture(f"busy{n}") for n in range(500)])
        for _ in range(10):
            await desk.take()
        await desk.ledger.accept("late", "b2", [lecture("late")])
        order = [(await desk.take()).lecture for _ in range(6)]
        assert order.count("late") == 2
        assert order.index("late") <= 1

    run(redis_url, test)


def test_each_version_is_an_event_of_the_lecture_and_of_its_batch_without_a_gap(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2", chunks=1)])
        for _ in range(2):
            await desk.claims.commit(await desk.take(), "{}")
        await desk.ledger.cancel("l1")
        for of, version in (
            ("l1", (await desk.ledger.lecture("l1")).version),
            ("b1", (await desk.ledger.batch("b1")).version),
        ):
            events = await desk.ledger.events(of)
            assert [event.id for event in events] == list(range(1, version + 1))
            assert await desk.ledger.events(of, after=version) == []
            assert await desk.ledger.events(of, after=version - 2) == events[-2:]
        states = [(event.lecture, event.state, event.done) for event in await desk.ledger.events("l1")]
        assert states == [
            ("l1", "queued", 0), ("l1", "running", 0), ("l1", "running", 1), ("l1", "running", 2),
            ("l1", "cancelled", 2),
        ]  # fmt: skip

    run(redis_url, test)


def test_whoever_waits_for_an_event_has_it_when_it_happens(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        waiting = [asyncio.create_task(desk.ledger.events(of, 1, block_s=60)) for of in ("l1", "b1") for _ in range(20)]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in waiting)
        await desk.ledger.cancel("l1")
        async with asyncio.timeout(4):  # well below the time after which a waiter looks for itself
            found = await asyncio.gather(*waiting)
        assert {(events[0].id, events[0].state) for events in found} == {(2, "cancelled")}

    run(redis_url, test)


def test_what_is_removed_or_expired_is_known_to_have_been_there(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2")])
        claim = await desk.take()
        before = (await desk.ledger.batch("b1")).version
        await desk.ledger.remove(await desk.ledger.lecture("l1"))
        assert not await desk.claims.commit(claim, "{}")
        assert await desk.ledger.lecture("l1") is None
        assert [record.id for record in await desk.ledger.lectures("b1")] == ["l2"]
        assert (await desk.ledger.batch("b1")).version == before + 1
        assert (await desk.ledger.events("l1"))[-1].state == (await desk.ledger.events("b1"))[-1].state == "removed"
        await desk.redis.delete(f"{PREFIX}lecture:l2")  # as if its time was over
        assert [await desk.ledger.was_there(id) for id in ("l1", "l2", "b1")] == ["a", "a", "a"]
        assert await desk.ledger.was_there("l3") is None

    run(redis_url, test)


def test_no_key_lives_for_ever_unless_it_is_declared_to(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2")], "key", "digest")
        for _ in range(3):
            claim = await desk.take()
        await desk.claims.release(claim, 60_000, "outage", "outage")
        assert undeclared(redis_url) == []

    run(redis_url, test)


def test_an_idle_system_gives_one_client_all_and_a_cap_leaves_room_for_others(redis_url: str) -> None:
    async def uncapped(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=30)])
        assert len([await desk.take() for _ in range(30)]) == 30

    async def capped(desk: Desk) -> None:
        await desk.redis.flushall()
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=10)])
        await desk.ledger.accept("b", "b2", [lecture("l2", chunks=2)])
        taken = [await desk.take() for _ in range(5)]
        assert [claim.lecture for claim in taken].count("l1") == 3
        assert isinstance(await desk.claims.take(), Wait), "there is work, but not for now"
        first = next(claim for claim in taken if claim.lecture == "l1")
        await desk.claims.commit(first, "{}")
        assert (await desk.take()).lecture == "l1"

    run(redis_url, uncapped)
    run(redis_url, capped, most_of_a_client=3)


def test_priority_orders_a_client_s_own_lectures_and_no_others(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("usual"), lecture("later", priority=-1)])
        await desk.ledger.accept("a", "b2", [lecture("urgent", priority=9)])
        await desk.ledger.accept("b", "b3", [lecture("another's")])
        order = [(await desk.take()).lecture for _ in range(8)]
        assert [id for id in order if id != "another's"] == ["urgent"] * 2 + ["usual"] * 2 + ["later"] * 2
        assert order.index("another's") <= 1

    run(redis_url, test)


def test_a_claim_whose_answer_was_lost_is_given_again_to_who_asks_with_its_token(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        claim = desk.claims._claim
        asked = [PREFIX, "token", 30_000, desk.limiter.argument(), 0, "process", 0]
        assert await claim(args=asked) == await claim(args=asked)
        assert await desk.redis.zcard(f"{PREFIX}leases") == 1

    run(redis_url, test)


def test_leases_that_ran_out_while_redis_was_away_are_the_livings_to_renew(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=1)])
        claim = await desk.take()
        await desk.redis.zadd(f"{PREFIX}leases", {claim.work: 1})
        await desk.redis.set(f"{PREFIX}swept", 1)  # long ago
        assert (await desk.sweep())[0] == 0
        assert await desk.claims.renew() == []
        assert await desk.claims.commit(claim, "{}")

    run(redis_url, test)


def test_what_is_edited_or_retried_is_kept_from_then_on_and_its_first_outline_too(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=1)])
        await desk.claims.commit(await desk.take(), "{}")
        made = Outline(sections=(), language="cs", title_language="en", chunks=())
        await desk.claims.commit(await desk.take(), made.model_dump_json(), LectureState.DONE)
        version = (await desk.ledger.lecture("l1")).version
        for key in await desk.redis.keys(f"{PREFIX}*"):
            if await desk.redis.ttl(key) > 0:
                await desk.redis.pexpire(key, 60_000)
        edited = made.model_copy(update={"language": "en"})
        assert await desk.ledger.edit("l1", edited, version - 1) == -1
        assert await desk.ledger.edit("nowhere", edited, 1) == 0
        assert await desk.ledger.edit("l1", edited, version) == version + 1
        assert await desk.ledger.outline("l1") == edited
        assert Outline.model_validate_json(await desk.redis.get(f"{PREFIX}made:l1")) == made
        belonging = ("lecture:l1", "cues:l1", "chunk:l1/0", "outline:l1", "events:l1", "batch:b1", "batch-record:b1")
        for name in (*belonging, "events:b1", "lectures:a", "batches:a", "tombstone:l1", "tombstone:b1"):
            assert await desk.redis.pttl(PREFIX + name) > 80_000_000, name

    run(redis_url, test)


def test_a_whole_batch_is_cancelled_and_retried(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2"), lecture("l3", chunks=1)])
        ended = [await desk.take() for _ in range(5)][-1]
        await desk.claims.fail(ended, "refused")
        assert await desk.ledger.cancel_batch("b1") == 2
        assert await desk.claims.take() is None
        again = [await desk.ledger.retry(record.id) for record in await desk.ledger.lectures("b1")]
        assert sum(1 for chunks in again if chunks >= 0) == 3
        assert len([await desk.take() for _ in range(5)]) == 5

    run(redis_url, test)


def test_what_a_later_version_writes_besides_is_read_over(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1", chunks=1)])
        for key in ("lecture:l1", "chunk:l1/0", "batch-record:b1"):
            await desk.redis.hset(PREFIX + key, "of-a-later-version", "x")
        spec = json.loads(await desk.redis.hget(f"{PREFIX}chunk:l1/0", "spec"))
        await desk.redis.hset(f"{PREFIX}chunk:l1/0", "spec", json.dumps({**spec, "later": 1}))
        assert (await desk.ledger.material(await desk.ledger.lecture("l1")))[1] == [*lecture("l1", chunks=1).chunks]
        outline = {"sections": [], "language": "cs", "title_language": "en", "chunks": [], "later": 1}
        await desk.claims.commit(await desk.take(), "{}")
        await desk.claims.commit(await desk.take(), json.dumps(outline), LectureState.DONE)
        assert (await desk.ledger.lecture("l1")).state is LectureState.DONE
        assert (await desk.ledger.outline("l1")).language == "cs"
        assert (await desk.ledger.batch("b1")).lectures == 1

    run(redis_url, test)
