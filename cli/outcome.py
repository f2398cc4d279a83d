"""How a command ends: its exit codes, and errors as people read them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from rich.console import Console
from rich.text import Text

from cli.client import RefusedError, ServerError
from shared.errors import KapitolaError
from shared.lecture import LectureState
from shared.views import BatchView, Problem


class Exit(IntEnum):
    """The exit codes of every command; the README lists them."""

    OK = 0
    FAULT = 1
    USAGE = 2
    SOME_FAILED = 3
    AUTH = 4
    SERVER = 5
    REFUSED = 6
    TIMEOUT = 7
    INTERRUPTED = 130


def exit_of(error: KapitolaError) -> Exit:
    if isinstance(error, RefusedError):
        return Exit.REFUSED
    return Exit.SERVER if isinstance(error, ServerError) else Exit.FAULT


def exit_after(batch: BatchView, refused: Sequence[Problem]) -> Exit:
    """REFUSED if files were refused, SOME_FAILED if lectures did not end well, OK if all is done."""
    if refused:
        return Exit.REFUSED
    well = all(lecture.state is LectureState.DONE for lecture in batch.lectures)
    return Exit.OK if well else Exit.SOME_FAILED


def tell_refused(console: Console, refused: Sequence[Problem]) -> None:
    for problem in refused:
        console.print(Text.assemble(("refused ", "red"), problem.detail))
