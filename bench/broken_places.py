"""Ways in which a reply breaks at one place, is of another shape, or is cut short."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from replies import PROSE, Made, family, plain_outline
from reply_forms import Node, Writer, any_form, outline, quoted, stamp, title, walk, write

# One place in it.


def structure(text: str) -> dict[str, list[int]]:
    """Where the brackets, quotes and commas of well-formed JSON are, those inside strings left out."""
    places: dict[str, list[int]] = {mark: [] for mark in '[]{},:"'}
    inside = False
    at = 0
    while at < len(text):
        char = text[at]
        if char == "\\" and inside:
            at += 1
        elif char == '"':
            inside = not inside
            places[char].append(at)
        elif not inside and char in places:
            places[char].append(at)
        at += 1
    return places


def placed(
    name: str, mark: str, change: Callable[[str, int], str], most: int = 24, odd: bool = True, pretty: bool = False
) -> None:
    """One of the inner marks changed: neither the first nor the last of all."""

    def make(rng: random.Random) -> Made:
        while True:
            nodes = outline(rng, most) if odd else plain_outline(rng, most)
            form = any_form(rng)
            text = write(nodes, replace(form, indent="  ", inline_leaves=False) if pretty else form)
            inner = [at for at in structure(text)[mark] if 2 < at < len(text) - 3]
            if inner:
                return change(text, rng.choice(inner)), nodes

    family(name)(make)


for _mark, _word in {"[": "opening-square", "]": "closing-square", "{": "opening-curly", "}": "closing-curly"}.items():
    placed(f"one-{_word}-missing", _mark, lambda t, at: t[:at] + t[at + 1 :])
    placed(f"one-{_word}-too-many", _mark, lambda t, at: t[:at] + t[at] + t[at:])
placed("curly-for-closing-square", "]", lambda t, at: t[:at] + "}" + t[at + 1 :])
placed("square-for-closing-curly", "}", lambda t, at: t[:at] + "]" + t[at + 1 :])
placed("one-comma-missing", ",", lambda t, at: t[:at] + t[at + 1 :])
placed("one-colon-missing", ":", lambda t, at: t[:at] + " " + t[at + 1 :])
placed("a-line-with-a-closing-bracket-lost", "}", lambda t, at: t[: t.rfind("\n", 0, at)] + t[at + 1 :], pretty=True)


@family("quotes-inside-titles")
def _quotes_inside(rng: random.Random) -> Made:
    def said(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
        shapes = (
            'The "{}" problem',
            'Why "{}" and "{}" differ',
            '"{}" at last',
            'What is "{}"?',
            'From "{}", to "{}"',
            '"{}": {}',
        )
        words = [title(rng, 0).split()[-1] for _ in range(2)]
        return tuple(replace(n, title=rng.choice(shapes).format(*words), below=said(n.below)) for n in nodes)

    nodes = said(outline(rng))
    return write(nodes, replace(any_form(rng), text=lambda t: f'"{t}"')), nodes


def quote_lost(name: str, which: Callable[[str, int, int], str]) -> None:
    def make(rng: random.Random) -> Made:
        nodes = plain_outline(rng)
        text = write(nodes, any_form(rng))
        marks = structure(text)['"']
        pairs = list(zip(marks[::2], marks[1::2], strict=True))
        titles = [pair for pair in pairs if '"title"' in text[max(0, pair[0] - 9) : pair[0]]]
        return which(text, *rng.choice(titles)), nodes

    family(name)(make)


quote_lost("a-titles-closing-quote-missing", lambda t, a, b: t[:b] + t[b + 1 :])
quote_lost("a-titles-opening-quote-missing", lambda t, a, b: t[:a] + t[a + 1 :])
quote_lost("a-raw-line-break-in-a-title", lambda t, a, b: t[:a] + t[a:b].replace(" ", "\n      ", 1) + t[b:])


KEY = r'"(?:title|start_time|subsections)": '


def mark_lost(name: str, pattern: str, where: Callable[[re.Match[str]], int]) -> None:
    """One character lost, in one of the places that the pattern finds."""

    def make(rng: random.Random) -> Made:
        nodes = outline(rng)
        text = write(nodes, any_form(rng))
        at = rng.choice([where(found) for found in re.finditer(pattern, text)])
        return text[:at] + text[at + 1 :], nodes

    family(name)(make)


mark_lost("a-keys-closing-quote-missing", KEY, lambda found: found.end() - 3)


@family("control-characters")
def _control(rng: random.Random) -> Made:
    nodes = outline(rng)
    return write(
        nodes, replace(any_form(rng), text=lambda t: quoted(t).replace(" ", rng.choice((" \x0b", "\t", " \x1f")), 1))
    ), nodes


@family("csv-quotes")
def _csv(rng: random.Random) -> Made:
    nodes = plain_outline(rng)
    return write(nodes, any_form(rng)).replace('"', '""'), nodes


# Other shapes.


def tree(nodes: tuple[Node, ...], make: Callable[[Node, Any], Any]) -> list[Any]:
    return [make(node, tree(node.below, make)) for node in nodes]


def shaped(name: str, shape: Callable[[tuple[Node, ...]], str]) -> None:
    def make(rng: random.Random) -> Made:
        nodes = outline(rng)
        return shape(nodes), nodes

    family(name)(make)


def as_dict(node: Node, below: Any, **more: Any) -> dict[str, Any]:
    return {"title": node.title, "start_time": stamp(node.start), **more, "subsections": below}


def _described(node: Node, below: Any) -> dict[str, Any]:
    more = {
        "end_time": stamp(node.start + 50),
        "description": f'They say "{node.title}", [briefly].',
        "keywords": ["a", "b: c"],
        "id": node.cue,
    }
    return as_dict(node, below, **more)


def _flat(nodes: tuple[Node, ...]) -> str:
    return json.dumps([{"level": d + 1, "title": n.title, "start_time": stamp(n.start)} for d, n in walk(nodes)])


shaped("one-object-a-line", lambda ns: "\n".join(json.dumps(tree((n,), as_dict)[0]) for n in ns))
shaped("one-object-a-line-with-commas", lambda ns: ",\n".join(json.dumps(tree((n,), as_dict)[0]) for n in ns))
shaped("objects-without-a-list", lambda ns: "\n\n".join(json.dumps(tree((n,), as_dict)[0], indent=2) for n in ns))
shaped("one-list-a-section", lambda ns: "\n".join(json.dumps(tree((n,), as_dict)) for n in ns))
shaped("one-fence-a-section", lambda ns: "\n".join(f"```json\n{json.dumps(tree((n,), as_dict)[0])}\n```" for n in ns))
shaped("objects-around-sections", lambda ns: json.dumps(tree(ns, lambda n, b: {"section": as_dict(n, b)})))
shaped("numbered-object-for-a-list", lambda ns: json.dumps({str(k): s for k, s in enumerate(tree(ns, as_dict), 1)}))
shaped("one-object-for-a-list", lambda ns: json.dumps(tree(ns, lambda n, b: as_dict(n, b[0] if len(b) == 1 else b))))
shaped("titles-as-keys", lambda ns: json.dumps(_by_title(ns)))
shaped("more-keys", lambda ns: json.dumps(tree(ns, _described), indent=1))
shaped("lists-for-objects", lambda ns: json.dumps(tree(ns, lambda n, b: [n.title, stamp(n.start), b])))
shaped("flat-with-levels", _flat)
shaped("cues-first", lambda ns: json.dumps(tree(ns, lambda n, b: {"cue": n.cue, **as_dict(n, b)})))


def _by_title(nodes: tuple[Node, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for node in nodes:
        made[node.title + ("" if node.title not in made else " ")] = {
            "start_time": stamp(node.start),
            "subsections": _by_title(node.below),
        }
    return made


@family("five-hundred-levels")
def _deep(rng: random.Random) -> Made:
    below: tuple[Node, ...] = ()
    for start in range(500, 0, -1):
        below = (Node(title(rng, 0), start, start, below),)
    opened = [
        f'[{{"title": {quoted(n.title)}, "start_time": "{stamp(n.start)}", "subsections": ' for _, n in walk(below)
    ]
    return "".join(opened) + "[]" + "}]" * len(opened), below


@family("five-hundred-brackets")
def _deep_brackets(rng: random.Random) -> Made:
    nodes = outline(rng)
    return "[" * 500 + write(nodes, any_form(rng)) + "]" * 500, nodes


# Cut short. What was meant is then what had been said whole: the title and the time of a section.


def cut(
    name: str, place: Callable[[random.Random, str], int], after: str = "", before: str = "", cues: bool = True
) -> None:
    def make(rng: random.Random) -> Made:
        while True:
            nodes = outline(rng)
            writer = Writer(any_form(rng) if cues else replace(any_form(rng), cues=False))
            writer.forest(nodes)
            text = "".join(writer.parts)
            at = place(rng, text)
            if at > writer.complete[id(nodes[0])]:
                return before + text[:at] + after, kept_until(nodes, writer.complete, at)

    family(name)(make)


def kept_until(nodes: tuple[Node, ...], complete: dict[int, int], at: int) -> tuple[Node, ...]:
    return tuple(replace(n, below=kept_until(n.below, complete, at)) for n in nodes if complete[id(n)] <= at)


def within(pattern: str, group: int = 1) -> Callable[[random.Random, str], int]:
    """A place within what the pattern's group finds, or right behind it if that is empty."""

    def place(rng: random.Random, text: str) -> int:
        places = list(re.finditer(pattern, text))
        if not places:
            return 0
        found = rng.choice(places)
        return rng.randint(found.start(group), max(found.start(group), found.end(group) - 1))

    return place


