"""What the fault tests share: a whole stack whose leases are short, and the promise that no key was left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from harness.keys_left import undeclared
from harness.redis_process import RedisProcess
from harness.stack import Stack
from model_server import ModelServer

Start = Callable[..., Stack]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a stack with the settings given; at the end, every key in its Redis must be declared and have its TTL."""
    with ExitStack() as exits:
        stacks: list[Stack] = []

        def start(model: ModelServer | None = None, through: str = "", threads: int = 8, **settings: object) -> Stack:
            redis = exits.enter_context(RedisProcess(tmp_path))
            served = exits.enter_context(model or ModelServer(latency=0.15))
            stack = Stack(
                tmp_path, redis, served, through=through, threads=threads, **({"lease_seconds": 2} | settings)
            )
            stacks.append(exits.enter_context(stack))
            return stack

        yield start
        for stack in stacks:
            assert undeclared(stack.redis_process.url) == []
