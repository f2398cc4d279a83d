"""Each script on each state that there is: it makes the moves of shared/ledger/moves.py, all of them and no others."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from itertools import product
from pathlib import Path
from typing import Any

from harness.consistency import inconsistencies
from harness.desk import Desk, lecture, opened

from shared.keys import PREFIX
from shared.lecture import LectureState, Outline
from shared.ledger.moves import LECTURE_MOVES, WORK_MOVES, WorkState
from worker.claims import Claim

Step = Callable[[Desk, list[Claim]], Awaitable[Any]]
OUTLINE = Outline(sections=(), language="en", title_language="en", chunks=())


async def accept(desk: Desk, claims: list[Claim]) -> None:
    await desk.ledger.accept("a", "b1", [lecture("l1")])


async def claim(desk: Desk, claims: list[Claim]) -> None:
    taken = await desk.claims.take()
    if isinstance(taken, Claim):
        claims.append(taken)


async def commit(desk: Desk, claims: list[Claim]) -> None:
    for last in claims[-1:]:
        state = ""
        if last.chunk is None:
            record = await desk.ledger.lecture("l1")
            state = LectureState.INCOMPLETE if record and record.failed else LectureState.DONE
        await desk.claims.commit(last, "{}", state)


async def stand_in(desk: Desk, claims: list[Claim]) -> None:
    for last in claims[-1:]:
        await desk.claims.commit(last, '{"degraded": "the model refused"}')


async def fail(desk: Desk, claims: list[Claim]) -> None:
    for last in claims[-1:]:
        await desk.claims.fail(last, "refused")


def release(delay_ms: int, attempts: int) -> Step:
    async def step(desk: Desk, claims: list[Claim]) -> None:
        for last in claims[-1:]:
            desk.claims._attempts = attempts
            await desk.claims.release(last, delay_ms, "hm", "attempt" if attempts == 1 else "nothing")
            desk.claims._attempts = 3

    return step


def sweep(attempts: int) -> Step:
    async def step(desk: Desk, claims: list[Claim]) -> None:
        for due in ("leases", "delayed"):
            for work in await desk.redis.zrange(f"{PREFIX}{due}", 0, -1):
                await desk.redis.zadd(f"{PREFIX}{due}", {work: 0})
        await desk.sweep(attempts)

    return step


async def renew(desk: Desk, claims: list[Claim]) -> None:
    await desk.claims.renew()


async def cancel(desk: Desk, claims: list[Claim]) -> None:
    await desk.ledger.cancel("l1")


async def retry(desk: Desk, claims: list[Claim]) -> None:
    await desk.ledger.retry("l1")


async def retry_stand_ins(desk: Desk, claims: list[Claim]) -> None:
    await desk.ledger.retry("l1", stand_ins=True)


async def edit(desk: Desk, claims: list[Claim]) -> None:
    if record := await desk.ledger.lecture("l1"):
        await desk.ledger.edit("l1", OUTLINE, record.version)


async def remove(desk: Desk, claims: list[Claim]) -> None:
    if record := await desk.ledger.lecture("l1"):
        await desk.ledger.remove(record)


STEPS: dict[str, tuple[Step, ...]] = {
    "accept": (accept,), "claim": (claim,), "commit": (commit,), "fail": (fail,), "renew": (renew,),
    "release": (release(0, 3), release(60_000, 3), release(0, 1)), "sweep": (sweep(3), sweep(1)),
    "cancel": (cancel,), "retry": (retry, retry_stand_ins), "edit": (edit,), "remove": (remove,),
}  # fmt: skip

_later, _gone = release(60_000, 3), release(0, 1)
_whole: tuple[Step, ...] = (accept, claim, commit, claim, commit, claim)
LIVES: tuple[tuple[Step, ...], ...] = (
    (*_whole, commit),
    (*_whole, fail, retry, claim, commit),
    (*_whole, cancel, retry, claim),
    (*_whole, _later, cancel, retry),
    (accept, claim, commit, claim, fail, claim, commit, retry, claim, commit, claim, commit),
    (accept, claim, commit, claim, fail, claim, fail, retry, claim),
    (accept, claim, commit, claim, fail, cancel, retry),
    (accept, claim, fail, claim, fail, retry, claim, commit),
    (accept, claim, fail, claim, _later, sweep(3)),
    (accept, claim, fail, claim, commit, cancel),
    (accept, cancel, retry, claim, cancel),
    (accept, claim, _gone, claim, claim, _gone),
    (accept, claim, stand_in, claim, commit, claim, commit, retry_stand_ins, claim),
)


async def states(desk: Desk) -> dict[str, str | None]:
    """The lecture's state, by "lecture", and that of each work that there is, by its index."""
    record = await desk.ledger.lecture("l1")
    found: dict[str, str | None] = {"lecture": record.state if record else None}
    for name in ("0", "1", "merge"):
        state = await desk.redis.hget(f"{PREFIX}chunk:l1/{name}", "state")
        found[name] = state.decode() if state else None
    return found


async def moves(desk: Desk, life: tuple[Step, ...], step: Step) -> set[tuple[bool, str | None, str | None]]:
    """What `step` does after `life`: whether it is of the lecture or else of a work, from where and to where."""
    await desk.redis.flushall()
    await desk.sweep()
    desk.claims.held.clear()
    claims: list[Claim] = []
    for before in life:
        await before(desk, claims)
    was = await states(desk)
    await step(desk, claims)
    now = await states(desk)
    assert await inconsistencies(desk.redis) == []
    return {(name == "lecture", was[name], now[name]) for name in was if was[name] != now[name]}


def test_the_scripts_make_the_moves_of_the_tables_and_no_others(redis_url: str) -> None:
    seen = defaultdict(set)

    async def all_of_them() -> None:
        prefixes = {life[:length] for life in LIVES for length in range(len(life) + 1)}
        async with opened(redis_url) as desk:
            for life, (name, steps) in product(prefixes, STEPS.items()):
                for step in steps:
                    seen[name] |= await moves(desk, life, step)

    asyncio.run(all_of_them())
    for name in STEPS:
        told = {(True, *move) for move in LECTURE_MOVES[name]} | {(False, *move) for move in WORK_MOVES[name]}
        assert seen[name] == told, name


def test_the_page_about_states_has_a_paragraph_for_each_and_names_every_script() -> None:
    page = (Path(__file__).parents[2] / "docs" / "lecture-states.md").read_text("utf-8")
    for state in (*LectureState, *WorkState):
        assert re.search(rf"^\*\*{state}\*\*:", page, re.M), state
    for name, moves in LECTURE_MOVES.items():
        if moves or WORK_MOVES[name]:
            assert f"`{name}`" in page, name