for _name, _pattern in {
    "cut-in-a-title": r'"title": "((?:[^"\\]|\\.)+)"',
    "cut-in-a-time": r'"start_time": "([\d:]+)"',
    "cut-in-a-key": r'"(title|start_time|subsections)": ',
    "cut-after-a-key": r'"(?:title|start_time|subsections)"()',
    "cut-after-a-colon": r'"(?:title|start_time|subsections)": ()',
    "cut-after-a-value": r'"start_time": "[\d:]+"()',
    "cut-after-a-comma": r',()\s*["{]',
    "cut-after-an-opening-bracket": r"[\[{]()",
    "cut-after-a-closing-bracket": r"[\]}]()",
    "cut-before-a-value": r'"(?:title|start_time)":() "',
}.items():
    cut(_name, within(_pattern))
cut("cut-anywhere", lambda rng, t: rng.randint(1, len(t) - 1))
cut("cut-anywhere-in-a-fence", lambda rng, t: rng.randint(1, len(t) - 1), before=f"{PROSE[0]}\n```json\n")
cut("cut-anywhere-fence-closed", lambda rng, t: rng.randint(1, len(t) - 1), before="```json\n", after="\n```")
cut("cut-with-an-ellipsis", within(r"\}(,)\s*\{"), after=" ...")
cut("cut-and-excused", within(r"\}(,)\s*\{"), after="\n\n[output truncated]")
