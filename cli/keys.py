"""`kapitola keys`: the keys of the API. Works on Redis itself, so it is for whoever runs the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar

import click
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from cli.local import home
from cli.local_redis import LocalError
from shared.addresses import AllowedHosts
from shared.clients import ApiKey, Clients
from shared.door import connect
from shared.settings import settings

T = TypeVar("T")


@click.group()
def keys() -> None:
    """Make, list and revoke the keys of the API.

    Works on the server's Redis: the one that KAPITOLA_REDIS_URL names, else that of the stack on this machine.
    In Docker: docker compose exec api kapitola keys create NAME

    \b
    kapitola keys create physics
    kapitola keys list
    kapitola keys revoke key_1a2b3c4d
    """


@keys.command()
@click.argument("client")
@click.option("--webhook", default="", metavar="URL", help="Tell this address of all that is handed in with the key.")
@click.option("--json", "as_json", is_flag=True, help="Print key, id, client and secret as JSON.")
def create(client: str, webhook: str, as_json: bool) -> None:
    """Make a key for CLIENT, and print it: it is shown this once.

    Keys of the same client see the same lectures. Where there are no keys yet, programs on the server's own machine
    are the client `local`; after this they need a key as well.
    """

    async def make(clients: Clients) -> tuple[str, str, str]:
        if webhook:
            AllowedHosts(settings().webhook_hosts).destination(webhook)
        key, id = await clients.create_key(client, webhook)
        return key, id, await clients.secret(client) or ""

    key, id, secret = _with_clients(make)
    if as_json:
        click.echo(json.dumps({"key": key, "id": id, "client": client, "webhook": webhook, "secret": secret}))
        return
    click.echo(key)
    click.echo(f"This is {id} of {client}. It is not shown again: keep it, as KAPITOLA_API_KEY for instance.", err=True)
    click.echo(f"Its webhooks are signed with the secret that `kapitola keys secret {client}` prints.", err=True)


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a key.")
def list_keys(as_json: bool) -> None:
    """Show all keys: id, client, when made, when last used. Not the keys themselves: nobody has them."""
    found = _with_clients(lambda clients: clients.keys())
    if not found:
        click.echo("There are no keys yet. To make one: kapitola keys create NAME", err=True)
    for key in found:
        click.echo(json.dumps(_row(key)) if as_json else _line(key))


@keys.command()
@click.argument("id")
def revoke(id: str) -> None:
    """Refuse the key with this id from now on. Its client's lectures stay."""
    was_last = _with_clients(lambda clients: clients.revoke_key(id))
    click.echo(f"{id} is revoked.", err=True)
    if was_last:
        click.echo(
            "It was the last one: programs on the server's own machine need no key again. "
            "KAPITOLA_ACCESS=keys would have them need one.",
            err=True,
        )


@keys.command(short_help="Print what CLIENT's webhooks are signed with.")
@click.argument("client")
@click.option("--new", is_flag=True, help="Make another one. The old one goes on signing beside it for a day.")
def secret(client: str, new: bool) -> None:
    """Print the secret that CLIENT's webhooks are signed with; `local` is the client of whoever needs no key."""

    async def find(clients: Clients) -> str:
        return (None if new else await clients.secret(client)) or await clients.renew_secret(client)

    click.echo(_with_clients(find))


def _with_clients(use: Callable[[Clients], Awaitable[T]]) -> T:
    async def run() -> T:
        redis = connect(settings().model_copy(update={"redis_url": _redis_url()}))
        try:
            return await use(Clients(redis))
        finally:
            await redis.aclose()

    try:
        return asyncio.run(run())
    except (RedisError, OSError) as error:
        raise LocalError(_why_not(error)) from error


def _why_not(error: RedisError | OSError) -> str:
    where = _without_password(_redis_url())
    if isinstance(error, ResponseError | AuthenticationError):
        return f"The Redis at {where} says: {error}. What is needed to reach it belongs into KAPITOLA_REDIS_URL."
    return (
        f"Keys are kept in the server's Redis, and none answers at {where}. Start the server first (`kapitola up`, in "
        "another terminal), or name its Redis: KAPITOLA_REDIS_URL=redis://HOST:6379/0"
    )


def _redis_url() -> str:
    """What the environment names, else the socket of the stack on this machine, else Redis's usual place."""
    configured, local = settings(), home() / "redis.sock"
    if "redis_url" not in configured.model_fields_set and local.exists():
        return f"unix://{local}"
    return configured.redis_url


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


def _row(key: ApiKey) -> dict[str, Any]:
    used = key.used.isoformat() if key.used else None
    return {
        "id": key.id, "client": key.client, "created": key.created.isoformat(), "used": used, "webhook": key.webhook,
    }  # fmt: skip


def _line(key: ApiKey) -> str:
    used = f"used {_minute(key.used)}" if key.used else "never used"
    return f"{key.id}  {key.client:<20}  made {_minute(key.created)}  {used}{'  ' + key.webhook if key.webhook else ''}"


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
