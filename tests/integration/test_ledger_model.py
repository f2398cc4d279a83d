"""The ledger against a plain model of it: steps in any order, claims that end late, twice or never, dead workers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from harness.consistency import inconsistencies
from harness.desk import Desk, lecture, opened
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shared.keys import PREFIX
from shared.lecture import ENDED, LectureState
from worker.claims import Claim

ATTEMPTS = 3


@dataclass
class Work:
    state: str = "waiting"
    attempts: int = 0
    token: str = ""
    by: str = ""


@dataclass
class Lecture:
    client: str
    works: dict[str, Work]
    state: LectureState = LectureState.QUEUED
    versions: int = 0

    @property
    def is_over(self) -> bool:
        return self.state in ENDED

    def count(self, state: str) -> int:
        return sum(1 for name, work in self.works.items() if name != "merge" and work.state == state)

    def chunk_ended(self) -> None:
        chunks = len([name for name in self.works if name != "merge"])
        if self.count("done") + self.count("failed") == chunks:
            if self.count("done"):
                self.works["merge"] = Work()
            else:
                self.state = LectureState.FAILED

    def fail(self, name: str) -> None:
        self.works[name].state, self.works[name].token = "failed", ""
        if name == "merge":
            self.state = LectureState.FAILED
        else:
            self.chunk_ended()


@dataclass
class Plain:
    """The model: what the ledger ought to know."""

    lectures: dict[str, Lecture] = field(default_factory=dict)

    def work(self, claim: Claim) -> Work | None:
        """The work, if this claim's lease is the one that counts."""
        owner = self.lectures.get(claim.lecture)
        work = owner.works.get(claim.work.rpartition("/")[2]) if owner else None
        return work if work and work.token == claim.token else None


