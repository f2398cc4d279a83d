"""The commands about lectures on a server, and `kapitola up`, which is one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cli.amounts import counted
from cli.client import Budget, Kapitola
from cli.connection import RefusedError
from cli.local import LocalStack, home
from cli.options import (
    choosing,
    json_option,
    model_option,
    quiet_option,
    server_option,
    timeout_option,
)
from cli.outcome import Exit, exit_after, tell_cost, tell_refused, tell_remarks
from cli.progress import follow
from cli.sections import Sectioned
from cli.serving import consoles, serving, tell_if_not_asked
from cli.status import named, print_lectures
from cli.submission import Wish, hand_in
from cli.transcripts import transcripts
from cli.watching import is_lecture, resume_command, until, watch_all
from shared.lecture import Options
from shared.views import LectureView


@click.command(cls=Sectioned, short_help="Hand transcripts to a running server.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
@click.option("--again", is_flag=True, help="Hand in anew what was handed in before.")
@click.option("--webhook", default="", metavar="URL", help="Tell this address when a lecture, or the batch, has ended.")
@quiet_option
@choosing
@server_option
def submit(
    files: tuple[Path, ...], as_json: bool, again: bool, webhook: str, quiet: bool, server: str | None,
    encoding: str | None, **chosen: Any,
) -> int:  # fmt: skip
    """Hand transcripts to a running server; prints the batch's id.

    FILES are transcripts, folders of them, or patterns. More than 500 files or 48 MB become several batches, one id
    a line. The same files handed in again are the same batch: nothing is done twice.

    \b
    kapitola submit lectures/
    kapitola submit 'lectures/**/*.srt' --detail fine --server http://kapitola.example.org
    """
    console = consoles(quiet)
    wish = Wish(Options(**chosen), encoding, str(time.time_ns()) if again else "", webhook)
    with serving(server, None, console, start=False) as client:
        found = transcripts(files)
        with console.status(f"Handing in {counted(len(found), 'transcript')} ..."):
            submitted = hand_in(client, found, wish)
        tell_refused(consoles(), submitted.refusals)
        tell_remarks(consoles(), ((view.name, view.notes) for view in map(submitted.named, submitted.views)))
        for batch in submitted.batches:
            click.echo(client.batch(batch).model_dump_json() if as_json else batch)
        if submitted.batches:
            told = f"{counted(len(submitted.lectures), 'lecture')} accepted. To watch:"
            console.print(f"{told} {resume_command(submitted.batches, server)}")
        return Exit.REFUSED if submitted.refused else Exit.OK


@click.command(short_help="Watch batches or lectures until all have ended.")
@click.argument("ids", nargs=-1, required=True, metavar="LECTURE|BATCH...")
@timeout_option
@json_option
@quiet_option
@server_option
def wait(ids: tuple[str, ...], timeout: float | None, as_json: bool, quiet: bool, server: str | None) -> int:
    """Watch lectures, or all those of batches, until they have ended.

    Ctrl-C ends the watching, not the lectures.

    \b
    kapitola wait bat_5f1c0e0d9a7b
    kapitola wait bat_5f1c0e0d9a7b --timeout 600 && kapitola export bat_5f1c0e0d9a7b
    """
    console = consoles(quiet)
    with serving(server, None, console, start=False) as client:
        before = named(client, ids)
        try:
            views = until(watch_all(client, ids), timeout)
            ended = follow(console, before, views)
        except KeyboardInterrupt:
            consoles().print(f"The lectures go on. To watch them: {resume_command(ids, server)}")
            raise
        tell_cost(console, ended)
        if as_json:
            print_lectures(ended, as_json)
        if all(lecture.ended for lecture in ended):
            return exit_after(ended, any_refused=False)
        if not any(lecture.progress.done for lecture in ended):
            consoles().print("Nothing is done yet at all: `kapitola doctor` says whether the models answer.")
        consoles().print(f"Not all are done yet. To go on waiting: {resume_command(ids, server)}")
        return Exit.TIMEOUT


@click.command(short_help="Stop lectures, or all of a batch.")
@click.argument("ids", nargs=-1, required=True, metavar="LECTURE|BATCH...")
@json_option
@server_option
def cancel(ids: tuple[str, ...], as_json: bool, server: str | None) -> None:
    """Stop lectures, or all of a batch. What has ended stays as it is; `kapitola retry` takes the others up again.

    \b
    kapitola cancel bat_5f1c0e0d9a7b
    kapitola cancel lec_53b7c1d2 lec_8c02f4aa
    """
    with serving(server, None, consoles(), start=False) as client:
        before = named(client, ids)
        print_lectures((client.cancel(lecture.id) for lecture in before), as_json)
        if all(lecture.ended for lecture in before):
            consoles().print("Nothing was cancelled: all of it had ended already.")


@click.command(short_help="Have what failed done again.")
@click.argument("ids", nargs=-1, required=True, metavar="LECTURE|BATCH...")
@click.option(
    "--budget", type=click.FloatRange(0, min_open=True), metavar="DOLLARS", help="A new budget for the batch."
)
@click.option("--no-budget", is_flag=True, help="No budget any more.")
@click.option("--stand-ins", is_flag=True, help="Also ask once more for chunks that the offline model stood in for.")
@json_option
@server_option
def retry(
    ids: tuple[str, ...], budget: float | None, no_budget: bool, stand_ins: bool, as_json: bool, server: str | None
) -> None:
    """Have what failed of lectures done again: all of a batch that ended failed, incomplete or cancelled.

    What is done stays done: only chunks that failed, or were not done yet, are asked for once more.

    \b
    kapitola retry bat_5f1c0e0d9a7b
    kapitola retry bat_5f1c0e0d9a7b --budget 5
    """
    if budget and no_budget:
        raise click.UsageError("--budget and --no-budget contradict each other.")
    money: Budget = "none" if no_budget else budget
    with serving(server, None, consoles(), start=False) as client:
        again = [lecture for id in ids for lecture in _retried(client, id, money, stand_ins)]
    print_lectures(again, as_json)
    if again:
        consoles().print(f"{counted(len(again), 'lecture')} taken up again. To watch: {resume_command(ids, server)}")


def _retried(client: Kapitola, id: str, budget: Budget, stand_ins: bool) -> Sequence[LectureView]:
    """What is done again of a lecture or a batch. Where nothing is to be done of a batch, that is told."""
    if is_lecture(id):
        return [client.retry(id, budget, stand_ins=stand_ins)]
    try:
        return client.retry_batch(id, budget, stand_ins=stand_ins)
    except RefusedError as error:
        if not error.is_a("nothing-to-retry"):
            raise
        consoles().print(f"{id}: {error}", markup=False)
        return []


@click.command(short_help="Run a server on this machine until Ctrl-C.")
@click.option(
    "--port", type=click.IntRange(0, 65_535), metavar="PORT", default=8000, show_default=True,
    help="Where on this machine it listens; 0 for any.",
)  # fmt: skip
@model_option
def up(port: int, model: str | None) -> None:
    """Run a server on this machine until Ctrl-C: Redis, workers and the API, with a page for your browser.

    \b
    kapitola up
    kapitola up --port 9000 --model gpt-5-mini
    """
    console = consoles()
    with LocalStack(home(), port, model) as stack:
        tell_if_not_asked(model, stack)
        if not stack.is_ours:
            console.print(f"A Kapitola already runs here: {stack.url}")
            return
        try:
            console.print(f"Kapitola is up: {stack.url} (open it in a browser)")
            console.print(f"From another terminal: kapitola submit --server {stack.url} FILES. Ctrl-C ends it.")
            console.print(f"What its API takes: {stack.url}/openapi.json", style="dim")
            while True:
                stack.check()
                time.sleep(1)
        except KeyboardInterrupt:
            console.print("Stopping. What was accepted is kept, and goes on at the next `kapitola up`.")
