"""anki: a note per section for Anki's text importer: question, answer, tags."""

from __future__ import annotations

import csv
import io
import re

from shared.export.source import ExportOptions, Source, Warn
from shared.outline import walk

_HEADER = "#separator:tab\n#html:false\n#columns:Question\tAnswer\tTags\n#tags column:3\n"
_NOT_IN_TAGS = re.compile(r"[\s\"':]+")


def write(source: Source, _options: ExportOptions, _warn: Warn) -> str:
    out = io.StringIO(newline="")
    out.write(_HEADER)
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    top = ""
    for path, section in walk(source.sections):
        if len(path) == 1:
            top = section.title
        inner = "; ".join(subsection.title for subsection in section.subsections)
        answer = f"{section.title} ({inner})" if inner else section.title
        question = f"What is covered at {section.start_time} in “{source.name}”?"
        writer.writerow([question, answer, f"{_tag(source.name)}::{_tag(top)}"])
    return out.getvalue()


def _tag(text: str) -> str:
    """`text` as one level of a tag: Anki parts tags at spaces, and their levels at `::`."""
    return _NOT_IN_TAGS.sub("_", text).strip("_") or "_"
