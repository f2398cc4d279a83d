"""How `kapitola` begins, as a shell sees it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

KAPITOLA = Path(sys.executable).with_name("kapitola")


def test_ctrl_c_while_the_command_is_still_loading_is_no_traceback() -> None:
    at_that_moment = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path, target=None):
        if name == "cli.main":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Finder())
from cli.start import main
main()
"""
    ended = subprocess.run([sys.executable, "-c", at_that_moment], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_get_their_completion(shell: str) -> None:
    asked = {**os.environ, "_KAPITOLA_COMPLETE": f"{shell}_source"}
    script = subprocess.run([str(KAPITOLA)], env=asked, capture_output=True, text=True, timeout=60, check=False)
    assert "kapitola" in script.stdout and "_KAPITOLA_COMPLETE" in script.stdout


def test_completion_knows_commands_and_options() -> None:
    asked = {**os.environ, "_KAPITOLA_COMPLETE": "bash_complete", "COMP_WORDS": "kapitola out", "COMP_CWORD": "1"}
    found = subprocess.run([str(KAPITOLA)], env=asked, capture_output=True, text=True, timeout=60, check=False)
    assert found.stdout.split() == ["plain,outline"]
