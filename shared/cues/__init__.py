"""Cues: a transcript's bytes in, its cues and what had to be mended out; and cues packed for the ledger."""

from shared.cues.cue import Cue, Cues, Mending
from shared.cues.packing import pack, unpack
from shared.cues.reading import read

__all__ = ["Cue", "Cues", "Mending", "pack", "read", "unpack"]
