"""Readers that come as Python packages, and the published rules of the formats that have none."""

from __future__ import annotations

import csv
import io
import json
import re
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import jsonschema
from lxml import etree
from markdown_it import MarkdownIt
from markdown_it.token import Token

from shared.export import ExportOptions, Source, export
from shared.export.flatten import flatten, whole_seconds
from shared.export.podlove import NAMESPACE
from shared.export.table_csv import defused
from shared.export.tidy import tidy
from shared.export.webvtt import timestamp
from shared.outline import Section, clock, walk
from tests.exports.foreign import batch

ADDRESS = ExportOptions(media_url="https://example.org/a.mp4?x=1&y=2")
STRICT = {"type": "object", "additionalProperties": False}
TEXT = {"type": "string", "pattern": r"^\S"}
SEED = {
    "$defs": {
        "sections": {
            "type": "array",
            "items": {
                **STRICT,
                "required": ["title", "start_time", "subsections"],
                "properties": {
                    "title": TEXT,
                    "start_time": {"type": "string", "pattern": r"^\d{2,}:[0-5]\d:[0-5]\d$"},
                    "subsections": {"$ref": "#/$defs/sections"},
                },
            },
        }
    },
    "$ref": "#/$defs/sections",
}
PODCAST = {
    **STRICT,
    "required": ["version", "chapters"],
    "properties": {
        "version": {"const": "1.2.0"},
        "title": TEXT,
        "description": {"type": "string"},
        "chapters": {
            "type": "array",
            "items": {
                **STRICT,
                "required": ["startTime"],
                "properties": {
                    "startTime": {"type": "number", "minimum": 0},
                    "endTime": {"type": "number", "exclusiveMinimum": 0},
                    "title": TEXT,
                },
            },
        },
    },
}
VIDEO_OBJECT = {
    "type": "object",
    "required": ["@context", "@type", "name", "hasPart"],
    "properties": {
        "@context": {"const": "https://schema.org"},
        "@type": {"const": "VideoObject"},
        "duration": {"pattern": r"^PT\d+S$"},
        "hasPart": {
            "type": "array",
            "items": {
                **STRICT,
                "required": ["@type", "name", "startOffset", "url"],
                "properties": {
                    "@type": {"const": "Clip"},
                    "name": TEXT,
                    "startOffset": {"type": "integer", "minimum": 0},
                    "endOffset": {"type": "integer", "minimum": 1},
                    "url": {"type": "string", "pattern": r"^https://example\.org/a\.mp4\?x=1&y=2#t=\d+$"},
                },
            },
        },
    },
}


def tidied(source: Source) -> Source:
    return tidy(source, None, lambda _: None)


def sections_of(source: Source) -> list[Section]:
    return [section for _, section in walk(tidied(source).sections)]


def written(source: Source, name: str, options: ExportOptions = ADDRESS) -> str:
    return export(source, name, options).content.decode()


def test_json_has_the_shape_of_the_seed() -> None:
    def read(given: list[dict[str, Any]]) -> list[tuple[str, str]]:
        return [pair for s in given for pair in ((s["start_time"], s["title"]), *read(s["subsections"]))]

    for source in batch(40):
        outline = json.loads(written(source, "json"))
        jsonschema.validate(outline, SEED)
        assert read(outline) == [(s.start_time, s.title) for s in sections_of(source)]


def test_podcast_chapters_follow_their_schema() -> None:
    for source in batch(40):
        read = json.loads(written(source, "podcast"))
        jsonschema.validate(read, PODCAST)
        expected = flatten(tidied(source), 1, lambda _: None)
        assert [(c["startTime"] * 1000, c["title"]) for c in read["chapters"]] == [(c.start, c.title) for c in expected]
        assert all(a["endTime"] <= b["startTime"] for a, b in pairwise(read["chapters"]))


