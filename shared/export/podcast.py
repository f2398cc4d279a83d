"""podcast: the JSON chapters of Podcasting 2.0."""

from __future__ import annotations

import json

from shared.export.flatten import flatten
from shared.export.source import ExportOptions, Source, Warn


def write(source: Source, options: ExportOptions, warn: Warn) -> str:
    chapters = [
        {"startTime": c.start / 1000, "endTime": c.end / 1000, "title": c.title}
        for c in flatten(source, options.depth, warn)
    ]
    document = {"version": "1.2.0", "title": source.name, "chapters": chapters}
    if source.notes:
        document["description"] = "\n".join(source.notes)
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
