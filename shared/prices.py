"""What tokens cost, by the price table in prices.toml or in a file of the user's own."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from shared.errors import KapitolaError
from shared.lecture import Usage

OUT_SHARE = 0.15
"""Tokens of a reply for one of its chunk, until replies tell: 20 for a section of some 250, JSON around it included."""
_RULES = 1_200
"""Tokens of the rules that go before every chunk (worker/prompts/outline.txt; `make bench-prompt`)."""
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

    def cost(self, usage: Usage, *, economy: bool = False) -> float:
        """US dollars. What our own reply cache answered has no tokens, and costs nothing."""
        fresh = max(0, usage.tokens_in - usage.tokens_cached)
        whole = (
            fresh * self.tokens_in + usage.tokens_cached * self.tokens_cached + usage.tokens_out * self.tokens_out
        ) / 1e6
        return whole * (self.economy or 1.0) if economy else whole


@dataclass(frozen=True, slots=True)
class Estimate:
    """What outlining so many chunks would take. `cost` and `economy_cost` are None where the price is not known."""

    chunks: int
    usage: Usage
    cost: float | None
    economy_cost: float | None
    seconds: float


@cache
def prices(path: str = "") -> dict[str, Price]:
    """The table of prices by model. Raises PricesError, naming the file and what is wrong in it."""
    source = Path(path) if path else files("shared").joinpath("prices.toml")
    try:
        models = tomllib.loads(source.read_text("utf-8"))["models"]
        return {
            name: Price(float(p["in"]), float(p.get("cached", p["in"])), float(p["out"]), p.get("economy"))
            for name, p in models.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PricesError(
            f"The price table {path or 'shared/prices.toml'} cannot be used ({type(error).__name__}: {error}). "
            'It needs [models."NAME"] with `in` and `out`, in US dollars per million tokens.'
        ) from None


def price(model: str, path: str = "") -> Price | None:
    """The price of `model`, by the longest name in the table that it begins with ("gpt-5-mini-2025-08-07");
    None if it has none, as models of one's own have."""
    table = prices(path)
    known = [name for name in table if model == name or model.startswith((f"{name}-", f"{name}:", f"{name}@"))]
    return table[max(known, key=len)] if known else None


def estimate(
    model: str,
    chunk_tokens: list[int],
    *,
    requests_per_minute: int | None = None,
    tokens_per_minute: int | None = None,
    in_flight: int = 64,
    path: str = "",
) -> Estimate:
    """What chunks of so many estimated tokens will take, before anything is sent: cost in both tiers, and duration."""
    chunks, text = len(chunk_tokens), sum(chunk_tokens)
    usage = Usage(
        calls=chunks,
        tokens_in=text + _RULES * chunks,
        tokens_cached=max(0, chunks - 1) * (_RULES if _RULES >= 1024 else 0),  # providers cache nothing shorter
        tokens_out=round(text * OUT_SHARE),
        estimated=True,
    )
    known = price(model, path)
    paces = [
        usage.tokens_out / _MINUTE_OF_MODEL_TOKENS / min(in_flight, max(chunks, 1)),
        chunks / requests_per_minute if requests_per_minute else 0.0,
        (usage.tokens_in + usage.tokens_out) / tokens_per_minute if tokens_per_minute else 0.0,
    ]
    return Estimate(
        chunks=chunks,
        usage=usage,
        cost=known.cost(usage) if known else None,
        economy_cost=known.cost(usage, economy=True) if known and known.economy else None,
        seconds=60 * max(paces),
    )
