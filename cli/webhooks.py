"""`kapitola webhooks`: what addresses were told, how the delivery went, and having it delivered again."""

from __future__ import annotations

import click

from cli.options import json_option, server_option
from cli.serving import consoles, serving
from shared.webhooks import Webhook, WebhookState


@click.group(short_help="Show what addresses were told, and have it told again.")
def webhooks() -> None:
    """Show what addresses were told of lectures' ends, and have it delivered again.

    \b
    kapitola webhooks list --state given_up
    kapitola webhooks replay msg_lec_1a2b3c_7
    """


@webhooks.command("list", short_help="Show the newest, and how their delivery went.")
@click.option("--state", type=click.Choice([state.value for state in WebhookState]), help="Only those in this state.")
@click.option(
    "--most", type=click.IntRange(1, 500), metavar="N", default=50, show_default=True, help="At most so many."
)
@json_option
@server_option
def list_webhooks(state: str | None, most: int, as_json: bool, server: str | None) -> None:
    """Show the newest webhooks, newest first, and how their delivery went. They are kept for seven days."""
    with serving(server, None, consoles(), start=False) as client:
        found = client.webhooks(most, WebhookState(state) if state else None)
    for webhook in found:
        click.echo(webhook.model_dump_json() if as_json else _line(webhook))
    if not found:
        click.echo("There are none. To be told of lectures' ends: kapitola submit --webhook URL", err=True)


@webhooks.command()
@click.argument("ids", nargs=-1, required=True, metavar="WEBHOOK...")
@json_option
@server_option
def replay(ids: tuple[str, ...], as_json: bool, server: str | None) -> None:
    """Have webhooks delivered again, whatever came of them before."""
    with serving(server, None, consoles(), start=False) as client:
        for id in ids:
            webhook = client.replay_webhook(id)
            click.echo(webhook.model_dump_json() if as_json else _line(webhook))


def _line(webhook: Webhook) -> str:
    tries = f", {webhook.attempts} {'try' if webhook.attempts == 1 else 'tries'}" if webhook.attempts else ""
    told = f"{webhook.id}  {webhook.type}  {webhook.state}{tries}  {webhook.url}"
    return f"{told}: {webhook.failure}" if webhook.failure else told
