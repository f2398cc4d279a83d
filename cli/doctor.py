"""`kapitola doctor`: which models answer, what they support, and how to mend what is wrong."""

from __future__ import annotations

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
@server_option
def doctor(model: str | None, server: str | None) -> int:
    """Say which models answer, what they support, and how to mend what is wrong. Costs one tiny call per model."""
    console = consoles()
    with serving(server, model, console) as client:
        click.echo(f"server    {client.url}")
        with console.status("Asking a worker about its models ..."):
            found = _answer(client)
        for endpoint in found.endpoints:
            _tell(endpoint)
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


def _tell(endpoint: EndpointDiagnosis) -> None:
    click.echo(f"model     {endpoint.model} at {endpoint.address}")
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
