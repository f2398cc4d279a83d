"""Forks workers: a process that has imported all that a worker needs once, so that a storm can replace them quickly.

Run as a program. Each line of its input is an order as JSON, {"environment": {..}, "log": path, "module": name,
"arguments": [..]}; each line of its output the new process's id, which is also its group's.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from typing import Any

from shared.cues import Cue
from worker.language import detect

_USED = (
    "celery.bin.worker", "celery.apps.worker", "celery.concurrency.thread", "worker.tasks",
    "openai.resources.chat", "openai.types.chat", "aiohttp.client",
)  # fmt: skip


def main() -> None:
    for name in _USED:
        importlib.import_module(name)
    detect([Cue(1, 0, 1_000, "it takes a second to load what tells languages apart")])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that are killed
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _work(order)
        print(pid, flush=True)


def _work(order: dict[str, Any]) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.update(order["environment"])
    _set_clock(float(os.environ.get("FAULT_CLOCK_OFF_S", "0")))
    status = 1
    try:
        importlib.import_module(order["module"]).app.worker_main(order["arguments"])
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        os._exit(status)


def _set_clock(off: float) -> None:
    """`time.time` is so many seconds ahead, also where it was imported by name."""
    right = time.time
    if not off:
        return

    def wrong() -> float:
        return right() + off

    for module in list(sys.modules.values()):
        for name in ("time", "_time"):
            if getattr(module, name, None) is right:
                setattr(module, name, wrong)


if __name__ == "__main__":
    main()
