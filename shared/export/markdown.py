"""markdown: a nested list under YAML front matter, for Obsidian and every CommonMark reader."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from shared.export.source import ExportOptions, Source, Warn, moment
from shared.outline import clock, walk

# Everything that CommonMark, GitHub or Obsidian (tags, highlights, comments, formulas, block names) gives a meaning.
_MARKUP = re.compile(r"([\\`*_\[\]<>#|~$^]|&(?=[#\w])|(?<=[=%])[=%]|[=%](?=[=%]))")


def write(source: Source, options: ExportOptions, _warn: Warn) -> str:
    return "\n".join(_lines(source, options)) + "\n"


def escaped(text: str) -> str:
    """`text`, of one line, as Markdown that shows it as it is."""
    return _MARKUP.sub(r"\\\1", text)


def _lines(source: Source, options: ExportOptions) -> Iterator[str]:
    yield "---"
    yield f"title: {_yaml(source.name)}"
    yield f"duration: {_yaml(clock(source.duration))}"
    yield f"lang: {_yaml(source.language)}"
    if options.media_url:
        yield f"source: {_yaml(options.media_url)}"
    yield "---"
    yield ""
    yield f"# {escaped(source.name)}"
    yield ""
    for note in source.notes:
        yield f"> {escaped(note)}  "
    if source.notes:
        yield ""
    for path, section in walk(source.sections):
        time = section.start_time
        if options.media_url:
            time = f"[{time}](<{moment(options.media_url, section.start)}>)"
        yield f"{'  ' * (len(path) - 1)}- {time} {escaped(section.title)}"


def _yaml(text: str) -> str:
    """A YAML string in double quotes, which JSON's are."""
    return json.dumps(text, ensure_ascii=False)
