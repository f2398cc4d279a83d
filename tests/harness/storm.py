"""A storm: workers killed at random moments for as long as is asked, under work that never runs out.

`python tests/harness/storm.py --seed 1 --kills 125` prints what became of everything; the same seed kills in the same
rhythm. Exits with 1 if anything was lost, or broke a rule of history.py.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from harness.history import Verdict  # noqa: E402
from harness.lectures import lecture  # noqa: E402
from harness.redis_process import RedisProcess  # noqa: E402
from harness.stack import Stack  # noqa: E402
from model_server import ModelServer  # noqa: E402
from redis.asyncio import Redis  # noqa: E402

from shared.settings import Settings  # noqa: E402

_CHUNKS = 8
_BACKLOG = 100
ATTEMPTS = 20
"""With the default of 3, chunks that were hit by three kills in a row would be given up by name, as they should be:
a storm hits the innocent."""

LEASE: float = Settings.model_fields["lease_seconds"].default
_CALLS = 5_000
"""The limiter counts a killed worker's calls as in flight for 20 s more; here they are not to hold up the others."""


@dataclass
class Storm:
    """What a storm is made of, and what it came to. Times are seconds; `kills` is the plan, and then what was done."""

    seed: int
    kills: int
    workers: int = 3
    threads: int = 4
    pause: float = 0.8
    latency: float = 0.4
    lease: float = LEASE
    most_seconds: float = 180.0
    killed_slots: int = 0
    recoveries: list[float] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    chunks: int = 0
    duplicates: int = 0
    tallies: dict[str, int] = field(default_factory=dict)
    took: float = 0.0

    def run(self, folder: Path) -> None:
        began = time.monotonic()
        with (
            RedisProcess(folder) as redis,
            ModelServer(latency=self.latency, seed=self.seed) as model,
            Stack(
                folder,
                redis,
                model,
                threads=self.threads,
                lease_seconds=self.lease,
                attempts=ATTEMPTS,
                calls_in_flight=_CALLS,
            ) as stack,  # fmt: skip
        ):
            self._rage(stack)
            stack.wait_for_all(self.lease + 120)
            self._judge(stack)
        self.took = time.monotonic() - began

    def _rage(self, stack: Stack) -> None:
        chance = random.Random(self.seed)
        alive = [stack.crew.hire() for _ in range(self.workers)]
        self._feed(stack)
        stack.wait_until(lambda: stack.calls() > 0, what="no worker started")
        self._hit: dict[tuple[str, str], float] = {}
        until = time.monotonic() + self.most_seconds
        planned, self.kills = self.kills, 0
        while self.kills < planned and time.monotonic() < until:
            self.kills += 1
            time.sleep(self.pause * chance.uniform(0.3, 1.7))
            victim = chance.randrange(self.workers)
            stack.crew.freeze(alive[victim])  # so that what it holds can be told from what others hold
            held = stack.run(_claimed(stack.redis))
            for claim in held.items():
                self._hit.setdefault(claim, time.time())
            stack.crew.kill(alive[victim])
            alive[victim] = stack.crew.hire()
            self._feed(stack)

    def _feed(self, stack: Stack) -> None:
        while stack.run(_waiting(stack.redis)) < _BACKLOG:
            n = len(stack.accepted)
            fresh = [lecture(f"s{self.seed}-{n + k}", _CHUNKS, self.seed) for k in range(10)]
            stack.accept(*fresh)
            self.chunks += sum(len(one.chunks) for one in fresh)

    def _judge(self, stack: Stack) -> None:
        self.verdict, self.tallies = stack.verdict(), stack.tallies()
        prompts = Counter(str(call.request["messages"]) for call in stack.model.calls)
        self.duplicates = sum(n - 1 for n in prompts.values())
        outcomes = stack.run(_outcomes(stack.redis, sorted({work for work, _ in self._hit})))
        for (work, token), at in self._hit.items():
            by, ended = outcomes[work]
            if by != token:
                self.killed_slots += 1
                self.recoveries.append(ended - at)

    def report(self) -> str:
        states, found = self.verdict.states, self.verdict
        ended = {str(state): n for state, n in states.items()}
        p50, p99 = percentile(self.recoveries, 50), percentile(self.recoveries, 99)
        lines = [
            f"seed {self.seed}: {self.kills} kills, {self.workers} workers of {self.threads} slots, {self.took:.0f} s",
            f"accepted {states.total() + len(found.lost)} lectures, {self.chunks} chunks; ended {ended}",
            f"lost {len(found.lost)}, rules broken {len(found.broken)}, given up {self.tallies.get('given up', 0)}",
            f"works under way in killed workers {self.killed_slots}, model calls made twice {self.duplicates}",
            f"recovery p50 {p50:.1f} s, p99 {p99:.1f} s, longest {max(self.recoveries, default=0):.1f} s",
        ]
        return "\n".join([*lines, *found.broken[:10]])

    @property
    def is_survived(self) -> bool:
        return not self.verdict.lost and not self.verdict.broken and set(self.verdict.states) == {"done"}


def percentile(values: list[float], share: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * share // 100)] if ordered else 0.0


async def _claimed(redis: Redis) -> dict[str, str]:
    """Work → token, of all that is under way."""
    works = [work.decode() for work in await redis.zrange("kapitola:leases", 0, -1)]
    async with redis.pipeline(transaction=False) as pipe:
        for work in works:
            pipe.hget(f"kapitola:chunk:{work}", "token")
        return {work: token.decode() for work, token in zip(works, await pipe.execute(), strict=True) if token}


async def _outcomes(redis: Redis, works: list[str]) -> dict[str, tuple[str, float]]:
    """Work → the token that committed it, and when."""
    async with redis.pipeline(transaction=False) as pipe:
        for work in works:
            pipe.hmget(f"kapitola:chunk:{work}", "by", "ended")
        found = zip(works, await pipe.execute(), strict=True)
        return {work: (by.decode(), int(ended) / 1000) for work, (by, ended) in found if by}


async def _waiting(redis: Redis) -> int:
    return sum([await redis.zcard(key) async for key in redis.scan_iter("kapitola:waiting:*")])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=125)
    parser.add_argument("--pause", type=float, default=0.8, help="seconds between kills, on average")
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=180.0, help="no more kills after so long")
    parser.add_argument("--lease", type=float, default=LEASE)
    given = parser.parse_args()
    storm = Storm(
        given.seed, given.kills, given.workers, pause=given.pause, lease=given.lease, most_seconds=given.seconds
    )
    with tempfile.TemporaryDirectory(prefix="kapitola-") as folder:
        storm.run(Path(folder))
    print(storm.report())
    sys.exit(not storm.is_survived)


if __name__ == "__main__":
    main()
