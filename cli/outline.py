"""`kapitola outline`: transcripts in, outlines out, in one command that goes on where it was when it is run again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from cli.delivery import Delivery
from cli.errand import Errand
from cli.folder import OutlineFolder
from cli.local import models, running
from cli.options import choosing, model_option, quiet_option, server_option, timeout_option
from cli.outcome import Exit, tell_refused
from cli.sections import Sectioned
from cli.serving import consoles, serving
from cli.submission import Wish
from cli.target import require_folder
from cli.transcripts import TranscriptFile, refused_at_sight, transcripts
from shared.edition import EDITION
from shared.export import FORMATS
from shared.lecture import Options
from shared.settings import settings

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
    folder = _folder(output)
    console = consoles(quiet)
    named = transcripts(files, but=output)
    wish = Wish(Options(**chosen), encoding, _salt(server, model, again), edition=_edition(server))
    trees = show or not (output or formats or as_json)
    formats = formats or (IN_A_FOLDER if folder else ("json",) if output else ())
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
        return Errand(client, console, server, joined, wish, delivery).run(wanted, timeout, len(refused))


def _folder(output: Path | None) -> OutlineFolder | None:
    if output is None or str(output) == "-":
        return None
    require_folder(output, tuple(known.suffix for known in FORMATS.values()))
    return OutlineFolder(output)


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
