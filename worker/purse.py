"""Purses: what calls cost, counted for their lecture, and kept within the budget of its batch."""

from __future__ import annotations

import json

from redis.asyncio import Redis

from shared.errors import KapitolaError
from shared.keys import PREFIX
from shared.lecture import Usage
from shared.ledger import LectureRecord, script
from worker.model.errors import ModelError


class BudgetError(KapitolaError):
    """The batch's budget does not reach for another call, or cannot be kept because a price is not known."""

    code = "budget"


class UnpaidError(ModelError):
    """A call that a merge can do without was not made, because of a BudgetError."""

    def __init__(self, why: BudgetError) -> None:
        super().__init__("budget", str(why))


class Purse:
    """One that is open to all and counts nothing: for calls that belong to no lecture."""

    async def set_aside(self, model: str, cost: float | None) -> float:  # noqa: ARG002
        """US dollars that were set aside for a call of this likely cost; None is a price that is not known."""
        return 0.0

    async def pay(self, usage: Usage, aside: float) -> None:
        """A reply came, for which so much had been set aside."""

    async def put_back(self, aside: float) -> None:
        """No reply came that anybody would charge for."""


class Purses:
    """Those of lectures."""

    def __init__(self, redis: Redis) -> None:
        self.set_aside = redis.register_script(script("set_aside"))
        self.spend = redis.register_script(script("spend"))

    def of(self, record: LectureRecord) -> Purse:
        return _LecturePurse(self, record)


class _LecturePurse(Purse):
    """Money is set aside before a call, so that calls under way at the same time stay within the budget together.
    What a worker that died had set aside counts as spent: its call may well be charged."""

    def __init__(self, purses: Purses, record: LectureRecord) -> None:
        self._purses, self._budget = purses, record.options.budget
        self._where = [PREFIX, record.batch, record.id]

    async def set_aside(self, model: str, cost: float | None) -> float:
        """Raises BudgetError where the budget does not reach so far."""
        if self._budget is None or cost == 0:
            return 0.0
        if cost is None:
            raise BudgetError(
                f"The price of {model} is not known, so that no budget can be kept. Add it to a price table of your "
                "own (KAPITOLA_PRICES), or go on without a budget: kapitola retry --no-budget."
            )
        done, spent = await self._purses.set_aside(args=[*self._where, self._budget, f"{cost:.9f}"])
        if not done:
            raise BudgetError(
                f"The budget of ${self._budget:.2f} is spent (${float(spent):.4f}; the next call takes about "
                f"${cost:.4f}). Go on where it stopped: kapitola retry with a larger --budget, or --no-budget."
            )
        return cost

    async def pay(self, usage: Usage, aside: float) -> None:
        await self._purses.spend(
            args=[
                *self._where,
                json.dumps({name: float(amount) for name, amount in usage}),
                f"{usage.cost - aside:.9f}",
            ]
        )

    async def put_back(self, aside: float) -> None:
        if aside:
            await self._purses.spend(args=[*self._where, "{}", f"{-aside:.9f}"])
