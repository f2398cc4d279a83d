"""ffmetadata: what ffmpeg reads chapters from (`ffmpeg -i video -i this -map_chapters 1 -c copy out`)."""

from __future__ import annotations

import re

from shared.export.flatten import flatten
from shared.export.source import ExportOptions, Source, Warn

LAST_BACKSLASH = "\N{SET MINUS}"
_SPECIAL = re.compile(r"([=;#\\])")


def write(source: Source, options: ExportOptions, warn: Warn) -> str:
    lines = [";FFMETADATA1", f"title={_escaped(source.name, warn)}"]
    if source.notes:
        lines.append(f"comment={_escaped(' '.join(source.notes), warn)}")
    for chapter in flatten(source, options.depth, warn):
        lines += ["", "[CHAPTER]", "TIMEBASE=1/1000", f"START={chapter.start}", f"END={chapter.end}"]
        lines.append(f"title={_escaped(chapter.title, warn)}")
    return "\n".join(lines) + "\n"


def _escaped(text: str, warn: Warn) -> str:
    # ffmpeg (5.1) takes the end of a line for escaped after any backslash, even an escaped one.
    if text.endswith("\\"):
        warn(f"renamed: “{text}” is written with another sign for the backslash at its end")
        text = text[:-1] + LAST_BACKSLASH
    return _SPECIAL.sub(r"\\\1", text)
