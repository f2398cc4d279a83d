"""Offline cost: what the offline model takes for a long lecture, made by joining lectures of a folder.

python bench/offline_cost.py FOLDER [--hours 3]
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Iterable
from pathlib import Path

from lectures import Chaptered, read_folder

from shared.chunks import Chunk
from shared.cues import Cue
from shared.outline import Section
from worker.exchange import Material, Prompt
from worker.model.offline import reply

CHUNK_MS = 20 * 60_000


def joined(lectures: Iterable[Chaptered], hours: float) -> tuple[Cue, ...]:
    """The cues of one lecture after the other, until there are as many hours."""
    cues: list[Cue] = []
    for lecture in lectures:
        offset = cues[-1].end if cues else 0
        cues += [Cue(len(cues) + n, c.start + offset, c.end + offset, c.text) for n, c in enumerate(lecture.cues, 1)]
        if cues[-1].end >= hours * 3_600_000:
            break
    return tuple(cues)


def main() -> None:
    parser = argparse.ArgumentParser(description="CPU seconds and memory of the offline model.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--hours", type=float, default=3)
    chosen = parser.parse_args()
    found = read_folder(chosen.folder, "all")
    longest_first = sorted((lecture for c in found.values() for lecture in c), key=lambda le: -len(le.cues))
    cues = joined(longest_first, chosen.hours)
    starts = [n for n, c in enumerate(cues) if n == 0 or c.start // CHUNK_MS > cues[n - 1].start // CHUNK_MS]
    began = time.process_time()
    sections: list[Section] = []
    seams: list[int] = []
    for index, (first, stop) in enumerate(zip(starts, [*starts[1:], len(cues)], strict=True)):
        seams += [len(sections)] if index else []
        chunk = Chunk(index, len(starts), first, first, stop, 0)
        answer = reply(Prompt("outline", "", "", "", "en", material=Material(cues=cues, chunk=chunk)))
        sections += [Section(title=s["title"], start=0, end=0, cue=s["cue"] - 1) for s in json.loads(answer.text)]
    outlined = time.process_time()
    material = Material(cues=cues, sections=tuple(sections), seams=tuple(seams))
    reply(Prompt("group", "", "", "", "en", material=material))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{cues[-1].end / 3_600_000:.1f} hours, {len(cues):,} cues, {len(starts)} chunks: {outlined - began:.2f} s for "
        f"the chunks, {time.process_time() - outlined:.2f} s for the groups (CPU, one core); {memory:.0f} MB in all"
    )


if __name__ == "__main__":
    main()
