"""Samples: the outlines of a few lectures, drawn by seed, for a person to read.

    python bench/samples.py FOLDER ... [--count 10] [--seed 8] [--only nyu tinyrec own]

Markdown: a line for each top section, with its subsections' titles after it. Lectures without known chapters, such as
those of examples/, are drawn from as well, as the collection "own".
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

from lectures import Chaptered, read_folder, read_unchaptered
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


def drawn(folders: Sequence[Path], only: Sequence[str], count: int, seed: int) -> list[Chaptered]:
    """So many lectures of the folders' collections, at random, but the same for the same seed."""
    pool: list[Chaptered] = []
    for folder in folders:
        collections = read_folder(folder, "all")
        collections["own"] = [*collections.get("own", []), *read_unchaptered(folder)]
        pool += [lecture for name, found in collections.items() if not only or name in only for lecture in found]
    return random.Random(seed).sample(pool, min(count, len(pool)))


def main() -> None:
    parser = argparse.ArgumentParser(description="Outlines of a few lectures, drawn by seed.")
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--only", nargs="*", default=(), help="collections to draw from; all if none is named")
    chosen = parser.parse_args()
    for lecture in drawn(chosen.folders, chosen.only, chosen.count, chosen.seed):
        print(f"\n### {lecture.name}\n")
        print("\n".join(line(section) for section in asyncio.run(_outline(lecture))))


if __name__ == "__main__":
    main()
