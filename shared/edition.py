"""The edition: what the same transcript, options and model may get another outline by, when Kapitola is updated.

Workers sign with its parts; the command line asks anew after an update, where a server would give the batch of before.
"""

from __future__ import annotations

OFFLINE_MODEL = "offline-4"
"""Who answers where no model is named. It ends in a new number whenever its answers change: nothing mixes the two."""
PROMPTS = ("correct-2", "group-2", "outline-3", "translate-1")
"""The texts of worker/prompts, each with the version that its first line gives; a test compares."""
EDITION = " ".join((OFFLINE_MODEL, *PROMPTS))
