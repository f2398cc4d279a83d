"""`kapitola outline`: transcripts in, outlines out, in one command that goes on where it was when it is run again."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from cli.amounts import counted
from cli.client import Kapitola
from cli.connection import RefusedError
from cli.delivery import Delivery
from cli.folder import OutlineFolder
from cli.local import home, models, running
from cli.options import choosing, model_option, quiet_option, server_option, timeout_option
from cli.outcome import Exit, exit_after, tell_cost, tell_refused
from cli.progress import follow
from cli.sections import Sectioned
from cli.serving import consoles, serving
from cli.submission import Submitted, Wish, hand_in
from cli.target import require_folder
from cli.transcripts import TranscriptFile, refused_at_sight, transcripts
from cli.watching import resume_command, until, watch_all
from shared.edition import EDITION
from shared.export import FORMATS
from shared.lecture import LectureState, Options
from shared.settings import settings
from shared.views import LectureView

IN_A_FOLDER = ("json", "html")
"""For programs and for people, where no format is asked for."""


@click.command(cls=Sectioned, short_help="Outline transcripts in one go, starting what is needed.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, allow_dash=True),
    help="A folder, or - for stdout. Without it, and without --format, outlines are printed as trees.",
)  # fmt: skip
@click.option(
    "--format", "formats", multiple=True, type=click.Choice([*FORMATS]), metavar="NAME",
    help=f"One of those below; may be repeated. In a folder {' and '.join(IN_A_FOLDER)} by default.",
)  # fmt: skip
@model_option
@click.option("--show", is_flag=True, help="Print the outlines as trees, beside what else is written.")
@click.option("--json", "as_json", is_flag=True, help="Print all that is known of each lecture, as a line of JSON.")
@click.option("--again", is_flag=True, help="Do anew what was done before.")
@timeout_option
@quiet_option
@choosing
@server_option
def outline(
    files: tuple[Path, ...], output: Path | None, formats: tuple[str, ...], model: str | None, show: bool,
    as_json: bool, again: bool, timeout: float | None, quiet: bool, server: str | None, encoding: str | None,
    **chosen: Any,
) -> int:  # fmt: skip
    """Outline transcripts (SRT, WebVTT, SBV, Whisper's JSON) in one go, starting what is needed.

    FILES are transcripts, folders of them, or patterns. Run again after Ctrl-C, a power cut or an error, the same
    command goes on where it was; outlines that are in the output folder already are left alone.

    \b
    kapitola outline lecture.srt
    kapitola outline lectures/ -o outlines/
    kapitola outline lectures/ -o outlines/ --format youtube
    kapitola outline lecture.srt --format json -o -
    kapitola outline lecture.srt --detail fine --term Kubernetes --model gpt-5-mini
    """
    if output and str(output) != "-":
        require_folder(output, tuple(known.suffix for known in FORMATS.values()))
    console = consoles(quiet)
    named = transcripts(files, but=output)
    folder = None if output is None or str(output) == "-" else OutlineFolder(output)
    wish = Wish(Options(**chosen), encoding, _salt(server, model, again), edition=_edition(server))
    trees = show or not (output or formats or as_json)
    formats = formats or (() if output is None else ("json",) if str(output) == "-" else IN_A_FOLDER)
    wanted = named if folder is None or trees or as_json else _not_delivered(named, folder, wish, formats)
    if skipped := len(named) - len(wanted):
        console.print(f"{skipped} of {len(named)} are in {output}/ already; --again makes them anew.", style="dim")
    joined = server or running()
    refused = {} if joined else refused_at_sight(wanted, encoding, settings().transcript_bytes)
    tell_refused(consoles(), refused.values())
    if not (wanted := [file for file in wanted if file not in refused]):
        return Exit.REFUSED if refused else Exit.OK
    with serving(server, model, console) as client:
        delivery = Delivery(client, consoles(), folder, formats, trees, as_json)
        code = Errand(client, console, server, joined, wish, delivery).run(wanted, timeout)
    return Exit.REFUSED if refused and code in (Exit.OK, Exit.SOME_FAILED) else code


def _not_delivered(
    files: Sequence[TranscriptFile], folder: OutlineFolder, wish: Wish, formats: Sequence[str]
) -> list[TranscriptFile]:
    return [file for file in files if not folder.has(wish.mark(file), formats)]


def _salt(server: str | None, model: str | None, again: bool) -> str:
    """What tells runs apart beyond files and options: on this machine, the models that are asked."""
    if again:
        return secrets.token_hex(8)
    return "" if server else models(model)


def _edition(server: str | None) -> str:
    """Kapitola's own; on this machine, also how transcripts are cut. How other servers cut them, they do not say."""
    return EDITION if server else f"{EDITION} {settings().chunk_tokens} {settings().context_cues}"


@dataclass(frozen=True, slots=True)
class Errand:
    """One run of the command. `server` is None for the embedded stack; `joined` is a server that ran before."""

    client: Kapitola
    console: Console
    server: str | None
    joined: str | None
    wish: Wish
    delivery: Delivery

    def run(self, files: Sequence[TranscriptFile], timeout: float | None) -> Exit:
        """Does what is not done yet, and delivers."""
        with self.console.status(f"Handing in {counted(len(files), 'transcript')} ..."):
            submitted = self._submitted(files)
        tell_refused(consoles(), submitted.refusals)
        try:
            ended = self._followed(submitted, timeout)
        except KeyboardInterrupt:
            self._leave(submitted)
            raise
        if not all(lecture.ended for lecture in ended):
            self._leave(submitted)
            return Exit.TIMEOUT
        self.delivery.printed(ended)
        if (folder := self.delivery.folder) and ended:
            to_read = " Those in .html are for reading, in any browser." if "html" in self.delivery.formats else ""
            formats = " and ".join(self.delivery.formats)
            self.console.print(f"Outlines are in {folder.path}/, each as {formats}.{to_read}")
        return exit_after(ended, bool(submitted.refused))

    def _followed(self, submitted: Submitted, timeout: float | None) -> Sequence[LectureView]:
        """The lectures as they are in the end, delivered into the folder as each ends."""
        views = [submitted.named(self._taken_up(view)) for view in submitted.views]
        done_before = {view.id for view in views if view.ended}
        deliver = self._delivering(submitted)
        for view in views:
            if view.ended:
                deliver(view)
        last = follow(self.console, views, until(self._watched(submitted), timeout), deliver)
        if all(lecture.ended for lecture in last):
            tell_cost(self.console, [lecture for lecture in last if lecture.id not in done_before])
        return last

    def _submitted(self, files: Sequence[TranscriptFile]) -> Submitted:
        """Lectures of an earlier run where the folder knows of them, new ones for the rest."""
        folder = self.delivery.folder
        if folder is None:
            return hand_in(self.client, files, self.wish)
        earlier = self._earlier(files, folder)
        known = {file.path for file in earlier.lectures.values()}
        new = hand_in(self.client, [file for file in files if file.path not in known], self.wish)
        for view in new.views:
            file = new.lectures[view.id]
            folder.note(self.wish.mark(file), file, view.id, view.batch, self._where)
        if new.views:
            folder.save()
        return earlier + new

    def _earlier(self, files: Sequence[TranscriptFile], folder: OutlineFolder) -> Submitted:
        """What an earlier run handed in, as far as the server still knows it."""
        noted = {file: found for file in files if (found := folder.lecture(self.wish.mark(file), self._where))}
        wanted = {lecture: file for file, (_, lecture) in noted.items()}
        earlier = Submitted()
        for batch in dict.fromkeys(batch for batch, _ in noted.values()):
            try:
                views = [view for view in self.client.batch(batch).lectures if view.id in wanted]
            except RefusedError:  # kept as long as was promised, and gone: it is handed in anew
                continue
            if views:
                earlier.batches.append(batch)
                earlier.views += views
                earlier.lectures |= {view.id: wanted[view.id] for view in views}
        return earlier

    def _taken_up(self, lecture: LectureView) -> LectureView:
        """A lecture that an earlier run left unfinished, or that failed then, goes on."""
        left = lecture.ended and lecture.state is not LectureState.DONE
        return self.client.retry(lecture.id, self.wish.options.budget) if left else lecture

    def _watched(self, submitted: Submitted) -> Iterator[list[LectureView]]:
        """The lectures of this run, in the order of the files."""
        lectures = submitted.lectures
        for views in watch_all(self.client, submitted.batches):
            ours = [submitted.named(view) for view in views if view.id in lectures]
            yield sorted(ours, key=lambda view: lectures[view.id].number)

    def _delivering(self, submitted: Submitted) -> Callable[[LectureView], None]:
        def deliver(lecture: LectureView) -> None:
            self.delivery.into_folder(lecture, self.wish.mark(submitted.lectures[lecture.id]))

        return deliver

    def _leave(self, submitted: Submitted) -> None:
        """Ctrl-C. A server goes on by itself; the embedded stack must not, at the cost of the next command."""
        if self.joined:
            self.console.print(f"The lectures go on. To watch them: {resume_command(submitted.batches, self.server)}")
            return
        for batch in submitted.batches:
            for view in self.client.batch(batch).lectures:
                if view.id in submitted.lectures and not view.ended:
                    self.client.cancel(view.id)
        self.console.print("Stopped. What is done is kept: the same command goes on from here.")

    @property
    def _where(self) -> str:
        return self.server or f"embedded in {home()}"
