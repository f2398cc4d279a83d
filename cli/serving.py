"""Which server a command talks to: the one that was named, the one on this machine, or one that is started for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from rich.console import Console

from cli.client import Kapitola
from cli.local import LocalStack, home, models, running
from shared.settings import settings


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
        tell_if_not_asked(model, stack)
        yield until_done.enter_context(Kapitola(stack.url, check=stack.check))
        stack.wait_for_others(console.print)


def tell_if_not_asked(model: str | None, stack: LocalStack) -> None:
    """A name alone reaches nobody without a key or a server, nor one that started with other models."""
    if not model or any(line.split(" ")[0] == model for line in models(None).splitlines()):
        return
    if not stack.is_ours:
        _tell_unheard(model, stack.url)
    elif settings().models:
        _tell_no_effect(model, "KAPITOLA_MODELS says which are asked. Name it there.")
    else:
        unset = "neither OPENAI_API_KEY nor OPENAI_BASE_URL is set, so the offline model answers. Set one of them."
        _tell_no_effect(model, unset)


def _tell_unheard(model: str | None, url: str) -> None:
    """A server asks the models that it was started with. Whoever named another must not take the outlines for its."""
    if model:
        _tell_no_effect(model, f"{url} runs already, with the models it was started with.")


def _tell_no_effect(model: str, why: str) -> None:
    consoles().print(f"--model {model} has no effect: {why}", style="yellow", markup=False)
