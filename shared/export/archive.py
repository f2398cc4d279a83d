"""Many lectures in one zip, written while it is sent: FORMAT/LECTURE.suffix, index.html over all, index.csv."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence

from shared.export import Export, ExportOptions, Source, export, format_named
from shared.export.index_page import Listed, index_page
from shared.export.table_csv import table
from shared.export.tidy import tidy
from shared.export.titles import one_line
from shared.outline import clock, walk

_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|]')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")
"""What Windows takes for a device, whatever its suffix."""
_MOST_BYTES = 120
_AS_IT_IS = ExportOptions()


class _Outlet:
    """What zipfile writes into: no more than a list of what has not been sent yet, so it can neither seek nor tell."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """There is nothing behind this that could be flushed."""

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


class Archive:
    """A zip in the making: `add` and `finish` give the bytes to send next, so one lecture at a time is in memory.

    Raises ExportRefusedError if there is no such format.
    """

    def __init__(self, formats: Sequence[str], options: ExportOptions = _AS_IT_IS) -> None:
        self._formats = tuple(dict.fromkeys(format_named(name).name for name in formats))
        self._options = options
        self._outlet = _Outlet()
        # mypy wants a whole IO[bytes]; zipfile itself asks for no more than write and flush.
        self._zip = zipfile.ZipFile(self._outlet, "w", zipfile.ZIP_DEFLATED)  # type: ignore[call-overload]
        self._listed: list[Listed] = []
        self._taken: set[str] = set()

    def add(self, source: Source) -> bytes:
        """The lecture in every format."""
        name = unique_name(source.name, self._taken)
        files: dict[str, str] = {}
        warnings: list[str] = []
        for kind in self._formats:
            made: Export = export(source, kind, self._options)
            files[kind] = f"{kind}/{name}{made.suffix}"
            warnings += [f"{kind}: {warning}" for warning in made.warnings]
            _put(self._zip, files[kind], made.content)
        self._listed.append(_listed(source, files, warnings))
        return self._outlet.taken()

    def finish(self) -> bytes:
        """The two indexes and the zip's end."""
        _put(self._zip, "index.html", index_page(self._listed).encode())
        _put(self._zip, "index.csv", _index_table(self._listed, self._formats).encode())
        self._zip.close()
        return self._outlet.taken()


def unique_name(name: str, taken: set[str]) -> str:
    """A file name for `name` that every system takes, and that is not in `taken`, where it is noted."""
    plain = _NOT_IN_NAMES.sub("_", one_line(name))
    plain = plain.encode()[:_MOST_BYTES].decode(errors="ignore").strip(". ") or "lecture"
    plain = f"_{plain}" if _RESERVED.match(plain) else plain
    unique, number = plain, 1
    while unique.casefold() in taken:
        number += 1
        unique = f"{plain} ({number})"
    taken.add(unique.casefold())
    return unique


def _put(archive: zipfile.ZipFile, path: str, content: bytes) -> None:
    # The same lectures give the same zip: the date is the format's first, not today's.
    entry = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, content)


def _listed(source: Source, files: dict[str, str], warnings: list[str]) -> Listed:
    tidied = tidy(source, None, _said_already)
    sections = tuple((path, section.start_time, section.title) for path, section in walk(tidied.sections))
    return Listed(tidied.name, clock(tidied.length), tidied.language, tidied.notes, sections, files, tuple(warnings))


def _said_already(_: str) -> None:
    """The formats have told the same warnings."""


def _index_table(listed: Sequence[Listed], formats: Iterable[str]) -> str:
    rows: list[tuple[str, ...]] = [("name", "duration", "language", "sections", *formats, "notes", "warnings")]
    for each in listed:
        counted = str(len(each.sections))
        notes, warnings = " ".join(each.notes), " ".join(each.warnings)
        rows.append((each.name, each.duration, each.language, counted, *each.files.values(), notes, warnings))
    return "\ufeff" + table(rows)
