"""webvtt: a chapters track for HTML's `<track kind="chapters">`; cues nest, so the whole tree fits."""

from __future__ import annotations

from shared.export.source import ExportOptions, Source, Warn
from shared.export.tidy import distinct
from shared.outline import walk


def write(source: Source, _options: ExportOptions, warn: Warn) -> str:
    blocks = ["WEBVTT"]
    blocks += [f"NOTE {_escaped(note)}" for note in source.notes if note]
    for path, section in walk(distinct(source.sections, warn)):
        number = ".".join(str(position + 1) for position in path)
        times = f"{timestamp(section.start)} --> {timestamp(section.end)}"
        blocks.append(f"{number}\n{times}\n{_escaped(section.title)}")
    return "\n\n".join(blocks) + "\n"


def timestamp(ms: int) -> str:
    """hh:mm:ss.ttt; hours may take more than two digits."""
    seconds, thousandths = divmod(ms, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"


def _escaped(text: str) -> str:
    """`&` and `<` begin references and tags; without `>` no text can hold the arrow `-->`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
