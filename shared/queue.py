"""Tickets: the messages that say "there is work". They carry nothing: losing or repeating one is harmless."""

from __future__ import annotations

import json
import logging
from queue import Empty
from typing import Any

from celery import Celery
from kombu.exceptions import KombuError
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis
from redis.exceptions import ResponseError

from shared.settings import Settings

log = logging.getLogger(__name__)

TICKET = "kapitola.work"
QUEUE = "kapitola"
_TRANSPORT = f"{__name__}:Transport"


class _Channel(kombu_redis.Channel):
    """kombu's, but for messages that are no JSON: those end a worker of kombu's, and are dropped by ours."""

    do_restore = False
    """Tickets in hand need not go back when a connection ends: the reconciler issues others."""

    def _brpop_read(self, **options: Any) -> Any:
        try:
            return super()._brpop_read(**options)  # type: ignore[misc]  # the types leave it out
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            log.warning("Something on the queue that is no message was dropped: %s", error)
            raise Empty from error


class Transport(kombu_redis.Transport):
    """kombu's, but for JSON that is no message; and a Redis that is full or read-only is one to come back to."""

    Channel = _Channel
    # AttributeError: what kombu raises for a ticket that is acknowledged on a connection that is gone by then.
    connection_errors = (*kombu_redis.Transport.connection_errors, ResponseError, AttributeError)

    def _deliver(self, message: Any, queue: str | None) -> None:
        if _is_message(message):
            super()._deliver(message, queue)
        else:
            log.warning("Something on the queue that is no message was dropped")


def _is_message(found: Any) -> bool:
    properties = found.get("properties") if isinstance(found, dict) else None
    return isinstance(properties, dict) and "delivery_tag" in properties and "body" in found


def celery_app(settings: Settings) -> Celery:
    """The Celery application; docs/decisions/queue.md has the reason of each line."""
    TRANSPORT_ALIASES.update(redis=_TRANSPORT, rediss=_TRANSPORT)
    app = Celery("kapitola", broker=settings.broker_url)
    app.conf.update(
        task_default_queue=QUEUE,
        task_acks_late=True,
        task_ignore_result=True,
        result_backend=None,
        accept_content=["json"],  # a pickle on the queue is never opened
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_enable_prefetch_count_reduction=False,
        worker_send_task_events=True,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 3600,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "socket_timeout": 5,
            "socket_connect_timeout": 3,
        },
    )
    return app


def publish_tickets(app: Celery, count: int) -> None:
    """Puts `count` tickets on the queue over one connection, or fewer: the reconciler replaces what is missing."""
    try:
        with app.producer_pool.acquire(block=True, timeout=5) as producer:
            for _ in range(count):
                app.send_task(TICKET, producer=producer, ignore_result=True, retry=False)
    except (KombuError, OSError) as error:
        log.warning("Tickets could not be issued (%s); the reconciler will", error)
