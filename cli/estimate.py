"""`kapitola estimate`: what outlining would take, before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import click

from cli.amounts import counted, dollars, duration
from cli.options import encoding_option, model_option
from cli.outcome import Exit, tell_refused, tell_remarks
from cli.serving import consoles
from cli.transcripts import TranscriptFile, transcripts
from shared.chunks import cut
from shared.cues import read, remarks
from shared.endpoints import OFFLINE, Endpoint, endpoints_from
from shared.errors import TranscriptRefusedError
from shared.prices import Estimate
from shared.prices import estimate as estimated
from shared.settings import Settings, settings


@click.command(short_help="Say what outlining would take, before anything is sent.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@model_option
@encoding_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def estimate(files: tuple[Path, ...], model: str | None, encoding: str | None, as_json: bool) -> int:
    """Say what outlining would take: chunks, tokens, price in both tiers, and time. Nothing is sent anywhere.

    The models, their limits and the price table are those of this machine's settings.

    \b
    kapitola estimate lectures/
    kapitola estimate lectures/ --model gpt-5-mini
    """
    configured = settings()
    lectures, refused = _chunks(transcripts(files), encoding, configured)
    found = [(endpoint.model, _of(endpoint, lectures, configured)) for endpoint in _endpoints(model, configured)]
    if not lectures and not as_json:
        return Exit.REFUSED
    if as_json:
        click.echo(json.dumps({"lectures": len(lectures), "models": [_row(name, each) for name, each in found]}))
    else:
        _tell(len(lectures), found)
    return Exit.REFUSED if refused else Exit.OK


def _chunks(files: Sequence[TranscriptFile], encoding: str | None, configured: Settings) -> tuple[list[list[int]], int]:
    """The estimated tokens of each lecture's chunks, and how many files were refused, which is told."""
    lectures: list[list[int]] = []
    for file in files:
        try:
            cues = read(file.path.read_bytes(), file.label, encoding).cues
        except TranscriptRefusedError as error:
            tell_refused(consoles(), [str(error)])
        else:
            tell_remarks(consoles(), [(file.label, remarks(cues))])
            lectures.append([chunk.tokens for chunk in cut(cues, configured.chunk_tokens, configured.context_cues)])
    return lectures, len(files) - len(lectures)


def _endpoints(model: str | None, configured: Settings) -> Sequence[Endpoint]:
    """One for each model that is configured; the one that was named, with the limits of the first, if one was."""
    found = {endpoint.model: endpoint for endpoint in endpoints_from(configured)}
    if model is None:
        return list(found.values())
    named = OFFLINE if model == OFFLINE.model else replace(next(iter(found.values())), model=model)
    return [found.get(model, named)]


def _of(endpoint: Endpoint, lectures: list[list[int]], configured: Settings) -> Estimate:
    limits = endpoint.limits
    return estimated(
        endpoint.model, lectures, requests_per_minute=limits.requests_per_minute,
        tokens_per_minute=limits.tokens_per_minute, in_flight=limits.in_flight, path=configured.prices,
    )  # fmt: skip


def _row(model: str, told: Estimate) -> dict[str, object]:
    row = {name: value for name, value in asdict(told).items() if name != "usage"}
    return {"model": model, **row, "tokens_in": told.usage.tokens_in, "tokens_out": told.usage.tokens_out}


def _tell(lectures: int, found: Sequence[tuple[str, Estimate]]) -> None:
    _, first = found[0]
    usage = first.usage
    click.echo(
        f"{counted(lectures, 'lecture')}, {counted(first.chunks, 'chunk')}: about {counted(usage.calls, 'call')}, "
        f"{usage.tokens_in:,} tokens in and {usage.tokens_out:,} out"
    )
    for model, told in found:
        if model == OFFLINE.model:
            click.echo("offline  The built-in model answers: nothing is sent, and nothing is paid.")
            continue
        economy = f", {dollars(told.economy_cost)} with --economy" if told.economy_cost is not None else ""
        click.echo(f"{model}  {dollars(told.cost)}{economy}; {duration(told.seconds)} at least")
        if told.cost is None:
            click.echo("  Its price is not known: name it in a price table of your own (KAPITOLA_PRICES).")
        if told.thinks:
            click.echo("  It also charges for what it thinks before it answers, which can be more than the answer.")
