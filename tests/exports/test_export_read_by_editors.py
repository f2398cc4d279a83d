"""opentimelineio reads the markers for DaVinci Resolve, and iiif-prezi3 the manifest."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from shared.export import ExportOptions, Source, export
from shared.export.edl import frame
from shared.export.flatten import flatten
from shared.export.tidy import distinct, tidy
from shared.outline import Section
from tests.exports.foreign import batch, module

_MARKER = re.compile(r"\|C:ResolveColorBlue \|M:(.*) \|D:1")
HOUR = 3600


@pytest.mark.parametrize("rate", [24, 25, 30_000 / 1001, 60])
def test_opentimelineio_reads_the_same_markers(rate: float, tmp_path: Path) -> None:
    otio = module("opentimelineio")
    module("otio_cmx3600_adapter")
    file = tmp_path / "markers.edl"
    markers = 0
    for source in batch(20):
        tidied = tidy(source, None, lambda _: None)
        chapters = flatten(tidied, 2, lambda _: None, lambda ms: frame(ms, rate))
        chapters = [c for c in chapters if frame(c.start, rate) < 23 * HOUR * round(rate) - 1]
        if not chapters:
            continue
        file.write_bytes(export(source, "edl", ExportOptions(depth=2, frame_rate=rate)).content)
        timeline = otio.adapters.read_from_file(str(file), rate=rate)
        assert timeline.name == tidied.name
        read = []
        for clip in timeline.tracks[0].find_clips():
            found = _MARKER.fullmatch(clip.metadata["cmx_3600"]["comments"][0])
            assert found is not None
            read.append((int(clip.source_range.start_time.value) - HOUR * round(rate), found[1]))
        assert read == [(frame(c.start, rate), c.title.replace("|", "¦")) for c in chapters]
        assert all(a < b for (a, _), (b, _) in pairwise(read))
        markers += len(read)
    assert markers > 100


def test_markers_after_the_end_of_timecodes_are_left_out_and_said_to_be() -> None:
    late = [Section(title="late", start=hours * HOUR * 1000, end=24 * HOUR * 1000, cue=0) for hours in (0, 22, 23)]
    written = export(Source("Long", 24 * HOUR * 1000, "en", tuple(late)), "edl")
    assert written.content.decode().count("|M:late") == 2
    assert any("23 hours" in warning for warning in written.warnings)


def _ranges(ranges: list[Any]) -> list[Any]:
    return [
        (
            next(iter(r.label.values()))[0],
            r.items[0].id.split("#")[1],
            _ranges([item for item in r.items if item.type == "Range"]),
        )
        for r in ranges
    ]


def _expected(sections: tuple[Section, ...]) -> list[Any]:
    return [(s.title, f"t={s.start / 1000},{s.end / 1000}", _expected(s.subsections)) for s in sections]


@pytest.mark.parametrize("address", [None, "https://example.org/a.mp4?x=1", "https://example.org/a.mp3"])
def test_iiif_prezi3_reads_the_same_ranges(address: str | None) -> None:
    prezi3 = module("iiif_prezi3")
    for source in batch(20):
        content = export(source, "iiif", ExportOptions(media_url=address)).content
        manifest = prezi3.Manifest(**json.loads(content))
        sections = distinct(tidy(source, None, lambda _: None).sections, lambda _: None)
        assert _ranges(manifest.structures or []) == _expected(sections)
