"""The page over all lectures of a zip: searchable, and without a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from shared.export.page import document, search_box


@dataclass(frozen=True, slots=True)
class Listed:
    """A lecture in the index."""

    name: str
    duration: str
    language: str
    notes: tuple[str, ...]
    sections: tuple[tuple[tuple[int, ...], str, str], ...]
    """Path, time and title of every section."""
    files: dict[str, str]
    """From format to the path of its file in the zip."""
    warnings: tuple[str, ...]


def index_page(lectures: Sequence[Listed]) -> str:
    title = f"{len(lectures)} lecture{'' if len(lectures) == 1 else 's'}"
    articles = "".join(_article(lecture) for lecture in lectures)
    body = f'<header><h1>{title}</h1></header>\n{search_box("all lectures")}<main class="lectures">\n{articles}</main>'
    return document(title, "en", body, "index_page.js")


def _article(lecture: Listed) -> str:
    page = lecture.files.get("html")
    name = f'<span dir="auto">{escape(lecture.name)}</span>'
    heading = f'<a href="{quote(page)}">{name}</a>' if page else name
    files = " ".join(f'<a href="{quote(path)}">{escape(kind)}</a>' for kind, path in lecture.files.items())
    facts = (*lecture.notes, *lecture.warnings)
    notes = "".join(f'<p class="facts">{escape(fact)}</p>\n' for fact in facts)
    sections = "".join(_entry(page, *section, lecture.language) for section in lecture.sections)
    return (
        f'<article>\n<h2>{heading} <span class="time">{lecture.duration}</span></h2>\n{notes}'
        f'<p class="files">{files}</p>\n'
        f"<details><summary>{len(lecture.sections)} sections</summary>\n<ul>\n{sections}</ul></details>\n</article>\n"
    )


def _entry(page: str | None, path: tuple[int, ...], time: str, title: str, language: str) -> str:
    words = f'<span dir="auto" lang="{escape(language)}">{escape(title)}</span>'
    if page:
        words = f'<a href="{quote(page)}#s-{"-".join(str(position + 1) for position in path)}">{words}</a>'
    return f'<li class="level-{min(len(path), 4)}"><span class="time">{time}</span> {words}</li>\n'
