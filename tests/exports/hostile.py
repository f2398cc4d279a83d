"""Outlines that nobody should write and somebody will, for the property tests of the exports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hypothesis import strategies as st

from shared.cues import Cue
from shared.export import Source
from shared.export.archive import Archive
from shared.outline import Section

TRAPS = (
    "",
    " ",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tTab",
    "\rReturn",
    '"quoted", and; more',
    "two\nlines",
    "\r\n\r\n",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</title></style>",
    "]]>",
    "&amp; &lt; &#65; &copy;",
    "a --> b",
    "--> ",
    "javascript:alert(1)",
    "[link](javascript:alert(1))",
    "![x](y)",
    "[[wiki|link]]",
    "# heading #",
    "* star * _under_ `code` ~~gone~~",
    "==mark== %%note%% $x^2$ ^block #tag",
    "|C:Red |M:x |D:9",
    "a|b\\|c",
    "\\",
    "back\\slash\\",
    "a=b;c#d\\",
    ";comment",
    "[CHAPTER]",
    "%%{init: {}}%%",
    "style:a#b;c",
    "classDef x:y#z;",
    "::icon(x)",
    ":::big",
    '"] end',
    "mindmap",
    "`markdown`",
    "subgraph",
    "{{Jinja}} ${x} %s",
    "12:30 lunch",
    "0:00",
    "NOTE x",
    "STYLE",
    "WEBVTT",
    "1. first",
    "- dash",
    "> quote",
    "---",
    "===",
    "    indented",
    "***",
    "\x00\x07\x1b[31mred\x1b[0m",
    "\u202egnp.exe",
    "zero\u200bwidth",
    "line\u2028sep",
    "\x85next",
    "\ud800 lone",
    "\uffff",
    "\U0001fffe",
    "e\u0301 n\u0303",
    "Ångström",
    "日本語",
    "العربية‌فارسی",
    "👩‍🏫 class",
    "ﬁ ligature",
    "İstanbul ß",
    "x" * 400,
    "word " * 80,
    "&",
    "<",
    ">",
    "'",
    '"',
    "`",
)

titles = st.one_of(
    st.sampled_from(TRAPS), st.text(max_size=30), st.tuples(st.sampled_from(TRAPS), st.text(max_size=5)).map("".join)
)
times = st.one_of(st.integers(-5_000, 200_000), st.integers(0, 4_000_000), st.integers(0, 60).map(lambda s: s * 1000))


@st.composite
def sections(draw: st.DrawFn, depth: int = 3, most: int = 5) -> tuple[Section, ...]:
    count = draw(st.integers(0, most))
    return tuple(
        Section(
            title=draw(titles),
            start=draw(times),
            end=draw(times),
            cue=0,
            quote=draw(titles),
            subsections=draw(sections(depth - 1, 3)) if depth > 1 and draw(st.booleans()) else (),
        )
        for _ in range(count)
    )


@st.composite
def sources(draw: st.DrawFn) -> Source:
    said = sorted(draw(st.lists(st.tuples(st.integers(0, 3_000_000), titles), max_size=4)))
    return Source(
        name=draw(titles),
        duration=draw(st.one_of(st.integers(0, 100_000), st.integers(3_000_000, 90_000_000))),
        language=draw(st.sampled_from(["en", "cs", "und", "zh"])),
        sections=draw(sections()),
        notes=tuple(draw(st.lists(titles, max_size=2))),
        cues=tuple(Cue(n, start, start + 2_000, text) for n, (start, text) in enumerate(said, 1)),
    )


def zipped(lectures: Iterable[Source], formats: Sequence[str]) -> bytes:
    """A whole zip of them."""
    archive = Archive(formats)
    return b"".join([*(archive.add(lecture) for lecture in lectures), archive.finish()])
