"""The `kapitola` command."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

import click

from cli.chapters import chapters
from cli.commands import cancel, retry, submit, up, wait
from cli.connection import RefusedError
from cli.doctor import doctor
from cli.estimate import estimate
from cli.export import export, get
from cli.keys import keys
from cli.options import take_no_color
from cli.outcome import Exit, exit_of, tell_refused
from cli.outline import outline
from cli.serving import consoles
from cli.status import status
from cli.webhooks import webhooks
from shared.errors import KapitolaError


class InOrder(click.Group):
    """Lists its commands in the order in which they were added: that of use, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(self.commands)


@click.group(
    cls=InOrder,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="The -h of each command has examples. Documentation: README.md and docs/.",
)
@click.version_option(package_name="kapitola")
def kapitola() -> None:
    """Turns lecture transcripts into nested, timestamped English outlines.

    \b
    kapitola outline lecture.srt              one outline, on this machine
    kapitola outline lectures/ -o outlines/   a folder of them
    kapitola up                               a server, until Ctrl-C
    """


for command in (
    outline, up, submit, status, wait, get, export, retry, cancel, estimate, doctor, chapters, webhooks, keys,
):  # fmt: skip
    kapitola.add_command(command)
take_no_color(kapitola)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and exits with its code. Errors that Kapitola knows are told without a traceback."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    try:
        code = kapitola.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as end:
        code = end.exit_code
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        code = Exit.INTERRUPTED
    except (KapitolaError, OSError) as error:
        code = _told(error)
    sys.exit(int(code or 0))


def _told(error: KapitolaError | OSError) -> Exit:
    """Says what is wrong; gives the exit code for it."""
    console = consoles()
    if isinstance(error, RefusedError) and error.refused:
        tell_refused(console, (problem.detail for problem in error.refused))
    else:
        console.print(f"kapitola: {_said_by_system(error) or error}", style="red", markup=False)
    return exit_of(error) if isinstance(error, KapitolaError) else Exit.FAULT


def _said_by_system(error: KapitolaError | OSError) -> str:
    """What the system says of a file, without its number; nothing for other errors."""
    return f"{error.filename}: {error.strerror}." if isinstance(error, OSError) and error.filename else ""


def _end(signal_number: int, _: object) -> None:
    """Leaves as Ctrl-C does: what was started is stopped in order."""
    sys.exit(128 + signal_number)
