"""`kapitola doctor`: which models answer, what they support, and how to mend what is wrong."""

from __future__ import annotations

import json
import time

import click

from cli.client import Kapitola
from cli.options import model_option, server_option
from cli.outcome import Exit
from cli.serving import consoles, serving
from shared.diagnosis import Diagnosis, DiagnosisState, EndpointDiagnosis

PATIENCE_S = {DiagnosisState.ASKED: 20.0, DiagnosisState.EXAMINING: 75.0}
"""How long a question may wait for a worker, one that is just starting included; and for what the worker finds."""
_NOBODY = {
    DiagnosisState.ASKED: "No worker took the question up: is one running? See its log, or `docker compose ps`.",
    DiagnosisState.EXAMINING: "The worker that took the question up has not answered it. See its log.",
}


@click.command(short_help="Say which models answer, and how to mend what is wrong.")
@model_option
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@server_option
def doctor(model: str | None, as_json: bool, server: str | None) -> int:
    """Say which models answer, what they support, and how to mend what is wrong. Costs one tiny call per model.

    \b
    kapitola doctor
    kapitola doctor --model gpt-5-mini
    """
    console = consoles()
    with serving(server, model, console) as client:
        with console.status("Asking a worker about its models ..."):
            found = _answer(client)
        if as_json:
            click.echo(json.dumps({"server": client.url, **found.model_dump(mode="json")}))
        else:
            _tell(client.url, found)
        if found.state is not DiagnosisState.DONE:
            console.print(_NOBODY[found.state], highlight=False)
    well = found.state is DiagnosisState.DONE and not any(endpoint.problem for endpoint in found.endpoints)
    return Exit.OK if well else Exit.FAULT


def _answer(client: Kapitola) -> Diagnosis:
    """The workers' answer, or how far they were when patience ran out."""
    begun = time.monotonic()
    for found in client.diagnose():
        if time.monotonic() - begun > PATIENCE_S.get(found.state, 0):
            break
    return found


def _tell(url: str, found: Diagnosis) -> None:
    click.echo(f"server    {url}")
    for endpoint in found.endpoints:
        _tell_of(endpoint)


def _tell_of(endpoint: EndpointDiagnosis) -> None:
    where = f" at {endpoint.address}" if "://" in endpoint.address else f", {endpoint.address}"
    click.echo(f"model     {endpoint.model}{where}")
    told = {
        "answered by": endpoint.answered_by,
        "supports": endpoint.supports,
        "limits": ", ".join(endpoint.limits),
        "seconds": str(endpoint.seconds or ""),
        "problem": endpoint.problem,
    }
    for name, value in told.items():
        if value:
            click.echo(f"  {name:<12}{value}")
