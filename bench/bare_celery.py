"""The storm of tests/harness/storm.py against plain Celery: `python bench/bare_celery.py --seed 1 --kills 125`.

Celery gets its best settings: late acknowledgement, reject_on_worker_lost, a visibility timeout of 30 s instead of an
hour, and restoring every second. Workers, slots, rhythm and times of kills, and how long a chunk takes are the same.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import bare_worker  # noqa: E402
from harness.crew import Crew  # noqa: E402
from harness.redis_process import RedisProcess  # noqa: E402
from harness.storm import percentile  # noqa: E402
from redis import Redis  # noqa: E402

_BACKLOG = 100
_PATIENCE_S = 100
"""Three times what Celery needs to give a dead worker's messages out again. What is not done when nothing was for so
long is lost, or frozen: where a worker died with kombu's restoring lock in hand, nothing is restored for 300 s."""


@dataclass
class BareStorm:
    """The same storm, and what it came to. Times are seconds; `kills` is the plan, and then what was done."""

    seed: int
    kills: int
    workers: int = 3
    threads: int = 4
    pause: float = 0.8
    latency: float = 0.4
    most_seconds: float = 140.0
    accepted: int = 0
    hit: dict[tuple[str, int], float] = field(default_factory=dict)

    def run(self, folder: Path) -> str:
        with RedisProcess(folder) as redis, Redis(unix_socket_path=str(redis.socket)) as store:
            address = f"redis+socket://{redis.socket}"
            with Crew(folder, {"BARE_REDIS": address}, self.threads, module="bare_worker") as crew:
                self._rage(crew, store, address)
                self._wait(store)
                return self._report(store)

    def _rage(self, crew: Crew, store: Redis, address: str) -> None:
        chance = random.Random(self.seed)
        lengths = random.Random(self.seed)
        alive = [crew.hire() for _ in range(self.workers)]
        self._feed(store, address, lengths)
        while not store.get("runs"):
            time.sleep(0.05)
        until = time.monotonic() + self.most_seconds
        planned, self.kills = self.kills, 0
        while self.kills < planned and time.monotonic() < until:
            self.kills += 1
            time.sleep(self.pause * chance.uniform(0.3, 1.7))
            victim = chance.randrange(self.workers)
            crew.freeze(alive[victim])
            held = {name for name, pid in store.hgetall("started").items() if int(pid) == alive[victim]}
            for name in held - set(store.hkeys("done")):
                self.hit[name.decode(), alive[victim]] = time.time()
            crew.kill(alive[victim])
            alive[victim] = crew.hire()
            self._feed(store, address, lengths)

    def _feed(self, store: Redis, address: str, lengths: random.Random) -> None:
        bare_worker.app.conf.broker_url = address
        missing = _BACKLOG - int(store.llen("bare"))
        for _ in range(max(0, missing)):
            self.accepted += 1
            bare_worker.chunk.delay(f"chunk-{self.accepted}", self.latency * lengths.uniform(0.5, 1.5))

    def _wait(self, store: Redis) -> None:
        done, changed = -1, time.monotonic()
        while done < self.accepted and time.monotonic() - changed < _PATIENCE_S:
            if (now := int(store.hlen("done"))) != done:
                done, changed = now, time.monotonic()
            time.sleep(0.2)

    def _report(self, store: Redis) -> str:
        done = {name.decode(): float(at) for name, at in store.hgetall("done").items()}
        recovered = [done[name] - at for (name, _), at in self.hit.items() if name in done]
        lost = self.accepted - len(done)
        return "\n".join(
            [
                f"plain Celery, seed {self.seed}: {self.kills} kills, {self.workers} workers of {self.threads} slots",
                f"accepted {self.accepted} chunks, done {len(done)}, lost or frozen for {_PATIENCE_S} s: {lost}",
                f"works under way in killed workers {len(self.hit)}, runs more than one a chunk "
                f"{int(store.get('runs') or 0) - len(set(store.hkeys('started')))}",
                f"recovery p50 {percentile(recovered, 50):.1f} s, p99 {percentile(recovered, 99):.1f} s, "
                f"longest {max(recovered, default=0):.1f} s",
            ]
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=125)
    parser.add_argument("--pause", type=float, default=0.8, help="seconds between kills, on average")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kapitola-") as folder:
        print(BareStorm(given.seed, given.kills, pause=given.pause).run(Path(folder)))


if __name__ == "__main__":
    main()
