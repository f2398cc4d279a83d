"""What tokens cost, by the price table in prices.toml or in a file of the user's own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from shared.errors import KapitolaError
from shared.lecture import Usage

OUT_SHARE = 0.15
"""Tokens of a reply for one of its chunk, until replies tell: 20 for a section of some 250, JSON around it included."""
RULES = 1_200
"""Tokens of the rules that go before every chunk (worker/prompts/outline.txt; `make bench-prompt`), and that providers
cache: a test holds it to them."""
CHUNK_FRAME = 40
"""Tokens that are said of a chunk behind the rules and around its cues: a test holds it to them."""
MERGE_FRAME = 240
"""Tokens of the prompt that a lecture's merge is asked with beside those of the titles: a test holds it to them."""
_MERGED_PER_CHUNK = 60
"""Tokens of a chunk's main titles, which the merge's prompt lists: five of a dozen each."""
_MINUTE_OF_MODEL_TOKENS = 4_000
"""Tokens a minute that one call answers with, at a modest server's 65 a second."""


class PricesError(KapitolaError):
    """The price table cannot be read."""

    code = "prices"


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens. `economy` is the flex tier's share of these; None where there is none."""

    tokens_in: float
    tokens_cached: float
    tokens_out: float
    economy: float | None = None
    thinks: bool = False
    """It charges as output what it thinks before it answers: how much that is, only its replies tell."""

    def cost(self, usage: Usage, *, economy: bool = False) -> float:
        """US dollars. What our own reply cache answered has no tokens, and costs nothing."""
        fresh = max(0, usage.tokens_in - usage.tokens_cached)
        whole = (
            fresh * self.tokens_in + usage.tokens_cached * self.tokens_cached + usage.tokens_out * self.tokens_out
        ) / 1e6
        return whole * (self.economy or 1.0) if economy else whole


@dataclass(frozen=True, slots=True)
class Estimate:
    """What outlining so many chunks would take. `cost` and `economy_cost` are None where the price is not known;
    `thinks` as in Price."""

    chunks: int
    usage: Usage
    cost: float | None
    economy_cost: float | None
    seconds: float
    thinks: bool


@cache
def prices(path: str = "") -> dict[str, Price]:
    """The table of prices by model. Raises PricesError, naming the file and what is wrong in it."""
    source = Path(path) if path else files("shared").joinpath("prices.toml")
    try:
        models = tomllib.loads(source.read_text("utf-8"))["models"]
        return {name: _price(entry) for name, entry in models.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PricesError(
            f"The price table {path or 'shared/prices.toml'} cannot be used ({type(error).__name__}: {error}). "
            'It needs [models."NAME"] with `in` and `out`, in US dollars per million tokens.'
        ) from None


def _price(entry: Mapping[str, Any]) -> Price:
    dollars_in = float(entry["in"])
    return Price(
        tokens_in=dollars_in,
        tokens_cached=float(entry.get("cached", dollars_in)),
        tokens_out=float(entry["out"]),
        economy=float(entry["economy"]) if "economy" in entry else None,
        thinks=bool(entry.get("thinks")),
    )


def price(model: str, path: str = "") -> Price | None:
    """The price of `model`, by the longest name in the table that it begins with ("gpt-5-mini-2025-08-07");
    None if it has none, as models of one's own have."""
    table = prices(path)
    known = [name for name in table if model == name or model.startswith((f"{name}-", f"{name}:", f"{name}@"))]
    return table[max(known, key=len)] if known else None


def priced(usage: Usage, known: Price | None, *, economy: bool = False) -> Usage:
    """The usage of one call with what it cost. Where we know no price, what the server told stands, if it did."""
    if known:
        return usage.model_copy(update={"cost": known.cost(usage, economy=economy)})
    return usage.model_copy(update={"unpriced": 0 if usage.cost else 1})


def estimate(
    model: str,
    lectures: Sequence[Sequence[int]],
    *,
    requests_per_minute: int | None = None,
    tokens_per_minute: int | None = None,
    in_flight: int = 64,
    path: str = "",
) -> Estimate:
    """What lectures will take, before anything is sent: cost in both tiers, and duration.

    `lectures` are the estimated tokens of each one's chunks. Not in it: what is asked again because a reply was bad.
    """
    usage = sum((_likely(chunks) for chunks in lectures), Usage(estimated=True))
    chunks = sum(len(of_one) for of_one in lectures)
    known = price(model, path)
    paces = [
        usage.tokens_out / _MINUTE_OF_MODEL_TOKENS / min(in_flight, max(chunks, 1)),
        usage.calls / requests_per_minute if requests_per_minute else 0.0,
        (usage.tokens_in + usage.tokens_out) / tokens_per_minute if tokens_per_minute else 0.0,
    ]
    return Estimate(
        chunks=chunks,
        usage=usage,
        cost=known.cost(usage) if known else None,
        economy_cost=known.cost(usage, economy=True) if known and known.economy else None,
        seconds=60 * max(paces),
        thinks=bool(known and known.thinks),
    )


def _likely(chunks: Sequence[int]) -> Usage:
    """One lecture's: a call a chunk, and one for the merge if there is anything to merge."""
    merges, merged = int(len(chunks) > 1), _MERGED_PER_CHUNK * len(chunks)
    return Usage(
        calls=len(chunks) + merges,
        tokens_in=sum(chunks) + (RULES + CHUNK_FRAME) * len(chunks) + merges * (MERGE_FRAME + merged),
        tokens_cached=max(0, len(chunks) - 1) * RULES,
        tokens_out=round(sum(chunks) * OUT_SHARE) + merges * merged,
    )
