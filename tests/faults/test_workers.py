"""Workers that die, hang, stop and are replaced."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from harness.lectures import lecture
from harness.stack import Stack
from harness.storm import Storm
from model_server import ModelServer

Start = Callable[..., Stack]


def test_f1_a_worker_killed_in_its_calls_costs_one_more_call_for_each_and_nothing_else(start: Start) -> None:
    stack = start()
    stack.accept(lecture("l1", 8, seed=1), lecture("l2", 8, seed=1))
    victim = stack.crew.hire()
    stack.wait_until(lambda: stack.calls() >= 4)
    stack.crew.freeze(victim)
    under_way = stack.run(stack.redis.zcard("kapitola:leases"))
    stack.crew.kill(victim)
    stack.crew.hire()
    stack.wait_for_all()
    assert stack.verdict().states == {"done": 2}
    assert stack.verdict().broken == []
    assert stack.calls_made_twice() <= under_way


@pytest.mark.slow
def test_f2_a_storm_of_kills_loses_nothing(tmp_path: Path) -> None:
    storm = Storm(seed=int(os.environ.get("FAULT_SEED", "1")), kills=25, lease=4, most_seconds=40)
    storm.run(tmp_path)
    print(storm.report())
    assert storm.is_survived, storm.report()
    assert storm.duplicates <= storm.killed_slots


@pytest.mark.slow
def test_f3_a_lock_that_a_killed_reconciler_holds_delays_recovery_by_seconds(start: Start) -> None:
    stack = start()
    stack.accept(lecture("l1", 2, seed=1))
    stack.run(stack.redis.set("kapitola:reconciler", "somebody who is dead", px=5_000))
    stack.crew.hire()  # without a reconciler nobody issues tickets
    stack.wait_for_all(45)
    assert stack.verdict().states == {"done": 1}


@pytest.mark.slow
def test_f4_a_chunk_that_kills_every_worker_is_given_up_by_name_and_takes_no_other_with_it(start: Start) -> None:
    workers: list[int] = []

    def answers(purpose: str, request: str) -> None:
        if purpose == "outline" and "poison" in request.partition("\nTranscript:")[2]:
            threading.Timer(0.1, os.killpg, (workers[-1], signal.SIGKILL)).start()

    stack = start(ModelServer(latency=0.5, answers=answers), lease_seconds=2)
    stack.accept(lecture("bad", 3, seed=1, marker="poison"), lecture("good", 3, seed=1))
    deaths = 0
    workers.append(stack.crew.hire())
    deadline = time.monotonic() + 90
    while not stack.has_ended():
        assert time.monotonic() < deadline, stack.crew.logs()[-3000:]
        if not stack.crew.is_alive(workers[-1]):
            deaths += 1
            stack.crew.kill(workers[-1])
            workers.append(stack.crew.hire())
        time.sleep(0.1)
    assert deaths == 3
    assert stack.verdict().states == {"incomplete": 1, "done": 1}
    outline = stack.run(stack.ledger.outline("bad"))
    assert outline and ["died or hung 3 times" in hole.reason for hole in outline.holes] == [True]


@pytest.mark.slow
def test_f19_a_worker_that_was_stopped_past_its_leases_writes_nothing_when_it_goes_on(start: Start) -> None:
    stack = start()
    stack.accept(lecture("l1", 6, seed=1))
    sleeper = stack.crew.hire()
    stack.wait_until(lambda: stack.calls() >= 1 and stack.run(stack.redis.zcard("kapitola:leases")) > 0)
    stack.crew.freeze(sleeper)
    held = stack.run(stack.redis.zcard("kapitola:leases"))
    other = stack.crew.hire()
    stack.wait_for_all()
    before = stack.run(stack.redis.hgetall("kapitola:chunk:l1/0"))
    committed = stack.tallies()["committed"]
    stack.crew.thaw(sleeper)
    stack.accept(lecture("l2", 2, seed=1))
    stack.crew.kill(other)
    stack.wait_for_all()  # by the one that slept
    assert stack.run(stack.redis.hgetall("kapitola:chunk:l1/0")) == before
    assert committed == len(stack.accepted["l1"].chunks) + 1
    assert stack.tallies()["taken"] <= held + 1
    assert stack.verdict().states == {"done": 2} and stack.verdict().broken == []


@pytest.mark.slow
def test_f20_a_worker_whose_clock_is_off_by_an_hour_changes_nothing(start: Start) -> None:
    stack = start(lease_seconds=5)
    stack.accept(*(lecture(f"l{n}", 5, seed=1) for n in range(3)))
    stack.crew.hire(FAULT_CLOCK_OFF_S="3700")
    stack.crew.hire(FAULT_CLOCK_OFF_S="-3700")
    stack.wait_for_all()
    assert stack.verdict().states == {"done": 3} and stack.verdict().broken == []
    assert stack.calls_made_twice() == 0
    assert stack.tallies().get("taken", 0) == 0


def test_f21_a_rolling_deploy_hands_leases_back_and_loses_nothing(start: Start) -> None:
    stack = start(ModelServer(latency=0.6), lease_seconds=30)
    stack.accept(*(lecture(f"l{n}", 6, seed=1) for n in range(4)))
    crew = [stack.crew.hire(), stack.crew.hire()]
    stack.wait_until(lambda: stack.calls() >= 4)
    for old in crew:
        assert stack.crew.stop(old, grace=10), "it did not end within its grace"
        stack.crew.hire()
    stack.wait_for_all(60)
    assert stack.verdict().states == {"done": 4} and stack.verdict().broken == []
    assert stack.tallies().get("taken", 0) == 0, "a lease had to run out"
