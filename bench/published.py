"""Published: what others reported of unsupervised methods on complete collections, with the number of sections given.

Malioutov and Barzilay, ACL 2006 (Pk on physics; their system's WindowDiff on AI as measured by later papers);
Kazantseva and Szpakowicz, EMNLP 2011. A row of these stands in the tables of `bench/quality.py` for orientation: our
folder may hold a few lectures of a collection only.
"""

from __future__ import annotations

Row = tuple[str, dict[str, str]]
_PK, _WD = "Pk, number given", "WD, number given"
_CUT, _AFFINITY = "published: minimum cut (2006)", "published: affinity propagation (2011)"

PUBLISHED: dict[str, list[Row]] = {
    "mit-ai": [(_CUT, {_WD: "0.437"}), (_AFFINITY, {_WD: "0.404"})],
    "mit-physics-manual": [(_CUT, {_PK: "0.298"})],
    "mit-physics-asr": [(_CUT, {_PK: "0.322"})],
}
"""By collection (bench/lectures.py): the method, and what was reported under a column's name."""


def rows(collection: str, columns: tuple[str, ...]) -> list[str]:
    """Markdown rows for a table with these columns."""
    found = PUBLISHED.get(collection, [])
    return [f"| {name} | " + " | ".join(told.get(column, "") for column in columns) + " |" for name, told in found]
