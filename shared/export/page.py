"""html: one file with the outline beside the transcript, for any browser, without a network.

Everything can be read and clicked without the script, which adds search and the place where the reader is.
The policy in the page lets nothing run or load but the style and the script that are written here (S6).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib.resources import files

from shared.cues import Cue
from shared.export.source import ExportOptions, Source, Warn, moment
from shared.export.titles import one_line
from shared.outline import Section, clock, walk

_PARAGRAPH_MS = 30_000
"""Cues are run together into paragraphs of about this long: lines of three seconds are no text to read."""
_PAUSE_MS = 2_500
"""A pause this long ends a paragraph early."""

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{style_hash}'; script-src '{script_hash}'; base-uri 'none'; form-action 'none'">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
<script>{script}</script>
</body>
</html>
"""  # noqa: E501

_TOOLS = """<div class="tools" role="search" hidden>
<input type="search" aria-label="Search {what}" aria-keyshortcuts="Control+K" placeholder="Search {what}">
<output role="status"></output>
</div>
"""


def write(source: Source, options: ExportOptions, warn: Warn) -> str:
    if not source.cues:
        warn("dropped: the transcript, because it was not at hand; the page holds the outline alone")
    body = (
        '<a class="skip" href="#transcript">Skip to the transcript</a>\n'
        f"{_head(source, options)}{search_box('the transcript')}"
        f'<nav aria-label="Outline">\n{_contents(source.sections)}</nav>\n'
        f'<main id="transcript" tabindex="-1">\n{"".join(_transcript(source, options))}</main>'
    )
    return document(source.name, source.language, body, "page.js")


def document(title: str, language: str, body: str, script: str) -> str:
    """A whole page around `body`, which is HTML already; `script` is the name of one of this package's own."""
    style_hash, script_hash = policy_hashes(script)
    return _PAGE.format(
        title=escape(title),
        language=escape(language),
        body=body,
        style=_own_file("page.css"),
        style_hash=style_hash,
        script=_own_file(script),
        script_hash=script_hash,
    )


def policy_hashes(script: str = "page.js") -> tuple[str, str]:
    """What a content security policy calls the style and the script of such a page by."""
    return _hash(_own_file("page.css")), _hash(_own_file(script))


def search_box(what: str) -> str:
    return _TOOLS.format(what=what)


@cache
def _own_file(name: str) -> str:
    return files("shared.export").joinpath(name).read_text(encoding="utf-8")


@cache
def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _head(source: Source, options: ExportOptions) -> str:
    count = sum(1 for _ in walk(source.sections))
    facts = [clock(source.length), f"{count} section{'' if count == 1 else 's'}"]
    if options.media_url:
        facts.append(_link(options.media_url, "the recording"))
    notes = "".join(f"<li>{escape(note)}</li>" for note in source.notes)
    return (
        f'<header>\n<h1 dir="auto">{escape(source.name)}</h1>\n<p class="facts">{" · ".join(facts)}</p>\n'
        + (f'<ul class="notes">{notes}</ul>\n' if notes else "")
        + "</header>\n"
    )


def _contents(sections: Sequence[Section], place: str = "s") -> str:
    """The outline as nested lists of links; s-1-2 is the place of the first section's second subsection."""
    entries = []
    for number, section in enumerate(sections, 1):
        here = f"{place}-{number}"
        inner = _contents(section.subsections, here) if section.subsections else ""
        entries.append(
            f'<li><a href="#{here}"><span dir="auto">{escape(section.title)}</span> '
            f'<span class="time">{section.start_time}</span></a>{inner}</li>\n'
        )
    return f"<ol>\n{''.join(entries)}</ol>\n"


def _transcript(source: Source, options: ExportOptions) -> Iterator[str]:
    """Headings, each before the first cue of its section, and between them the cues as paragraphs."""
    cues = list(source.cues)
    said = 0
    for path, section in walk(source.sections):
        upto = said
        while upto < len(cues) and cues[upto].start < section.start:
            upto += 1
        yield from _paragraphs(cues[said:upto], source, options)
        said = upto
        yield _heading(path, section)
        if not cues and section.quote:
            yield _paragraph(section.start, section.quote, source, options)
    yield from _paragraphs(cues[said:], source, options)


def _heading(path: tuple[int, ...], section: Section) -> str:
    level = min(len(path) + 1, 6)
    place = "-".join(str(position + 1) for position in path)
    return f'<h{level} id="s-{place}" dir="auto"><span class="words">{escape(section.title)}</span></h{level}>\n'


def _paragraphs(cues: Sequence[Cue], source: Source, options: ExportOptions) -> Iterator[str]:
    first = 0
    for position, cue in enumerate(cues, 1):
        following = cues[position] if position < len(cues) else None
        if (
            following is None
            or following.end - cues[first].start > _PARAGRAPH_MS
            or following.start - cue.end >= _PAUSE_MS
        ):
            words = " ".join(one_line(c.text) for c in cues[first:position])
            yield _paragraph(cues[first].start, words, source, options)
            first = position


def _paragraph(start: int, words: str, source: Source, options: ExportOptions) -> str:
    time = f'<span class="time">{clock(start)}</span>'
    if options.media_url:
        time = _link(moment(options.media_url, start), clock(start), ' class="time"')
    lang = f' lang="{escape(source.spoken)}"' if source.spoken else ""
    return f'<p>{time} <span class="words" dir="auto"{lang}>{escape(words)}</span></p>\n'


def _link(address: str, words: str, kind: str = "") -> str:
    return f'<a{kind} href="{escape(address)}" rel="noopener noreferrer" target="_blank">{escape(words)}</a>'
