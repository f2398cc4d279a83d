"""Numbers for Prometheus: what waits and what was done, as Redis knows it; and what this process has answered.

docs/metrics.md is written from `DESCRIPTIONS`. No number tells clients, lectures or texts apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import cast

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from redis.asyncio import Redis

from shared.keys import PREFIX
from shared.queue import QUEUE

CONTENT_TYPE = CONTENT_TYPE_LATEST

DESCRIPTIONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "kapitola_works": ("state", "Works (chunks and merges) that are not done: waiting, leased, delayed, suspect."),
        "kapitola_clients_waiting": ("", "Clients with work that waits."),
        "kapitola_tickets": ("", "Messages on the queue that say “there is work”."),
        "kapitola_webhooks_waiting": ("", "Webhooks that wait for an attempt."),
        "kapitola_works_total": (
            "outcome",
            "What became of works: claimed, committed, taken (from a dead worker), given_up, refused (a late result).",
        ),
        "kapitola_lectures_total": ("state", "Lectures that were accepted, or came into a state."),
        "kapitola_model_calls_total": ("outcome", "Calls to models that gave a reply, or the code of their error."),
        "kapitola_model_tokens_total": ("kind", "Tokens of the replies: in, of these cached, and out."),
        "kapitola_model_dollars_total": ("", "What the calls cost, in US dollars, as far as prices are known."),
        "kapitola_http_responses_total": ("status", "What this process has answered, by HTTP status."),
        "kapitola_http_seconds": (
            "",
            "How long this process took until it began to answer; waits and streams excepted.",
        ),
    }
)
"""Each metric's label (or none) and what it means."""

_ZSETS = {"leased": "leases", "delayed": "delayed", "suspect": "suspects"}
_OUTCOMES = ("claimed", "committed", "taken", "given_up", "refused")
_TOKENS = {"in": "tokens_in", "cached": "tokens_cached", "out": "tokens_out"}
_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30)


class Answered:
    """What one process has answered."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        name, seconds = "kapitola_http_responses_total", "kapitola_http_seconds"
        self._responses = Counter(name, DESCRIPTIONS[name][1], ["status"], registry=self.registry)
        self._seconds = Histogram(seconds, DESCRIPTIONS[seconds][1], registry=self.registry, buckets=_BUCKETS)

    def count(self, status: int, seconds: float | None) -> None:
        """One answer; `seconds` is None where how long it took says nothing of the server."""
        self._responses.labels(status).inc()
        if seconds is not None:
            self._seconds.observe(seconds)


async def exposed(redis: Redis, answered: Answered) -> bytes:
    """All the numbers, in Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(_Numbers([*await _gauges(redis), *await _tallies(redis)]))
    return generate_latest(registry) + generate_latest(answered.registry)


class _Numbers(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        yield from self._families


async def _gauges(redis: Redis) -> list[Metric]:
    clients = cast(list[bytes], await redis.zrange(f"{PREFIX}clients", 0, -1))
    async with redis.pipeline(transaction=False) as pipe:
        pipe.llen(QUEUE)
        pipe.zcard(f"{PREFIX}webhooks")
        for key in _ZSETS.values():
            pipe.zcard(f"{PREFIX}{key}")
        for client in clients:
            pipe.zcard(f"{PREFIX}waiting:{client.decode()}")
        tickets, webhooks, *works = await pipe.execute()
    states = dict(zip(_ZSETS, works[: len(_ZSETS)], strict=True))
    return [
        _gauge("kapitola_works", {"waiting": sum(works[len(_ZSETS) :]), **states}),
        _gauge("kapitola_clients_waiting", {"": len(clients)}),
        _gauge("kapitola_tickets", {"": tickets}),
        _gauge("kapitola_webhooks_waiting", {"": webhooks}),
    ]


async def _tallies(redis: Redis) -> list[Metric]:
    found = cast(dict[bytes, bytes], await redis.hgetall(f"{PREFIX}tallies"))
    tallies = {name.decode(): float(value) for name, value in found.items()}
    calls = {"replied": tallies.get("usage:calls", 0), **_below("calls:", tallies)}
    return [
        _counter("kapitola_works_total", {outcome: tallies.get(outcome, 0) for outcome in _OUTCOMES}),
        _counter("kapitola_lectures_total", {"accepted": tallies.get("accepted", 0), **_below("lectures:", tallies)}),
        _counter("kapitola_model_calls_total", calls),
        _counter("kapitola_model_tokens_total", {kind: tallies.get(f"usage:{n}", 0) for kind, n in _TOKENS.items()}),
        _counter("kapitola_model_dollars_total", {"": tallies.get("usage:cost", 0)}),
    ]


def _below(prefix: str, tallies: Mapping[str, float]) -> dict[str, float]:
    return {name.removeprefix(prefix): count for name, count in sorted(tallies.items()) if name.startswith(prefix)}


def _gauge(name: str, values: Mapping[str, float]) -> Metric:
    label, meaning = DESCRIPTIONS[name]
    return _filled(GaugeMetricFamily(name, meaning, labels=[label] if label else []), values)


def _counter(name: str, values: Mapping[str, float]) -> Metric:
    label, meaning = DESCRIPTIONS[name]
    return _filled(CounterMetricFamily(name, meaning, labels=[label] if label else []), values)


def _filled(family: GaugeMetricFamily | CounterMetricFamily, values: Mapping[str, float]) -> Metric:
    for label, value in values.items():
        family.add_metric([label] if label else [], value)
    return family
