"""`python child.py PARENT SIGNAL COMMAND...`: becomes COMMAND, which gets SIGNAL when PARENT ends, however it ends.

Without it a `kapitola` that is killed leaves its Redis and its workers behind, and the next one starts a second Redis
over the same files. Run as a script: it is to be gone in milliseconds, so it imports nothing of Kapitola.
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def become(parent: int, signal: int, command: list[str]) -> None:
    """Does not return. Only Linux tells a process of its parent's end; elsewhere the command is merely run."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:  # it ended before it could be watched
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - our own command, and no shell is wanted


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