def test_clips_follow_schema_org_and_cannot_leave_a_script_element() -> None:
    for source in batch(40):
        text = written(source, "jsonld", ExportOptions(2, ADDRESS.media_url))
        assert not set(text) & set("<>&")
        read = json.loads(text)
        jsonschema.validate(read, VIDEO_OBJECT)
        expected = flatten(tidied(source), 2, lambda _: None, whole_seconds)
        assert [(c["startOffset"], c["name"]) for c in read["hasPart"]] == [
            (c.start // 1000, c.title) for c in expected
        ]


def test_lxml_reads_the_podlove_chapters() -> None:
    for source in batch(40):
        root = etree.fromstring(written(source, "psc").encode())
        assert root.tag == f"{{{NAMESPACE}}}chapters"
        expected = flatten(tidied(source), 1, lambda _: None)
        assert [(c.get("start"), c.get("title")) for c in root] == [(timestamp(c.start), c.title) for c in expected]


def test_lxml_reads_the_opml_tree() -> None:
    def read(parent: etree._Element) -> list[Any]:
        return [(str(e.get("_note")).split(" ")[0], e.get("text"), read(e)) for e in parent.findall("outline")]

    def expected(sections: tuple[Section, ...]) -> list[Any]:
        return [(s.start_time, s.title, expected(s.subsections)) for s in sections]

    for source in batch(40):
        root = etree.fromstring(written(source, "opml").encode())
        assert (root.tag, root.get("version"), [child.tag for child in root]) == ("opml", "2.0", ["head", "body"])
        assert root.findtext("head/title") == tidied(source).name
        body = root.find("body")
        assert body is not None
        assert read(body) == expected(tidied(source).sections)


def test_csv_reads_the_same_rows_and_no_cell_is_a_formula() -> None:
    for source in batch(40):
        content = export(source, "csv").content
        assert b"\n" not in content.replace(b"\r\n", b"")
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
        assert [(r["start"], r["title"]) for r in rows] == [
            (s.start_time, defused(s.title)) for s in sections_of(source)
        ]
        assert all(cell[:1] not in set("=+-@\t\r") for row in rows for cell in row.values() if cell)


def shown(token: Token) -> str:
    """The text of an inline token; anything but text and a link to the recording is a failure."""
    assert {child.type for child in token.children or []} <= {"text", "text_special", "link_open", "link_close"}
    links = [child.attrs["href"] for child in token.children or [] if child.type == "link_open"]
    assert all(urlsplit(str(link)).netloc == "example.org" for link in links)
    return "".join(child.content for child in token.children or [])


def test_markdown_it_shows_the_same_times_and_titles_and_no_markup() -> None:
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for source in batch(40):
        _, front, body = re.split(r"^---$", written(source, "markdown"), maxsplit=2, flags=re.MULTILINE)
        front_matter = dict(line.split(": ", 1) for line in front.strip().splitlines())
        assert json.loads(front_matter["title"]) == tidied(source).name
        levels, read, depth = [], [], 0
        for token in reader.parse(body):
            assert token.type not in {"html_block", "code_block", "fence", "table_open", "ordered_list_open", "hr"}
            depth += {"bullet_list_open": 1, "bullet_list_close": -1}.get(token.type, 0)
            if token.type == "inline" and depth:
                levels.append(depth)
                read.append(shown(token))
            elif token.type == "inline" and token.level == 1 and not read and not levels:
                assert shown(token)
        expected = [(len(path), f"{s.start_time} {s.title}") for path, s in walk(tidied(source).sections)]
        assert list(zip(levels, read, strict=True)) == expected


def test_audacity_labels_are_three_fields_with_six_decimals() -> None:
    for source in batch(40):
        lines = written(source, "audacity").splitlines()
        expected = flatten(tidied(source), 1, lambda _: None)
        read = [re.fullmatch(r"(\d+\.\d{6})\t(\d+\.\d{6})\t([^\t]+)", line) for line in lines]
        assert [(round(float(m[1]) * 1000), round(float(m[2]) * 1000), m[3]) for m in read if m] == [
            (c.start, c.end, c.title) for c in expected
        ]
        assert None not in read


def test_ankis_importer_finds_a_question_an_answer_and_one_tag_in_each_note() -> None:
    for source in batch(40):
        lines = written(source, "anki").split("\n", 4)
        assert lines[:4] == ["#separator:tab", "#html:false", "#columns:Question\tAnswer\tTags", "#tags column:3"]
        notes = list(csv.reader(io.StringIO(lines[4], newline=""), delimiter="\t", strict=True))
        for (question, answer, tag), section in zip(notes, sections_of(source), strict=True):
            assert not question.startswith("#"), "Anki skips such lines as comments"
            assert clock(section.start) in question
            assert answer.startswith(section.title)
            assert re.fullmatch(r"[^\s\"':]+::[^\s\"':]+", tag)
