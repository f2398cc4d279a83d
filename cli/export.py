"""`kapitola get` and `kapitola export`: outlines out of a server, one or all those of a batch."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from cli.options import server_option, writing
from cli.sections import Sectioned
from cli.serving import consoles, serving
from cli.target import force_option, refuse_to_spoil, written
from cli.tree import show as show_tree
from shared.export import FORMATS

_TERMINAL = "tree"
"""Not an export: what is printed for people where no format is asked for."""


@click.command(cls=Sectioned, short_help="Print a lecture's outline, or write it into a file.")
@click.argument("lecture")
@click.option(
    "--format", "format", type=click.Choice([_TERMINAL, *FORMATS]), metavar="NAME",
    default=_TERMINAL, show_default=True, help=f"`{_TERMINAL}` is for the eye; or one of those below.",
)  # fmt: skip
@writing
@click.option("-o", "--output", type=click.Path(path_type=Path, allow_dash=True), help="A file; stdout by default.")
@force_option
@server_option
def get(lecture: str, format: str, output: Path | None, force: bool, server: str | None, **chosen: Any) -> None:
    """Print a lecture's outline, or write it into a file. LECTURE is its id: `kapitola status` shows them.

    \b
    kapitola get lec_53b7c1d2
    kapitola get lec_53b7c1d2 --format youtube -o chapters.txt
    """
    target = None if output is None or str(output) == "-" else output
    if target and format == _TERMINAL:
        raise click.UsageError(f"A tree is for the eye. What is {target} to hold? --format markdown, for instance.")
    if target:
        refuse_to_spoil(target, force)
    with serving(server, None, consoles(), start=False) as client:
        if format == _TERMINAL:
            return show_tree(Console(), client.lecture(lecture), chosen["depth"])
        content, warnings = client.outline(lecture, format, **chosen)
        with written(target) if target else nullcontext(sys.stdout.buffer) as out:
            out.write(content)
        for warning in warnings:
            consoles().print(warning, markup=False)
    return None


@click.command(cls=Sectioned, short_help="Write a batch's outlines into one zip.")
@click.argument("batch")
@click.option(
    "--format", "formats", multiple=True, type=click.Choice([*FORMATS]), metavar="NAME",
    default=("json", "markdown", "html"), show_default=True, help="One of those below; may be repeated.",
)  # fmt: skip
@writing
@click.option("-o", "--output", type=click.Path(path_type=Path, allow_dash=True), help="The zip; BATCH.zip by default.")
@force_option
@server_option
def export(
    batch: str, formats: tuple[str, ...], output: Path | None, force: bool, server: str | None, **chosen: Any
) -> None:
    """Write a batch's outlines, in chosen formats, into one zip with an index. `kapitola status` shows batches.

    \b
    kapitola export bat_5f1c0e0d9a7b
    kapitola export bat_5f1c0e0d9a7b --format youtube --format csv -o course.zip
    """
    target = output or Path(f"{batch}.zip")
    if not (is_stdout := str(target) == "-"):
        refuse_to_spoil(target, force)
    to = nullcontext(sys.stdout.buffer) if is_stdout else written(target)
    with serving(server, None, consoles(), start=False) as client, to as out:
        out.writelines(client.export(batch, formats, **chosen))
    if not is_stdout:
        click.echo(target)
