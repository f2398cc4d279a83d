"""Writes an example of every export format beside this file, and the table of docs/exports.md.

Run it with `make export-examples`; a test compares what it writes with what is stored.
"""

from __future__ import annotations

from pathlib import Path

from shared.cues import Cue
from shared.export import FORMATS, ExportOptions, Source, export
from shared.outline import Section

_SPOKEN = """
Good morning, and welcome. Today is about how bread rises, and about why it sometimes refuses to.
I will begin with flour, because everything else depends on it.
Wheat holds two proteins, and when water meets them they tie themselves into gluten.
Think of a net. The more you knead, the finer the net becomes, up to a point.
And if you go past that point, the net tears & nothing will mend it.
Now, water. Bakers count in percent of the flour, so seventy means seventy grams to a hundred.
A wet dough is harder to handle, yet its crumb is more open.
Let us turn to yeast. It is alive, it eats sugar, and it breathes out carbon dioxide.
At 4 °C it sleeps; at 27 °C it works; above 50 °C it dies.
Time and warmth can be traded for one another, and the slow way tastes better.
Salt slows it down. Two percent, no more, and please never directly on the yeast.
Finally the oven. In the first ten minutes the loaf grows by a third: we call it oven spring.
Steam keeps the crust soft for so long, and then the crust browns.
When you knock on the bottom and it sounds hollow, the bread is done. Thank you.
"""
_EACH_MS = 9_500

CUES = tuple(
    Cue(number + 1, number * _EACH_MS, number * _EACH_MS + 9_000, text)
    for number, text in enumerate(_SPOKEN.strip().splitlines())
)


def _section(title: str, cue: int, upto: int, *subsections: Section) -> Section:
    end = CUES[upto].start if upto < len(CUES) else CUES[-1].end
    quote = " ".join(CUES[cue].text.split()[:6])
    return Section(title=title, start=CUES[cue].start, end=end, cue=cue, quote=quote, subsections=subsections)


SOURCE = Source(
    name="How bread rises",
    duration=CUES[-1].end,
    language="en",
    sections=(
        _section("Welcome", 0, 1),
        _section(
            "Flour & water",
            1,
            7,
            _section("Gluten: a net of proteins", 2, 5, _section('When the net "tears"', 4, 5)),
            _section("Counting water in % of flour", 5, 7),
        ),
        _section(
            "Yeast",
            7,
            11,
            _section("Temperature: 4 °C < 27 °C < 50 °C", 8, 9),
            _section("Time or warmth", 9, 10),
            _section("- Salt slows it down", 10, 11),
        ),
        _section("In the oven", 11, 14, _section("Oven spring", 11, 12), _section("Steam and crust", 12, 14)),
    ),
    notes=("Model: a person, who wrote this example.",),
    cues=CUES,
    spoken="en",
)
_TABLE_BEGINS = "<!-- written by docs/exports/regenerate.py -->"
_TABLE_ENDS = "<!-- end -->"
OPTIONS = ExportOptions(media_url="https://example.org/lectures/bread.mp4")


def examples() -> dict[str, bytes]:
    """The name of each example file and what it holds."""
    made = [export(SOURCE, name, OPTIONS) for name in FORMATS]
    return {f"bread{file.suffix}": file.content for file in made}


def documented(text: str) -> str:
    """The text of docs/exports.md with its table written again from the table of formats."""
    rows = ["| name | what it is | file | media type | nesting |", "| --- | --- | --- | --- | --- |"]
    for made in FORMATS.values():
        example = f"[`{made.suffix}`](exports/bread{made.suffix})"
        nesting = "flat" if made.flat else "whole tree"
        rows.append(f"| `{made.name}` | {made.title} | {example} | `{made.media_type}` | {nesting} |")
    before, _, rest = text.partition(_TABLE_BEGINS)
    _, _, after = rest.partition(_TABLE_ENDS)
    return "\n".join([before + _TABLE_BEGINS, *rows, _TABLE_ENDS + after])


def main() -> None:
    here = Path(__file__).parent
    for old in here.glob("bread.*"):
        old.unlink()
    for name, content in examples().items():
        (here / name).write_bytes(content)
    document = here.parent / "exports.md"
    document.write_text(documented(document.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
