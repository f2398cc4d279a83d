"""What bench/bare_celery.py kills: plain Celery at its best settings; its tasks sleep as a call to a model waits."""

from __future__ import annotations

import os
import time

from celery import Celery
from redis import Redis

REDIS = os.environ.get("BARE_REDIS", "redis+socket:///nowhere")
_store = Redis(unix_socket_path=REDIS.partition("://")[2])

app = Celery("bare", broker=REDIS)
app.conf.update(
    task_default_queue="bare",
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 30,
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    },
)


@app.task(name="bare.chunk")
def chunk(name: str, seconds: float) -> None:
    """Says who works on it, works, and says when it was done."""
    _store.hset("started", name, os.getpid())
    _store.incr("runs")
    time.sleep(seconds)
    _store.hsetnx("done", name, time.time())
