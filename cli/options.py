"""The options that several commands share."""

from __future__ import annotations

import os
import re
from typing import Any

import click

from shared.lecture import LANGUAGE


def _code(_context: click.Context, _option: click.Parameter, language: str) -> str:
    if not re.fullmatch(LANGUAGE, language):
        raise click.BadParameter(f"{language!r} is no code of a language. Give one such as en, de or pt-BR.")
    return language


def _address(_context: click.Context, _option: click.Parameter, url: str | None) -> str | None:
    if url and not re.match(r"https?://[^/]", url):
        raise click.BadParameter(f"{url!r} is no address. Give it whole, such as http://127.0.0.1:8000.")
    return url


server_option = click.option(
    "--server", envvar="KAPITOLA_URL", metavar="URL", callback=_address,
    help="The address of a running Kapitola; else KAPITOLA_URL, else the one on this machine.",
)  # fmt: skip
model_option = click.option(
    "--model", metavar="NAME",
    help="The model to ask. `offline` is the built-in one: it answers where neither a key nor a server is set.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="No progress; only what is wrong.")
timeout_option = click.option(
    "--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Give up waiting after so long (exit code 7)."
)
encoding_option = click.option(
    "--encoding", metavar="NAME", help="The files' encoding, such as cp1250, where it cannot be told from them."
)
_chosen = (
    click.option(
        "--language",
        metavar="CODE",
        default="en",
        show_default=True,
        callback=_code,
        help="The language of the titles, such as de or pt-BR. The offline model keeps to the lecture's own.",
    ),
    click.option(
        "--detail",
        type=click.Choice(["brief", "normal", "fine"]),
        default="normal",
        show_default=True,
        help="How many topics: about 4, 8 or 15 an hour, fewer in long lectures. No level has more than ten.",
    ),
    click.option(
        "--depth",
        type=click.IntRange(1),
        metavar="LEVELS",
        help="At most so many levels: 1 for main topics alone. What is below is left out.",
    ),
    click.option(
        "--term",
        "glossary",
        multiple=True,
        metavar="WORDS",
        help="A name or term that titles must spell so; may be repeated. The API's `glossary`.",
    ),
    click.option(
        "--title-style",
        type=click.Choice(["topic", "question", "sentence"]),
        default="topic",
        show_default=True,
        help="“Yeast and sugar”, “What does yeast live on?” or “Yeast lives on sugar”. The offline model: topics only.",
    ),
    click.option(
        "--priority",
        type=click.IntRange(-9, 9),
        metavar="N",
        default=0,
        show_default=True,
        help="Which of your own lectures go first: 9 before 0 before -9.",
    ),
    click.option("--economy", is_flag=True, help="Slower, at half the price, where the server has such a tier (flex)."),
    click.option(
        "--budget",
        type=click.FloatRange(0, min_open=True),
        metavar="DOLLARS",
        help="What all the files may cost at most, in US dollars.",
    ),
    encoding_option,
)
_written = (
    click.option("--depth", type=click.IntRange(1), metavar="LEVELS", help="The most levels to write."),
    click.option("--media-url", metavar="URL", help="Where the recording is, for formats that link to it."),
    click.option(
        "--frame-rate", type=float, metavar="N", help="Frames a second, for formats that count in them; 25 by default."
    ),
    click.option(
        "--title-language", "language", metavar="CODE", help="What the titles are in, where it was changed by hand."
    ),
)


def choosing(command: Any) -> Any:
    """Adds the options of a lecture to a command."""
    for option in reversed(_chosen):
        command = option(command)
    return command


def writing(command: Any) -> Any:
    """Adds the options of an export to a command."""
    for option in reversed(_written):
        command = option(command)
    return command


def take_no_color(command: click.Command) -> None:
    """Adds --no-color to a command, and to those below it."""
    command.params.append(
        click.Option(
            ["--no-color"], is_flag=True, is_eager=True, expose_value=False, callback=_no_color,
            help="No colours; NO_COLOR says the same.",
        )
    )  # fmt: skip
    for below in command.commands.values() if isinstance(command, click.Group) else ():
        take_no_color(below)


def _no_color(_: click.Context, __: click.Parameter, given: bool) -> None:
    if given:
        os.environ["NO_COLOR"] = "1"
