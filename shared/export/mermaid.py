"""mermaid: a mind map, drawn by GitHub, GitLab, Obsidian and Notion where it stands in a ```mermaid block."""

from __future__ import annotations

import re

from shared.export.source import ExportOptions, Source, Warn
from shared.outline import walk

# Mermaid looks for directives, comments, classes, icons, HTML and Markdown even inside quotes, and some versions
# show "Unsupported markdown: list" for what begins like one. Letters, digits and the commonest signs are harmless.
_MEANINGFUL = re.compile(r"^[-+0-9]|[!-~](?<![A-Za-z0-9,.()?!'/+-])")


def write(source: Source, _options: ExportOptions, _warn: Warn) -> str:
    lines = ["mindmap", f'  n0["{_escaped(source.name)}"]']
    for number, (path, section) in enumerate(walk(source.sections), 1):
        lines.append(f'{"  " * (len(path) + 1)}n{number}["{_escaped(section.title)}"]')
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """ASCII that may mean something as Mermaid's entity codes: `"` is #34;."""
    return _MEANINGFUL.sub(lambda found: f"#{ord(found[0])};", text)
