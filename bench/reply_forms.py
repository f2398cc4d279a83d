"""Outlines and how models write them: the source of a corpus of broken replies whose truth is known."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

WORDS = (
    "loading model memory weights speed quality format answer layer network token gradient matrix proof theorem limit "
    "series integral vector tree queue stack graph river empire treaty market price supply cell protein enzyme light "
    "wave charge field energy orbit planet star crystal bond acid metal poem novel verse chorus law court contract"
).split()
VERBS = (
    "Why What How When Choosing Reading Comparing Testing Measuring Explaining Introducing Questions Examples".split()
)
ODD = (
    'the "{}" effect', "{} [and when it matters]", "{}, {}, and {}", "{}: a first look", "{} ({})", "{}'s {}",
    "{} – {}", "C:\\{}\\{}", "{} {{set notation}}", "«{}»", "“{}” explained", "{} / {}", "{}; {}", "{} → {}",
    "naïve {} à la carte", "{} & <b>{}</b>", "{} #1", "α-{}", "what “{}”, “{}” have in common", "{}?",
    "{} = {}", "f(x) = {{x}}, {}", "時間と{}", "{} 😀", "the 'so-called' {}", 'from "{}" to "{}"', "50 % of {}",
    "step 3.14 of {}", "{} at 12:30", "null and {}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """A section as it was before anything broke: `start` in seconds, `cue` its number."""

    title: str
    start: int
    cue: int
    below: tuple[Node, ...] = ()


def outline(rng: random.Random, most: int = 24) -> tuple[Node, ...]:
    """A good outline of a chunk: one to four levels, times that never decrease."""
    clock = [rng.choice((0, 59, 3_541, 8_039, 35_999)), rng.choice((1, 7, 412))]
    left = [rng.randint(1, most)]

    def level(depth: int) -> tuple[Node, ...]:
        nodes = []
        for place in range(rng.randint(2, 6) if depth else rng.randint(1, 10)):
            if left[0] <= 0:
                break
            left[0] -= 1
            if place or not depth:
                clock[0] += rng.randint(1, 190)
                clock[1] += rng.randint(1, 30)
            start, cue = clock
            below = level(depth + 1) if depth < 3 and rng.random() < 0.4 else ()
            nodes.append(Node(title(rng), start, cue, below))
        return tuple(nodes)

    return level(0)


def title(rng: random.Random, odd: float = 0.3) -> str:
    """A heading: plain words, or words with whatever makes parsers stumble."""
    if rng.random() < odd:
        shape = rng.choice(ODD)
        return shape.format(*(rng.choice(WORDS) for _ in range(3)))
    return f"{rng.choice(VERBS)} {' '.join(rng.choice(WORDS) for _ in range(rng.randint(1, 5)))}"


def walk(nodes: tuple[Node, ...], depth: int = 0) -> Iterator[tuple[int, Node]]:
    for node in nodes:
        yield depth, node
        yield from walk(node.below, depth + 1)


def stamp(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Form:
    """How a reply is written. The defaults are what the prompt asks for."""

    indent: str | None = "  "
    keys: tuple[str, str, str, str] = ("title", "start_time", "subsections", "cue")
    key: Callable[[str], str] = quoted
    text: Callable[[str], str] = quoted
    time: Callable[[int], str] = lambda s: quoted(stamp(s))
    colon: str = ": "
    comma: str = ","
    list_marks: str = "[]"
    object_marks: str = "{}"
    empty: str | None = "[]"
    cues: bool = False
    inline_leaves: bool = False
    order: tuple[int, ...] = (0, 1, 2)
    last: str = ""
    """What stands behind the last entry of a list or object: a trailing comma."""


@dataclass(slots=True)
class Writer:
    """Writes an outline in a form, and remembers where each node's title and time were complete."""

    form: Form
    parts: list[str] = field(default_factory=list)
    length: int = 0
    complete: dict[int, int] = field(default_factory=dict)
    """id(node) → the offset behind its title and time."""

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def line(self, depth: int, flat: bool) -> None:
        if self.form.indent is not None and not flat:
            self.add("\n" + self.form.indent * depth)

    def forest(self, nodes: tuple[Node, ...], depth: int = 0) -> None:
        form = self.form
        self.add(form.list_marks[0])
        for place, node in enumerate(nodes):
            if place:
                self.add(form.comma + ("" if form.indent is not None else " "))
            self.line(depth + 1, False)
            self.node(node, depth + 1)
        self.add(form.last)
        self.line(depth, False)
        self.add(form.list_marks[1])

    def node(self, node: Node, depth: int) -> None:
        form = self.form
        flat = form.indent is None or (form.inline_leaves and not node.below)
        fields = [f for f in form.order if f != 2 or node.below or form.empty is not None]
        fields += [3] if form.cues else []
        self.add(form.object_marks[0])
        for place, which in enumerate(fields):
            if place:
                self.add(form.comma + (" " if flat else ""))
            self.line(depth + 1, flat)
            self.add(form.key(form.keys[which]) + form.colon)
            self.value(node, which, depth + 1)
            if which in (0, 1):
                self.complete[id(node)] = self.length
        self.add(form.last)
        self.line(depth, flat)
        self.add(form.object_marks[1])

    def value(self, node: Node, which: int, depth: int) -> None:
        if which == 2 and node.below:
            self.forest(node.below, depth)
        else:
            form = self.form
            self.add((form.text(node.title), form.time(node.start), form.empty or "", str(node.cue))[which])


def write(nodes: tuple[Node, ...], form: Form | None = None) -> str:
    writer = Writer(form or Form())
    writer.forest(nodes)
    return "".join(writer.parts)


def any_form(rng: random.Random) -> Form:
    """A well-formed way of writing."""
    return Form(
        indent=rng.choice((None, "  ", "    ", "\t")),
        cues=rng.random() < 0.4,
        inline_leaves=rng.random() < 0.3,
        text=rng.choice((quoted, quoted, json.dumps)),
    )
