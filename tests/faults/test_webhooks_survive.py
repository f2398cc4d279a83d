"""Workers killed while they end lectures and tell of it: each end is told, if need be more than once."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from harness.lectures import lecture
from harness.stack import Stack
from standardwebhooks import Webhook as Verifier
from webhook_receiver import Receiver

from shared.clients import Clients

Start = Callable[..., Stack]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_f28_no_kill_loses_a_webhook(start: Start) -> None:
    chance = random.Random(7)
    stack = start(webhook_hosts="127.0.0.1", attempts=50)
    ids = [f"l{n}" for n in range(12)]
    # One refusal: whichever message had two would be tried again after five minutes.
    with Receiver(answers=[(500, {}), (204, {})]) as receiver:
        stack.run(Clients(stack.redis).create_key("a"))
        secret = stack.run(Clients(stack.redis).secret("a"))
        lectures = [replace(lecture(id, 2, seed=1), webhook=receiver.url) for id in ids]
        stack.accept(*lectures, batch="b1")
        for _ in range(2):
            stack.crew.hire()
        kills = 0
        while not stack.has_ended():
            time.sleep(chance.uniform(0.3, 1.2))
            stack.crew.kill(chance.choice(stack.crew.pids))
            stack.crew.hire()
            kills += 1
        assert kills >= 3, "it ended too soon to show anything"

        def told() -> set[tuple[str, str]]:
            taken = receiver.received[1:]  # the first was answered with 500
            messages = [Verifier(secret).verify(r.body, r.headers) for r in taken]
            return {(message["type"], message["data"]["id"]) for message in messages}

        expected = {("lecture.done", id) for id in ids} | {("batch.done", "b1")}
        stack.wait_until(lambda: told() >= expected, 120, "not everything was told")
        assert told() == expected
