"""A file that a command writes: whole or not there at all, and never in the place of what is no file."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import click
import pytest

from cli.target import refuse_to_spoil, written


def test_what_broke_off_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "lecture.md"
    target.write_bytes(b"before")
    with pytest.raises(OSError, match="gone"), written(target) as file:
        file.write(b"half")
        raise OSError("gone")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("lecture.md", b"before")]


def test_a_file_that_is_there_is_replaced_only_by_force(tmp_path: Path) -> None:
    target = tmp_path / "lecture.md"
    target.write_bytes(b"before")
    with pytest.raises(click.UsageError, match="is there already"):
        refuse_to_spoil(target, force=False)
    refuse_to_spoil(target, force=True)


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        refuse_to_spoil(pipe, force=False)
        with written(pipe) as file:
            file.write(b"outline")
        assert os.read(reader, 100) == b"outline"
        assert stat.S_ISFIFO(pipe.stat().st_mode)
    finally:
        os.close(reader)
