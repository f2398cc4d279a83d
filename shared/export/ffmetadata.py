"""ffmetadata: what ffmpeg reads chapters from (`ffmpeg -i video -i this -map_chapters 1 -c copy out`)."""

from __future__ import annotations

import re

from shared.export.flatten import flatten
from shared.export.source import ExportOptions, Source, Warn

_SPECIAL = re.compile(r"([=;#\\])")


def write(source: Source, options: ExportOptions, warn: Warn) -> str:
    lines = [";FFMETADATA1", f"title={_escaped(source.name)}"]
    if source.notes:
        lines.append(f"comment={_escaped(' '.join(source.notes))}")
    for chapter in flatten(source, options.depth, warn):
        lines += ["", "[CHAPTER]", "TIMEBASE=1/1000", f"START={chapter.start}", f"END={chapter.end}"]
        lines.append(f"title={_escaped(chapter.title)}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)
