"""json: the outline in the exact shape that Kapitola was first asked for."""

from __future__ import annotations

import json

from shared.export.source import ExportOptions, Source, Warn
from shared.outline import as_given


def write(source: Source, _options: ExportOptions, _warn: Warn) -> str:
    return json.dumps(as_given(source.sections), ensure_ascii=False, indent=2) + "\n"
