"""The throttle: the API's limits towards each client, and the RateLimit fields that tell of them.

The fields are those of draft-ietf-httpapi-ratelimit-headers (-08 and later): `RateLimit-Policy` tells what a client may
do, `RateLimit` what is left of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from redis.asyncio import Redis

from shared.errors import KapitolaError
from shared.keys import PREFIX
from shared.settings import Settings

_DAY_MS = 86_400_000


class ThrottledError(KapitolaError):
    """The client asks more often than this server answers it."""

    code = "throttled"
    remedy = "Wait as long as `Retry-After` says. `?wait=30` and the event streams need far fewer requests."

    def __init__(self, detail: str, policy: str, wait_ms: int, told: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.policy = policy
        self.headers = {"Retry-After": str(max(1, math.ceil(wait_ms / 1000))), **(told or {})}


class QuotaExceededError(ThrottledError):
    """The client has handed in as much as it may within a day."""

    code = "quota-exceeded"
    remedy = "Hand in fewer at a time, or wait as long as `Retry-After` says: what was taken flows back evenly."


@dataclass(frozen=True, slots=True)
class Policy:
    """`quota` units within `window_ms`: all of them at once, if need be; they flow back evenly."""

    name: str
    quota: int
    window_ms: int

    def row(self, cost: int) -> list[str | int]:
        """As throttle.lua takes it."""
        return [self.name, self.quota, self.window_ms, cost]

    @property
    def field(self) -> str:
        return f'"{self.name}";q={self.quota};w={math.ceil(self.window_ms / 1000)}'


@dataclass(frozen=True, slots=True)
class Charge:
    """What a submission took of its client's quotas."""

    client: str
    lectures: int
    bytes: int


def requests_policy(settings: Settings) -> Policy:
    window = settings.client_burst / settings.client_requests_per_second
    return Policy("requests", settings.client_burst, max(1, round(window * 1000)))


def fields(policy: Policy, left: int, full_in_ms: int) -> dict[str, str]:
    """The two header fields for one policy; `full_in_ms` is when all of its quota has flowed back."""
    return {
        "RateLimit-Policy": policy.field,
        "RateLimit": f'"{policy.name}";r={left};t={math.ceil(full_in_ms / 1000)}',
    }


def lua(name: str) -> str:
    """A script of this package, behind the throttle's own function."""
    return "\n".join(files("api").joinpath(f"{part}.lua").read_text("utf-8") for part in ("throttle", name))


class Quotas:
    """How much each client may hand in within a day."""

    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._charge = redis.register_script(lua("charge"))
        self._policies = (
            Policy("lectures", settings.client_lectures_per_day, _DAY_MS),
            Policy("bytes", settings.client_bytes_per_day, _DAY_MS),
        )

    async def charge(self, charge: Charge) -> None:
        """Takes all of it, or raises QuotaExceededError and takes nothing."""
        refused, wait, left = await self._take(charge.client, (charge.lectures, charge.bytes))
        if not refused:
            return
        policy = self._policies[refused - 1]
        asked = (charge.lectures, charge.bytes)[refused - 1]
        when = "Hand in fewer at a time." if wait < 0 else f"Room for it will be there in {_span(wait)}."
        raise QuotaExceededError(
            f"{asked:,} {policy.name} are more than are left of the {policy.quota:,} that a client may hand in within "
            f"24 hours: {left[2 * (refused - 1)]:,}. {when} Nothing was accepted.",
            policy.name,
            _DAY_MS if wait < 0 else wait,
        )

    async def give_back(self, charge: Charge) -> None:
        """For a submission that was not accepted after all, or repeated an earlier one."""
        await self._take(charge.client, (-charge.lectures, -charge.bytes))

    async def _take(self, client: str, costs: Sequence[int]) -> tuple[int, int, list[int]]:
        rows = json.dumps([policy.row(cost) for policy, cost in zip(self._policies, costs, strict=True)])
        refused, wait, *left = await self._charge(args=[PREFIX, client, rows])
        return int(refused), int(wait), [int(n) for n in left]


def _span(ms: int) -> str:
    minutes = max(1, math.ceil(ms / 60_000))
    return f"{minutes} minutes" if minutes < 120 else f"{math.ceil(minutes / 60)} hours"
