"""`kapitola status`: how far lectures are; and lectures as a line each, for the other commands too."""

from __future__ import annotations

from collections.abc import Iterable

import click

from cli.amounts import counted
from cli.client import Kapitola
from cli.options import json_option, server_option
from cli.serving import consoles, serving
from cli.watching import each_once, is_lecture
from shared.views import BatchRow, BatchView, LectureView

_MOST_BATCHES, _MOST_LECTURES = 10, 10
"""Of each so many are shown where none are named: what is newest is what somebody looks for."""


@click.command(short_help="Show how far lectures are.")
@click.argument("ids", nargs=-1, metavar="[LECTURE|BATCH]...")
@click.option("--all", "every", is_flag=True, help=f"All batches, not only the newest {_MOST_BATCHES}.")
@json_option
@server_option
def status(ids: tuple[str, ...], every: bool, as_json: bool, server: str | None) -> None:
    """Show how far lectures are: those of batches, single ones by id, or those of the newest batches.

    \b
    kapitola status
    kapitola status bat_5f1c0e0d9a7b
    """
    with serving(server, None, consoles(), start=False) as client:
        if ids:
            return print_lectures(named(client, ids), as_json)
        rows = list(client.batches())
        shown = rows if every else rows[:_MOST_BATCHES]
        for row in shown:
            batch = client.batch(row.id)
            if as_json:
                print_lectures(batch.lectures, as_json)
            else:
                _print_batch(batch)
    _tell_others(rows, len(rows) - len(shown))
    return None


def named(client: Kapitola, ids: Iterable[str]) -> list[LectureView]:
    """The lectures of the batches, and those that are named themselves."""
    found = ([client.lecture(id)] if is_lecture(id) else client.batch(id).lectures for id in ids)
    return each_once(lecture for lectures in found for lecture in lectures)


def print_lectures(lectures: Iterable[LectureView], as_json: bool) -> None:
    """Prints each on a line."""
    for lecture in lectures:
        click.echo(lecture.model_dump_json() if as_json else _line(lecture))


def _print_batch(batch: BatchView) -> None:
    click.echo(f"{batch.id}: {counted(len(batch.lectures), 'lecture')} of {batch.created:%Y-%m-%d %H:%M} UTC")
    print_lectures(batch.lectures[:_MOST_LECTURES], as_json=False)
    if (more := len(batch.lectures) - _MOST_LECTURES) > 0:
        click.echo(f"and {more:,} more: kapitola status {batch.id}")


def _tell_others(rows: list[BatchRow], hidden: int) -> None:
    if not rows:
        consoles().print("Nothing is here: nothing was handed in yet, or it was kept for its time and is gone.")
    if hidden:
        consoles().print(
            f"{hidden:,} earlier {'batch is' if hidden == 1 else 'batches are'} not shown: --all shows them."
        )


def _line(lecture: LectureView) -> str:
    progress = lecture.progress
    failed = f", {progress.failed} failed" if progress.failed else ""
    told = f"{lecture.id}  {lecture.state:<10}  {progress.done}/{progress.chunks} chunks{failed}  {lecture.name}"
    return f"{told}: {lecture.problem}" if lecture.problem else told
