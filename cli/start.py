"""Where `kapitola` begins. Until all is loaded, which takes a moment, Ctrl-C is the end and no traceback."""

from __future__ import annotations

import signal


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from cli.main import main as loaded

    signal.signal(signal.SIGINT, signal.default_int_handler)
    loaded()
