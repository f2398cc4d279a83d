"""A file that a command writes: never over another unless that is wished, and whole or not there at all."""

from __future__ import annotations

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
    if target.exists() and not force:
        raise click.UsageError(f"{target} is there already. Name another file (-o), or replace it: --force.")


@contextmanager
def written(target: Path) -> Iterator[BinaryIO]:
    """Takes the target's place once the block ends well; what broke off is not to look like a file."""
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
