"""What a newcomer reads with -h, in a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from cli.main import kapitola
from shared.export import FORMATS


def commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        yield f"{path} {name}", command


COMMANDS = dict(commands(kapitola, "kapitola"))


def helped(path: str) -> str:
    command = COMMANDS.get(path, kapitola)
    context = click.Context(command, info_name=path, terminal_width=80, help_option_names=["-h", "--help"])
    return command.get_help(context)


@pytest.mark.parametrize("path", ["kapitola", "kapitola webhooks", "kapitola keys"])
def test_no_command_is_cut_short_in_a_list(path: str) -> None:
    assert "..." not in helped(path).partition("Commands:")[2]


@pytest.mark.parametrize("path", [path for path in COMMANDS if path.count(" ") == 1])
def test_every_command_has_an_example(path: str) -> None:
    assert f"\n  {path}" in helped(path)


@pytest.mark.parametrize("path", ["kapitola outline", "kapitola get", "kapitola export"])
def test_every_format_says_what_it_is(path: str) -> None:
    rows = [line.split(maxsplit=1) for line in helped(path).partition("\nFormats:\n")[2].splitlines()]
    assert rows == [[known.name, known.title] for known in FORMATS.values()]


@pytest.mark.parametrize("path", ["kapitola outline", "kapitola submit", "kapitola get", "kapitola export"])
def test_sections_leave_no_option_out(path: str) -> None:
    options = [option for option in COMMANDS[path].params if isinstance(option, click.Option)]
    assert [opt for option in options for opt in option.opts if f" {opt}" not in helped(path)] == []
