"""How a command ends: its exit codes, and errors as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum

from rich.console import Console
from rich.text import Text

from cli.amounts import counted
from cli.connection import KeyRefusedError, RefusedError, ServerError
from cli.names import printable
from shared.clients import ClientNameError, UnknownKeyError
from shared.errors import KapitolaError
from shared.lecture import LectureState, Usage
from shared.views import LectureView


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


_BY_ERROR: tuple[tuple[type[KapitolaError], Exit], ...] = (
    (KeyRefusedError, Exit.AUTH),
    (RefusedError, Exit.REFUSED),
    (ServerError, Exit.SERVER),
    (ClientNameError, Exit.USAGE),
    (UnknownKeyError, Exit.REFUSED),
)


def exit_of(error: KapitolaError) -> Exit:
    """The code of the first kind of error in the table that this one is."""
    return next((code for kind, code in _BY_ERROR if isinstance(error, kind)), Exit.FAULT)


def exit_after(lectures: Iterable[LectureView], any_refused: bool) -> Exit:
    """REFUSED if files were refused, SOME_FAILED if lectures did not end well, OK if all is done."""
    if any_refused:
        return Exit.REFUSED
    return Exit.OK if all(lecture.state is LectureState.DONE for lecture in lectures) else Exit.SOME_FAILED


def tell_cost(console: Console, lectures: Iterable[LectureView]) -> None:
    """What the models charge for the lectures; nothing where only the offline model was asked."""
    usage = sum((lecture.usage for lecture in lectures), Usage())
    if usage.was_free:
        console.print("All replies were kept from an earlier run: nothing was paid.")
    elif usage.tokens_in:
        price = "price not known" if usage.known_cost is None else f"${usage.known_cost:.4f}"
        cached = f" ({usage.tokens_cached:,} of them cached)" if usage.tokens_cached else ""
        kept = f", {usage.from_cache:,} more replies kept from an earlier run" if usage.from_cache else ""
        console.print(
            f"{usage.calls:,} calls, {usage.tokens_in:,} tokens in{cached}, {usage.tokens_out:,} out{kept}: {price}."
        )


def tell_remarks(console: Console, remarks: Iterable[tuple[str, Sequence[str]]]) -> None:
    """What is odd about each transcript, by its name."""
    for name, told in remarks:
        for remark in told:
            console.print(f"{printable(name)}: {remark}", style="yellow", markup=False)


def tell_refused(console: Console, refused: Iterable[str]) -> None:
    """What is wrong with each file that was refused, which it begins with."""
    for problem in refused:
        console.print(Text.assemble(("refused ", "red"), problem))


def tell_refused_above(console: Console, count: int) -> None:
    """Says once more, at the end of what else was told, that some files have no outline."""
    if count:
        console.print(f"{counted(count, 'file')} refused: named above, with what is wrong.", style="red")
