"""Cues: a transcript's bytes in, its cues and what had to be mended out; and cues packed for the ledger."""

from shared.cues.cue import Cue, Cues, Mending
from shared.cues.packing import pack, unpack
from shared.cues.reading import read
from shared.cues.strays import length, remarks

__all__ = ["Cue", "Cues", "Mending", "length", "pack", "read", "remarks", "unpack"]
