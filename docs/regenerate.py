"""Writes what documents say of code again: settings, help, errors, mendings, the API, and the outline in README.md.

Run it with `make docs`; a test compares what it writes with what is stored.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import io
import json
import pkgutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from pydantic.fields import FieldInfo
from rich.console import Console

from api.app import create
from api.errors import STATUS
from api.metrics import DESCRIPTIONS
from cli.main import kapitola
from cli.tree import tree
from shared.chunks import cut
from shared.cues import Cues, read
from shared.cues.mendings import REASONS
from shared.errors import KapitolaError
from shared.lecture import Options, Outline
from shared.settings import Settings
from worker.exchange import Prompt, Reply
from worker.model.offline import reply
from worker.pipeline import outline_chunk, outline_lecture

HERE = Path(__file__).parent
_BEGINS, _ENDS = "<!-- written by docs/regenerate.py: make docs -->", "<!-- end -->"
_WIDTH, _TREE_LINES = 100, 13
_PACKAGES = ("shared", "worker", "api", "cli")
_RUNS_AT_IMPORT = {"worker.app", "cli.__main__"}


def documents() -> dict[Path, str]:
    """The text that each document ought to have, by its path."""
    parts = {
        "settings.md": settings_text(),
        "cli.md": commands_text(),
        "transcripts.md": mendings_text(),
        "errors.md": errors_text(),
        "metrics.md": metrics_text(),
    }
    written = {HERE / name: _with(HERE / name, part) for name, part in parts.items()}
    readme = HERE.parent / "README.md"
    written[readme] = _with(readme, tree_text())
    return {**written, HERE / "openapi.json": openapi_text()}


def tree_text() -> str:
    """How the outline of an example begins, as the terminal shows it."""
    name = "how-maps-lie.srt"
    cues = read((HERE.parent / "examples" / name).read_bytes(), name)
    printed = io.StringIO()
    Console(file=printed, width=_WIDTH).print(
        tree(name, cues.cues[-1].end, "done", asyncio.run(_outlined(cues, name)).sections)
    )
    shown = "".join(f"{line.rstrip()}\n" for line in printed.getvalue().splitlines()[:_TREE_LINES])
    return f"```\n{shown}...\n```"


async def _outlined(cues: Cues, name: str) -> Outline:
    """The offline model's outline, by the same stages that a worker takes."""

    async def ask(prompt: Prompt) -> Reply:
        return reply(prompt)

    settings, options = Settings(_env_file=None), Options()
    chunks = cut(cues.cues, settings.chunk_tokens, settings.context_cues)
    outlines = [await outline_chunk(cues, chunk, name, options, ask, ask) for chunk in chunks]
    return await outline_lecture(cues, chunks, outlines, {}, name, options, ask)


def openapi_text() -> str:
    """The API's own description. Whatever changes in it, changes for somebody's client: read the difference."""
    return json.dumps(create(Settings(_env_file=None)).openapi(), indent=1, ensure_ascii=False) + "\n"


def metrics_text() -> str:
    """A row for each metric: its label, and what it means."""
    rows = [f"| `{name}` | {f'`{label}`' if label else ''} | {text} |" for name, (label, text) in DESCRIPTIONS.items()]
    return "\n".join(["| metric | label | meaning |", "| --- | --- | --- |", *rows])


def errors_text() -> str:
    """A heading for each error of the API, by its status; then those that only the command line and workers meet."""
    answered = "\n\n".join(_error(error, f"**{status.value}.** ") for error, status in STATUS.items())
    _import_everything()
    others = sorted((e for e in _kinds(KapitolaError) if e not in STATUS), key=lambda e: e.code)
    elsewhere = "\n\n".join(_error(error, "") for error in others if error.code not in _codes(STATUS))
    return f"## Problems of the API\n\n{answered}\n\n## Errors elsewhere\n\n{elsewhere}"


def _error(error: type[KapitolaError], status: str) -> str:
    meaning = " ".join((inspect.getdoc(error) or "").split())
    return f"### {error.code}\n\n{status}{meaning}" + (f"\n\n{error.remedy}" if error.remedy else "")


def _codes(errors: Iterable[type[KapitolaError]]) -> set[str]:
    return {error.code for error in errors}


def _kinds(error: type[KapitolaError]) -> Iterator[type[KapitolaError]]:
    """All the product's errors below `error` that have a code of their own."""
    for below in error.__subclasses__():
        if below.__module__.partition(".")[0] in _PACKAGES and "code" in vars(below):
            yield below
        yield from _kinds(below)


def _import_everything() -> None:
    for package in _PACKAGES:
        for module in pkgutil.walk_packages([str(HERE.parent / package)], f"{package}."):
            if module.name not in _RUNS_AT_IMPORT:
                importlib.import_module(module.name)


def settings_text() -> str:
    """A heading for each setting, with what it means and its default."""
    return "\n\n".join(_setting(name, field) for name, field in Settings.model_fields.items())


def mendings_text() -> str:
    """A row for everything that may be mended in a transcript, with the reason why somebody's file needs it."""
    rows = [f"| {name} | {reason} |" for name, reason in REASONS.items()]
    return "\n".join(["| what is mended | because |", "| --- | --- |", *rows])


def variable(name: str, field: FieldInfo) -> str:
    """The environment variable of a setting."""
    own = field.validation_alias
    return own if isinstance(own, str) else f"KAPITOLA_{name.upper()}"


def _setting(name: str, field: FieldInfo) -> str:
    default = field.default
    shown = "not set" if default in (None, "") else f"`{int(default) if isinstance(default, bool) else default}`"
    return f"### {variable(name, field)}\n\n{field.description}\n\nDefault: {shown}."


def commands_text() -> str:
    """The help of `kapitola` and of each of its commands, as the terminal shows it."""
    return "\n\n".join(f"### {path}\n\n```\n{help}\n```" for path, help in _helps(kapitola, "kapitola"))


def _helps(command: click.Command, name: str, above: click.Context | None = None) -> Iterator[tuple[str, str]]:
    settings = {**command.context_settings, "terminal_width": _WIDTH, "max_content_width": _WIDTH}
    context = click.Context(command, above, info_name=name, **settings)
    yield context.command_path, "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            yield from _helps(command.commands[below], below, context)


def _with(document: Path, part: str) -> str:
    before, begins, rest = document.read_text(encoding="utf-8").partition(_BEGINS)
    _, ends, after = rest.partition(_ENDS)
    if not (begins and ends):
        raise ValueError(f"{document} has lost the lines {_BEGINS} and {_ENDS}.")
    return f"{before}{_BEGINS}\n\n{part}\n\n{_ENDS}{after}"


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
