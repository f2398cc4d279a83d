"""A file that a command writes: never over another unless that is wished, and whole or not there at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

force_option = click.option("--force", is_flag=True, help="Replace a file that is there already.")


def refuse_to_spoil(target: Path, force: bool) -> None:
    """Raises UsageError where nothing can, or should, be written: before anything is asked of a server for it."""
    if target.is_dir():
        raise click.UsageError(f"{target} is a folder. -o names the file in it.")
    if not target.parent.is_dir():
        raise click.UsageError(f"There is no folder {target.parent} to write {target.name} into.")
    if target.is_file() and not force:
        raise click.UsageError(f"{target} is there already. Name another file (-o), or replace it: --force.")


def require_folder(output: Path, suffixes: tuple[str, ...]) -> None:
    """Raises UsageError where no folder can be: `suffixes` are those that a name meant for a file has."""
    if not output.is_dir() and (output.exists() or output.name.endswith(suffixes)):
        raise click.UsageError(f"-o names a folder. One file: --format NAME -o - > {output}")
    above = next(folder for folder in (output, *output.absolute().parents) if folder.is_dir())
    if not os.access(above, os.W_OK | os.X_OK):
        raise click.UsageError(f"{output} cannot be written: you may not write into {above}.")


@contextmanager
def written(target: Path) -> Iterator[BinaryIO]:
    """Takes the target's place once the block ends well; what broke off is not to look like a file.

    A pipe or a device (/dev/stdout) is written to as it is: nothing is to take its place.
    """
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
