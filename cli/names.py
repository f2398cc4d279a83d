"""Names as a terminal may show them: what they hold was chosen by others."""

from __future__ import annotations


def printable(name: str) -> str:
    """The name, with a sign in place of each character that is not for the eye, such as those that move the cursor."""
    return "".join(character if character.isprintable() else "\ufffd" for character in name)
