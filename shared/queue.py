"""Tickets: the messages that say "there is work". They carry nothing: losing or repeating one is harmless."""

from __future__ import annotations

from celery import Celery

from shared.settings import Settings

TICKET = "kapitola.work"
QUEUE = "kapitola"


def celery_app(settings: Settings) -> Celery:
    """The Celery application; docs/decisions/queue.md has the reason of each line."""
    app = Celery("kapitola", broker=settings.broker_url)
    app.conf.update(
        task_default_queue=QUEUE,
        task_acks_late=True,
        task_ignore_result=True,
        result_backend=None,
        accept_content=["json"],  # a pickle on the queue is never opened
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
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
    """Puts `count` tickets on the queue over one connection. A lost one is replaced by the reconciler."""
    with app.producer_pool.acquire(block=True, timeout=5) as producer:
        for _ in range(count):
            app.send_task(TICKET, producer=producer, ignore_result=True)
