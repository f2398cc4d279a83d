"""A webhook is written in the step that ends its lecture: there is none without an end, and no end without one."""

from __future__ import annotations

from harness.desk import Desk, run
from telling_desk import URL, lecture

from shared.keys import PREFIX
from shared.lecture import LectureState


def test_each_end_is_told_once_and_the_last_one_tells_of_the_batch_as_well(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2"), lecture("l3")])
        assert await desk.told() == []
        for state in (LectureState.DONE, LectureState.FAILED, LectureState.INCOMPLETE):
            await desk.end(state)
        told = await desk.told()
        assert [type for type, _ in told] == ["lecture.done", "lecture.failed", "lecture.incomplete", "batch.done"]
        done, failed, _, batch = (content for _, content in told)
        assert (done["id"], done["batch"], done["name"], done["state"]) == ("l1", "b1", "l1.srt", "done")
        assert failed["problem"] == "no sense in it"
        assert batch == {"id": "b1", "lectures": {"done": 1, "failed": 1, "incomplete": 1, "cancelled": 0}}

    run(redis_url, test)


def test_nothing_is_told_where_no_address_was_given_or_it_was_disabled(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.redis.hset(f"{PREFIX}webhooks:disabled:a", URL, "410")
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2", webhook="")])
        await desk.end(LectureState.DONE)
        await desk.end(LectureState.DONE)
        assert await desk.told() == []

    run(redis_url, test)


def test_a_cancelled_lecture_is_not_told_but_may_end_its_batch(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2")])
        await desk.end(LectureState.DONE)
        await desk.ledger.cancel("l2")
        await desk.ledger.cancel("l2")
        assert [type for type, _ in await desk.told()] == ["lecture.done", "batch.done"]

    run(redis_url, test)


def test_a_lecture_that_is_retried_is_told_again_under_another_id(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        await desk.end(LectureState.FAILED)
        await desk.ledger.retry("l1")
        await desk.end(LectureState.DONE)
        types = [type for type, _ in await desk.told()]
        assert types == ["lecture.failed", "batch.done", "lecture.done", "batch.done"]

    run(redis_url, test)


def test_a_late_result_tells_nothing(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        claim = await desk.take()
        await desk.redis.hset(f"{PREFIX}chunk:{claim.work}", "token", "somebody else's")
        assert not await desk.claims.fail(claim, "late")
        assert await desk.told() == []

    run(redis_url, test)


def test_a_batch_that_waits_for_nothing_but_what_is_removed_is_done(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1"), lecture("l2"), lecture("l3")])
        await desk.end(LectureState.DONE)
        await desk.end(LectureState.FAILED)
        for id in ("l1", "l3"):  # one that had ended, then the one that had not
            await desk.ledger.remove(await desk.ledger.lecture(id))
        told = await desk.told()
        assert [type for type, _ in told] == ["lecture.done", "lecture.failed", "batch.done"]
        assert told[-1][1]["lectures"] == {"done": 0, "failed": 1, "incomplete": 0, "cancelled": 0}

    run(redis_url, test)


def test_a_batch_that_is_removed_whole_is_not_told(redis_url: str) -> None:
    async def test(desk: Desk) -> None:
        await desk.ledger.accept("a", "b1", [lecture("l1")])
        await desk.ledger.remove(await desk.ledger.lecture("l1"))
        assert await desk.told() == []

    run(redis_url, test)
