"""iiif: a Presentation 3 manifest whose ranges are the table of contents of one canvas."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from shared.export.source import ExportOptions, Source, Warn
from shared.export.tidy import distinct
from shared.outline import Section

_SOUND = (".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".wav", ".flac")


def write(source: Source, options: ExportOptions, warn: Warn) -> str:
    base = _base(source, options, warn)
    canvas = f"{base}/canvas"
    ranges = _ranges(distinct(source.sections, warn), source.language, base, canvas)
    manifest: dict[str, Any] = {
        "@context": "http://iiif.io/api/presentation/3/context.json",
        "id": f"{base}/manifest.json",
        "type": "Manifest",
        "label": _label(source.name, source.language),
        "items": [_canvas(source, options, base, canvas)],
        "structures": ranges,
    }
    if source.notes:
        manifest["summary"] = {"none": list(source.notes)}
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


def _base(source: Source, options: ExportOptions, warn: Warn) -> str:
    """What every identifier begins with. IIIF wants web addresses; whoever publishes the manifest may change them."""
    if options.media_url is None:
        warn("added: addresses that lead nowhere, because IIIF needs some: give the address of the recording")
        return f"https://kapitola.invalid/{hashlib.sha256(source.name.encode()).hexdigest()[:16]}"
    return urlunsplit(urlsplit(options.media_url)._replace(query="", fragment="")).rstrip("/") + "/iiif"


def _canvas(source: Source, options: ExportOptions, base: str, canvas: str) -> dict[str, Any]:
    seconds = source.duration / 1000
    page: dict[str, Any] = {"id": f"{base}/page", "type": "AnnotationPage", "items": []}
    if options.media_url is not None:
        kind = "Sound" if urlsplit(options.media_url).path.lower().endswith(_SOUND) else "Video"
        body = {"id": options.media_url, "type": kind, "duration": seconds}
        painting = {"id": f"{base}/painting", "type": "Annotation", "motivation": "painting", "target": canvas}
        page["items"].append({**painting, "body": body})
    return {"id": canvas, "type": "Canvas", "duration": seconds, "items": [page]}


def _ranges(
    sections: Sequence[Section], language: str, base: str, canvas: str, place: str = "range"
) -> list[dict[str, Any]]:
    ranges = []
    for number, section in enumerate(sections, 1):
        here = f"{place}-{number}"
        part = {"id": f"{canvas}#t={section.start / 1000},{section.end / 1000}", "type": "Canvas"}
        inner = _ranges(section.subsections, language, base, canvas, here)
        label = _label(section.title, language)
        ranges.append({"id": f"{base}/{here}", "type": "Range", "label": label, "items": [part, *inner]})
    return ranges


def _label(text: str, language: str) -> dict[str, list[str]]:
    return {"none" if language == "und" else language: [text]}
