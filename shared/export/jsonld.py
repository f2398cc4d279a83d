"""jsonld: schema.org's VideoObject with its clips, for search engines' "key moments"."""

from __future__ import annotations

import json
from typing import Any

from shared.export.flatten import flatten, whole_seconds
from shared.export.source import ExportOptions, Source, Warn, moment

# So that no title can end the <script> element that this is pasted into.
_IN_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def write(source: Source, options: ExportOptions, warn: Warn) -> str:
    if options.media_url is None:
        warn("dropped: the clips' addresses, which search engines want: give the address of the recording")
    clips: list[dict[str, Any]] = []
    for chapter in flatten(source, options.depth, warn, whole_seconds):
        start = chapter.start // 1000
        clip = {"@type": "Clip", "name": chapter.title, "startOffset": start}
        clip["endOffset"] = max(chapter.end // 1000, start + 1)
        if options.media_url is not None:
            clip["url"] = moment(options.media_url, chapter.start)
        clips.append(clip)
    video: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "VideoObject",
        "name": source.name,
        "duration": f"PT{source.duration // 1000}S",
    }
    if source.notes:
        video["description"] = " ".join(source.notes)
    if options.media_url is not None:
        video["contentUrl"] = options.media_url
    video["hasPart"] = clips
    return json.dumps(video, ensure_ascii=False, indent=2).translate(_IN_HTML) + "\n"
