"""Which server a command talks to: the one that was named, the one on this machine, or one that is started for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from rich.console import Console

from cli.client import Kapitola
from cli.local import LocalStack, home, models, running


def consoles(quiet: bool = False) -> Console:
    """Everything but results goes here: to stderr."""
    return Console(stderr=True, quiet=quiet, highlight=False, soft_wrap=True)


@contextmanager
def serving(server: str | None, model: str | None, console: Console, start: bool = True) -> Iterator[Kapitola]:
    """A client of the server that was named, else of one on this machine, which is started if need be and `start`."""
    if server or not start:
        with Kapitola(server or running() or None, tell=partial(console.print, style="yellow", markup=False)) as client:
            _tell_unheard(model, client.url)
            yield client
        return
    with ExitStack() as until_done:
        with console.status("Starting Redis, workers and the API ..."):
            stack = until_done.enter_context(LocalStack(home(), model=model))
        if not stack.is_ours and not _is_asked(model):
            _tell_unheard(model, stack.url)
        yield until_done.enter_context(Kapitola(stack.url, check=stack.check))
        stack.wait_for_others(console.print)


def _is_asked(model: str | None) -> bool:
    """Whether the stack that runs on this machine asks it anyway."""
    return any(line.split(" ")[0] == model for line in models(None).splitlines())


def _tell_unheard(model: str | None, url: str) -> None:
    """A server asks the models that it was started with. Whoever named another must not take the outlines for its."""
    if model:
        told = f"--model {model} has no effect: {url} runs already, with the models it was started with."
        consoles().print(told, style="yellow", markup=False)