class Machine(RuleBasedStateMachine):
    url = ""

    @initialize()
    def begin(self) -> None:
        self.runner = asyncio.Runner()
        self.context = opened(self.url)
        self.desk: Desk = self.run(self.context.__aenter__())
        self.run(self.desk.redis.flushall())
        self.run(self.desk.sweep())
        self.plain, self.claims = Plain(), []

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.run(self.context.__aexit__(None, None, None))
            self.runner.close()

    @rule(client=st.sampled_from("ab"), chunks=st.integers(1, 3), priority=st.integers(-1, 1), twice=st.booleans())
    def accept(self, client: str, chunks: int, priority: int, twice: bool) -> None:
        id = f"l{len(self.plain.lectures)}"
        for _ in range(1 + twice):
            self.run(self.desk.ledger.accept(client, f"b-{id}", [lecture(id, chunks, priority)]))
        self.plain.lectures[id] = Lecture(client, {str(n): Work() for n in range(chunks)})

    @rule()
    def claim(self) -> None:
        claim = self.run(self.desk.claims.take())
        waiting = {
            f"{id}/{name}"
            for id, owner in self.plain.lectures.items()
            for name, work in owner.works.items()
            if work.state == "waiting" and not owner.is_over
        }
        if not isinstance(claim, Claim):
            # Those that are tried alone are held back while this worker has others under way.
            assert not waiting or self.desk.claims.held
            return
        assert claim.work in waiting
        owner = self.plain.lectures[claim.lecture]
        work = owner.works[claim.work.rpartition("/")[2]]
        work.state, work.token, work.attempts = "claimed", claim.token, work.attempts + 1
        assert claim.attempt == work.attempts
        if owner.state is LectureState.QUEUED:
            owner.state = LectureState.RUNNING
        self.claims.append(claim)

    def some(self, which: int) -> Claim:
        """Any claim that there ever was: of a dead worker, of one that committed before, of a lecture that is over."""
        claim: Claim = self.claims[which % len(self.claims)]
        return claim

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 1_000))
    def commit(self, which: int) -> None:
        claim = self.some(which)
        owner, name = self.plain.lectures.get(claim.lecture), claim.work.rpartition("/")[2]
        state = ""
        if claim.chunk is None:
            state = LectureState.INCOMPLETE if owner and owner.count("failed") else LectureState.DONE
        stored = self.run(self.desk.claims.commit(claim, "{}", state))
        known = owner.works.get(name) if owner else None
        work = self.plain.work(claim)
        assert stored == bool(work or (known and known.by == claim.token))
        if work and owner:
            work.state, work.token, work.by = "done", "", claim.token
            if claim.chunk is None:
                owner.state = LectureState(state)
            else:
                owner.chunk_ended()

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 1_000))
    def fail(self, which: int) -> None:
        claim = self.some(which)
        assert self.run(self.desk.claims.fail(claim, "refused")) == bool(self.plain.work(claim))
        if self.plain.work(claim):
            self.plain.lectures[claim.lecture].fail(claim.work.rpartition("/")[2])

    @precondition(lambda self: self.claims)
    @rule(which=st.integers(0, 1_000), is_attempt=st.booleans(), delay=st.sampled_from([0, 60_000]))
    def release(self, which: int, is_attempt: bool, delay: int) -> None:
        claim = self.some(which)
        work = self.plain.work(claim)
        outcome = self.run(self.desk.claims.release(claim, delay, "hm", "attempt" if is_attempt else "outage"))
        if work is None:
            assert outcome == "stale"
        elif is_attempt and work.attempts >= ATTEMPTS:
            assert outcome == "failed"
            self.plain.lectures[claim.lecture].fail(claim.work.rpartition("/")[2])
        else:
            assert outcome == "waiting"
            work.attempts -= not is_attempt
            work.state, work.token = ("delayed" if delay else "waiting"), ""

    @rule()
    def die(self) -> None:
        """The worker is killed; another sweeps."""
        self.run(self.desk.die())
        for owner in self.plain.lectures.values():
            for name, work in list(owner.works.items()):
                if work.state != "claimed":
                    continue
                if work.attempts >= ATTEMPTS:
                    owner.fail(name)
                else:
                    work.state, work.token = "waiting", ""

    @rule()
    def time_passes(self) -> None:
        """Whatever was delayed is due."""
        for work in self.run(self.desk.redis.zrange(f"{PREFIX}delayed", 0, -1)):
            self.run(self.desk.redis.zadd(f"{PREFIX}delayed", {work: 0}))
        self.run(self.desk.sweep())
        for owner in self.plain.lectures.values():
            for work in owner.works.values():
                if work.state == "delayed":
                    work.state = "waiting"

    @rule()
    def renew(self) -> None:
        held = list(self.desk.claims.held.values())
        expected = {claim.token for claim in held if self.plain.work(claim) is None}
        assert {claim.token for claim in self.run(self.desk.claims.renew())} == expected

    @precondition(lambda self: self.plain.lectures)
    @rule(which=st.integers(0, 1_000))
    def cancel(self, which: int) -> None:
        id, owner = list(self.plain.lectures.items())[which % len(self.plain.lectures)]
        if not owner.is_over:
            owner.state = LectureState.CANCELLED
            for work in owner.works.values():
                if work.state not in {"done", "failed"}:
                    work.state, work.token = "stopped", ""
        assert self.run(self.desk.ledger.cancel(id)) == owner.state

    @precondition(lambda self: self.plain.lectures)
    @rule(which=st.integers(0, 1_000))
    def retry(self, which: int) -> None:
        id, owner = list(self.plain.lectures.items())[which % len(self.plain.lectures)]
        again = self.run(self.desk.ledger.retry(id))
        if owner.state not in {LectureState.INCOMPLETE, LectureState.FAILED, LectureState.CANCELLED}:
            assert again == -1
            return
        owner.works.pop("merge", None)
        unfinished = [name for name, work in owner.works.items() if work.state != "done"]
        assert again == len(unfinished)
        owner.state = LectureState.RUNNING
        for name in unfinished:
            owner.works[name] = Work()
        if not unfinished:
            owner.works["merge"] = Work()

    @invariant()
    def the_ledger_knows_what_the_model_knows(self) -> None:
        if not hasattr(self, "plain"):
            return
        for id, owner in self.plain.lectures.items():
            record = self.run(self.desk.ledger.lecture(id))
            assert record.state == owner.state
            assert (record.done, record.failed) == (owner.count("done"), owner.count("failed"))
            for name, work in owner.works.items():
                assert self.run(self.desk.redis.hget(f"{PREFIX}chunk:{id}/{name}", "state")) == work.state.encode()
            events = self.run(self.desk.ledger.events(id))
            assert [event.id for event in events] == list(range(1, record.version + 1))
        assert self.run(inconsistencies(self.desk.redis)) == []


@pytest.mark.timeout(300)
def test_the_ledger_does_what_a_plain_model_of_it_does(redis_url: str) -> None:
    Machine.url = redis_url
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, derandomize=True,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )  # fmt: skip
