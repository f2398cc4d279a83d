"""The commands: each a client of the API, with a server of its own where none was named."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from cli.client import Kapitola
from cli.delivery import Delivery
from cli.local import LocalStack, home, running
from cli.outcome import Exit, exit_after, tell_cost, tell_refused
from cli.progress import follow
from cli.tree import show as show_tree
from shared.export import FORMATS
from shared.lecture import LectureState, Options
from shared.views import BatchView, LectureView

_SUFFIXES = frozenset({".srt", ".vtt", ".sbv", ".json"})
_LOOK_SECONDS = 2.0
"""A process of the embedded stack that has ended is noticed within so many seconds."""
_TERMINAL = "tree"
"""Not an export: what is printed for people where no format is asked for."""

_DOLLARS = click.FloatRange(0, min_open=True)

server_option = click.option(
    "--server", envvar="KAPITOLA_URL", metavar="URL", help="A running Kapitola; KAPITOLA_URL names one as well."
)
options = (
    click.option("--language", default="en", show_default=True, help="The language of the titles."),
    click.option("--detail", type=click.Choice(["brief", "normal", "fine"]), default="normal", show_default=True),
    click.option("--depth", type=click.IntRange(1), help="The most levels an outline may have."),
    click.option(
        "--term", "glossary", multiple=True, help="A name or term that titles must spell so; may be repeated."
    ),
    click.option("--title-style", type=click.Choice(["topic", "question", "sentence"]), default="topic"),
    click.option("--economy", is_flag=True, help="Ask for the flex tier where there is one: half the price, and slow."),
    click.option(
        "--budget",
        type=click.FloatRange(0, min_open=True),
        metavar="DOLLARS",
        help="What all the files may cost at most.",
    ),
    click.option("--encoding", help="The files' encoding, where it cannot be told from them."),
)


def choosing(command: Any) -> Any:
    """Adds the options of a lecture to a command."""
    for option in reversed(options):
        command = option(command)
    return command


_written = (
    click.option("--depth", type=click.IntRange(1), help="The most levels to write."),
    click.option("--media-url", help="Where the recording is, for formats that link to it."),
    click.option("--frame-rate", type=float, help="Frames a second, for formats that count in them; 25 by default."),
    click.option("--title-language", "language", help="What the titles are in, where it was changed by hand."),
)


def writing(command: Any) -> Any:
    """Adds the options of an export to a command."""
    for option in reversed(_written):
        command = option(command)
    return command


def consoles(quiet: bool = False) -> Console:
    """Everything but results goes here: to stderr."""
    return Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path, allow_dash=True), help="A folder, or - for stdout.")
@click.option(
    "--format", "formats", multiple=True, type=click.Choice([*FORMATS]), help="May be repeated; json by default."
)
@click.option("--model", help="The model's name; `offline` for the built-in one.")
@click.option("--show", is_flag=True, help="Print the outlines as trees, files or not.")
@click.option("--json", "as_json", is_flag=True, help="Print the lectures' documents as JSON lines.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@choosing
@server_option
def outline(
    files: tuple[Path, ...], output: Path | None, formats: tuple[str, ...], model: str | None, show: bool,
    as_json: bool, quiet: bool, server: str | None, encoding: str | None, **chosen: Any,
) -> int:  # fmt: skip
    """Outline transcripts (SRT, WebVTT, SBV, Whisper's JSON) in one go, starting what is needed.

    \b
    kapitola outline lecture.srt
    kapitola outline lectures/ -o outlines/ --format markdown --format json
    kapitola outline lecture.srt --format json -o -
    """
    console = consoles(quiet)
    with serving(server, model, console) as client:
        batch = client.submit(_transcripts(files), Options(**chosen), encoding)
        tell_refused(consoles(), batch.refused)
        try:
            ended = follow(console, client.watch(batch.id, every=_LOOK_SECONDS))
        except KeyboardInterrupt:
            console.print(f"It goes on where it was: kapitola wait {batch.id}" if server else "Stopped.")
            raise
        tell_cost(console, ended)
        Delivery(client, output, formats, show, as_json).of(ended)
        return exit_after(ended.lectures, bool(batch.refused))


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@choosing
@server_option
def submit(files: tuple[Path, ...], server: str | None, encoding: str | None, **chosen: Any) -> int:
    """Hand transcripts to a running server; prints the batch's id."""
    with serving(server, None, consoles(), start=False) as client:
        batch = client.submit(_transcripts(files), Options(**chosen), encoding)
        tell_refused(consoles(), batch.refused)
        click.echo(batch.id)
        consoles().print(f"{len(batch.lectures)} lectures accepted. Watch them: kapitola wait {batch.id}")
        return Exit.REFUSED if batch.refused else Exit.OK


@click.command()
@click.argument("batch", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a lecture.")
@server_option
def status(batch: str | None, as_json: bool, server: str | None) -> None:
    """Show how far a batch is; without one, the newest lectures."""
    with serving(server, None, consoles(), start=False) as client:
        lectures = client.batch(batch).lectures if batch else client.lectures()
        for lecture in lectures:
            click.echo(lecture.model_dump_json() if as_json else _line(lecture))


@click.command()
@click.argument("batch")
@click.option("--timeout", type=float, help="Seconds after which to give up waiting (exit code 7).")
@server_option
def wait(batch: str, timeout: float | None, server: str | None) -> int:
    """Watch a batch until all of it has ended."""
    with serving(server, None, consoles(), start=False) as client:
        until = time.monotonic() + timeout if timeout else None
        ended = follow(consoles(), _until(client.watch(batch, every=_LOOK_SECONDS), until))
        if not ended.ended:
            consoles().print(f"Not all done yet. Go on waiting: kapitola wait {batch}")
            return Exit.TIMEOUT
        tell_cost(consoles(), ended)
        return exit_after(ended.lectures, False)


@click.command()
@click.argument("lecture")
@click.option("--format", "format", type=click.Choice([_TERMINAL, *FORMATS]), default=_TERMINAL, show_default=True)
@writing
@click.option("-o", "--output", type=click.File("wb"), default="-", help="A file; stdout by default.")
@server_option
def get(lecture: str, format: str, output: Any, server: str | None, **written: Any) -> None:
    """Print a lecture's outline."""
    with serving(server, None, consoles(), start=False) as client:
        if format == _TERMINAL:
            return show_tree(Console(), client.lecture(lecture))
        content, warnings = client.outline(lecture, format, **written)
        output.write(content)
        for warning in warnings:
            consoles().print(warning, markup=False)
    return None


@click.command()
@click.argument("lectures", nargs=-1, required=True)
@server_option
def cancel(lectures: tuple[str, ...], server: str | None) -> None:
    """End lectures. What has ended stays as it is."""
    with serving(server, None, consoles(), start=False) as client:
        for lecture in lectures:
            click.echo(_line(client.cancel(lecture)))


@click.command()
@click.argument("lectures", nargs=-1, required=True)
@click.option(
    "--budget", type=click.FloatRange(0, min_open=True), metavar="DOLLARS", help="A new budget for the batch."
)
@click.option("--no-budget", is_flag=True, help="No budget any more.")
@server_option
def retry(lectures: tuple[str, ...], budget: float | None, no_budget: bool, server: str | None) -> None:
    """Have the failed chunks of ended lectures done again; of a batch, those of all lectures that did not end well."""
    with serving(server, None, consoles(), start=False) as client:
        for id in lectures:
            ids = _ended_badly(client, id) if id.startswith("bat_") else [id]
            for lecture in ids:
                click.echo(_line(client.retry(lecture, "none" if no_budget else budget)))


def _ended_badly(client: Kapitola, batch: str) -> list[str]:
    again = {LectureState.INCOMPLETE, LectureState.FAILED}
    return [lecture.id for lecture in client.batch(batch).lectures if lecture.state in again]


@click.command()
@click.argument("batch")
@click.option("--format", "formats", multiple=True, type=click.Choice([*FORMATS]), default=("json", "markdown", "html"))
@writing
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The zip to write; BATCH.zip by default.")
@server_option
def export(batch: str, formats: tuple[str, ...], output: Path | None, server: str | None, **written: Any) -> None:
    """Write a batch's outlines, in chosen formats, into one zip with an index."""
    target = output or Path(f"{batch}.zip")
    with serving(server, None, consoles(), start=False) as client, target.open("wb") as file:
        for piece in client.export(batch, formats, **written):
            file.write(piece)
    click.echo(target)


@click.command()
@click.option("--port", default=8000, show_default=True, help="Where on this machine the API listens; 0 for any.")
@click.option("--model", help="The model's name; `offline` for the built-in one.")
def up(port: int, model: str | None) -> None:
    """Run a server on this machine until Ctrl-C: Redis, workers and the API."""
    console = consoles()
    with LocalStack(home(), port, model) as stack:
        if not stack.is_ours:
            console.print(f"A Kapitola already runs here: {stack.url}")
            return
        try:
            console.print(f"Kapitola is up: {stack.url} (the API's own pages: {stack.url}/docs)")
            console.print(f"Use it from another terminal: kapitola submit --server {stack.url} FILES. Ctrl-C ends it.")
            while True:
                stack.check()
                time.sleep(1)
        except KeyboardInterrupt:
            console.print("Stopping. What was accepted is kept, and goes on at the next `kapitola up`.")


@contextmanager
def serving(server: str | None, model: str | None, console: Console, start: bool = True) -> Iterator[Kapitola]:
    """A client of the server that was named, else of one on this machine, which is started if need be and `start`."""
    if server or not start:
        with Kapitola(server or running() or None) as client:
            yield client
        return
    with ExitStack() as until_done:
        with console.status("Starting Redis, workers and the API ..."):
            stack = until_done.enter_context(LocalStack(home(), model=model))
        yield until_done.enter_context(Kapitola(stack.url, check=stack.check))
        stack.wait_for_others(console.print)


def _transcripts(given: Sequence[Path]) -> list[Path]:
    """Files as they are named; of folders, the transcripts in them."""
    found: list[Path] = []
    for path in given:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file())
            if not inside:
                raise click.UsageError(f"{path} holds no transcripts ({', '.join(sorted(_SUFFIXES))}).")
            found += inside
        elif not path.exists():
            raise click.UsageError(f"There is no file {path}.")
        else:
            found.append(path)
    return found


def _line(lecture: LectureView) -> str:
    progress = lecture.progress
    failed = f", {progress.failed} failed" if progress.failed else ""
    return f"{lecture.id}  {lecture.state:<10}  {progress.done}/{progress.chunks} chunks{failed}  {lecture.name}"


def _until(views: Iterator[BatchView], until: float | None) -> Iterator[BatchView]:
    for view in views:
        yield view
        if until is not None and time.monotonic() >= until:
            return
