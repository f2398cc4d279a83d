"""Samples: the outlines of a few lectures, drawn by seed, for a person to read.

    python bench/samples.py FOLDER [--count 10] [--seed 8]

Markdown: a line for each top section, with its subsections' titles after it.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from pathlib import Path

from lectures import Chaptered, read_folder
from outlined import OFFLINE, asking, outlined
from variants import variant

from shared.outline import Section


def line(section: Section) -> str:
    """A section and what is below it, on one line."""
    below = " · ".join(f"{s.title} ({s.start_time[1:]})" for s in section.subsections)
    return f"- **{section.start_time[1:]} {section.title}**" + (f": {below}" if below else "")


async def _outline(lecture: Chaptered) -> tuple[Section, ...]:
    async with asking(OFFLINE) as ask:
        outline = await outlined(lecture, ask, variant("current"))
    return outline.sections if outline else ()


def main() -> None:
    parser = argparse.ArgumentParser(description="Outlines of a few lectures, drawn by seed.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=8)
    chosen = parser.parse_args()
    titled = [lec for c, found in read_folder(chosen.folder, "all").items() for lec in found if not c.startswith("mit")]
    for lecture in random.Random(chosen.seed).sample(titled, min(chosen.count, len(titled))):
        print(f"\n### {lecture.name}\n")
        print("\n".join(line(section) for section in asyncio.run(_outline(lecture))))


if __name__ == "__main__":
    main()
