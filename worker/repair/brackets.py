"""Tokens → values: where brackets do not match, the reading that needs the fewest of them changed.

A single bracket too many or too few can nearly always be put right in two or three ways, and which of them was meant
shows only later on. So the readings are followed side by side, each with what it costs, and few are kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from worker.repair.keys import plain, role
from worker.repair.scanner import Bare, Token

_WIDEST = 6
"""Readings that are followed side by side."""
_WORST = 2.6
"""A reading that costs this much more than the best is given up."""
_MOST_STEPS = 6_000
"""Steps side by side: with more brackets in the wrong place nobody can tell what was meant, and from there on the
cheapest step is taken."""
_DEEPEST = 1_200
"""Brackets: an outline of 600 levels."""

_INSERTED, _REMOVED, _CHANGED, _LEFT_OPEN, _OUT_OF_LINE = 1.0, 1.0, 1.1, 0.5, 0.4

Kind = Literal["{", "["]


class Left(dict[str, Any]):
    """An object that the end of the text left open."""


class Open(NamedTuple):
    """A bracket that is open: `above` it is the one around it."""

    kind: Kind
    above: Open | None
    depth: int
    key: str | None = None
    """The key whose value comes next."""
    keys: frozenset[str] = frozenset()
    indent: int = -1
    """How far its entries are indented that begin a line."""
    is_implied: bool = False
    """A list whose own brackets are not written."""


Step = tuple["Step | None", str, Any]
"""The step before; "{" or "[", "}" for the end of either, "left" for an end not written, "key" or "value"; its text."""


class Reading(NamedTuple):
    """One way to read the tokens so far."""

    cost: float = 0.0
    top: Open | None = None
    steps: Step | None = None

    def into(self, kind: Kind, indent: int = -1, cost: float = 0.0, implied: bool = False) -> Reading:
        top = self.top
        depth = top.depth + 1 if top else 1
        if top and not implied:
            top = top._replace(key=None, indent=top.indent if top.indent >= 0 else indent)
        return Reading(self.cost + cost, Open(kind, top, depth, is_implied=implied), (self.steps, kind, ""))

    def out(self, cost: float = 0.0, how: str = "}") -> Reading:
        above = self.top.above if self.top else None
        if above and above.key is not None:
            above = above._replace(key=None)
        return Reading(self.cost + cost, above, (self.steps, how, ""))

    def with_key(self, name: str, indent: int, cost: float = 0.0) -> Reading:
        top = self.top
        if top is not None:
            top = top._replace(
                key=name, keys=top.keys | {plain(name)}, indent=top.indent if top.indent >= 0 else indent
            )
        return Reading(self.cost + cost, top, (self.steps, "key", name))

    def with_value(self, value: str) -> Reading:
        top = self.top
        if top and top.key is not None:
            top = Open("{", top.above, top.depth, None, top.keys, top.indent)
        return Reading(self.cost, top, (self.steps, "value", value))

    def costlier(self, cost: float) -> Reading:
        return Reading(self.cost + cost, self.top, self.steps)


def readings(tokens: Iterable[Token]) -> list[Reading]:
    """The best readings of a piece, the cheapest first, with everything closed."""
    paths = [Reading()]
    left = _MOST_STEPS
    for token in tokens:
        step = _STEPS[token.kind]
        paths = step(paths[0], token) if len(paths) == 1 else [after for path in paths for after in step(path, token)]
        if len(paths) > 1:
            left -= len(paths)
            paths = _best(paths) if left > 0 else [min(paths, key=_cost)]
    return sorted((_closed(path) for path in paths), key=_cost)


def _best(paths: list[Reading]) -> list[Reading]:
    """The cheapest; of those that have come to the same brackets, none that another is cheaper than by a mend."""
    paths.sort(key=_cost)
    kept: list[Reading] = []
    cheapest: dict[object, float] = {}
    for path in paths:
        if path.cost <= min(paths[0].cost + _WORST, cheapest.setdefault(_place(path), path.cost) + 0.4):
            kept.append(path)
    return kept[:_WIDEST]


def _place(path: Reading) -> object:
    top = path.top
    return top and (
        top.depth,
        top.kind,
        top.key,
        top.keys,
        top.above and (top.above.kind, top.above.keys, top.above.depth),
    )


def _cost(path: Reading) -> float:
    return path.cost


def _closed(path: Reading) -> Reading:
    while path.top:
        path = path.out(0.0 if path.top.is_implied else _LEFT_OPEN, "left")
    return path


def _opened_object(path: Reading, token: Token) -> list[Reading]:
    top = path.top
    if top is None:
        return [path.into("{")]
    if top.depth >= _DEEPEST:
        return [path]
    if top.kind == "[":
        return [_in_line(path, token).into("{", token.indent), *_outdented(path, token, "[")]
    if top.key is not None:
        if role(top.key) == "children":
            path = path.into("[", implied=True)
        return [path.into("{", token.indent)]
    if not top.keys:
        return [path.with_key("", -1).into("{", cost=0.5)]
    ways = [_ended(path).into("{", token.indent, _INSERTED)]
    if not any(role(key) == "children" for key in top.keys):
        ways.append(path.with_key("subsections", -1).into("[", implied=True, cost=_INSERTED).into("{", token.indent))
    return ways


def _opened_list(path: Reading, token: Token) -> list[Reading]:
    top = path.top
    if top is None:
        return [path.into("[")]
    if top.depth >= _DEEPEST:
        return [path]
    if top.kind == "[" or top.key is not None:
        return [path.into("[", token.indent)]
    return [path.with_key("subsections", -1).into("[", cost=0.7), _ended(path).into("[", token.indent, _INSERTED)]


def _closed_object(path: Reading, _: Token) -> list[Reading]:
    top = path.top
    if top is None:
        return [path.costlier(_REMOVED)]
    if top.kind == "{" or top.is_implied:
        return [_ended(path)]
    ways = [path.costlier(_REMOVED), path.out(_CHANGED)]
    if top.above:
        ways.append(_ended(path.out(_INSERTED)))
    return ways


def _closed_list(path: Reading, _: Token) -> list[Reading]:
    top = path.top
    if top is None:
        return [path.costlier(_REMOVED)]
    if top.kind == "[":
        ways = [path.out(_REMOVED / 2 if top.is_implied else 0.0)]
        return ways if not top.is_implied else [*ways, *_list_around(path)]
    if top.key is not None and role(top.key) == "children":
        return [path.into("[").out(_INSERTED / 2), *_list_around(path)]
    return [*_list_around(path), path.costlier(_REMOVED), path.out(_CHANGED)]


def _list_around(path: Reading) -> list[Reading]:
    """The list around the open object ends, the object with it."""
    after = _ended(path).costlier(_INSERTED)
    if after.top is None:
        return []
    return [after.out()] if after.top.kind == "[" else []


def _ended(path: Reading) -> Reading:
    """The innermost object ends, with a list that is only implied in it."""
    if path.top and path.top.is_implied:
        path = path.out()
    return path.out()


def _key(path: Reading, token: Token) -> list[Reading]:
    top = path.top
    if top is None:
        return [path.into("{", cost=_INSERTED / 2).with_key(token.value, token.indent)]
    if top.is_implied:
        return _key(path.out(), token)
    name = plain(token.value)
    if top.kind == "[":
        ways = [path.into("{", token.indent, _INSERTED).with_key(token.value, token.indent)]
        if top.above and top.above.kind == "{":
            cost = _INSERTED * (1.5 if name in top.above.keys else 0.9)
            ways.append(path.out(cost).with_key(token.value, token.indent))
        return ways
    if name in top.keys and role(name) in ("title", "time", "cue"):
        ways = [_ended(path).costlier(_INSERTED)]
        ways = [way.into("{", token.indent).with_key(token.value, token.indent) for way in ways]
        return [*ways, path.with_key(token.value, token.indent, _INSERTED * 1.6), *_outdented(path, token, "{")]
    return [_in_line(path, token).with_key(token.value, token.indent), *_outdented(path, token, "{")]


def _value(path: Reading, token: Token) -> list[Reading]:
    top = path.top
    if top and (top.kind == "[" or top.key is not None):
        return [path.with_value(token.value)]
    return [path.costlier(0.1)]


def _in_line(path: Reading, token: Token) -> Reading:
    """An entry that begins a line is indented as those beside it are."""
    top = path.top
    if top and token.indent >= 0 and (token.indent != top.indent >= 0 or _is_further_out(top, token)):
        return path.costlier(_OUT_OF_LINE)
    return path


def _is_further_out(top: Open, token: Token) -> bool:
    """Whether the entry begins left of those beside it; of a list without entries, left of what the list is in."""
    if top.indent >= 0:
        return token.indent < top.indent
    return bool(top.above and 0 < token.indent <= top.above.indent)


def _outdented(path: Reading, token: Token, kind: Kind) -> Iterator[Reading]:
    """The entry belongs further out, where others are indented as it is: the brackets between are not written."""
    top = path.top
    if not top or token.indent < 0 or not _is_further_out(top, token):
        return
    missing = 0
    for _ in range(24):
        if not path.top or (path.top.kind == kind and path.top.indent == token.indent):
            break
        missing += not path.top.is_implied
        path = path.out()
    if path.top and path.top.key is None and missing > 1:
        path = path.costlier(0.6 * missing)
        yield path.into("{", token.indent) if kind == "[" else path.with_key(token.value, token.indent)


_STEPS = {
    "{": _opened_object, "[": _opened_list, "}": _closed_object, "]": _closed_list, "key": _key, "value": _value,
}  # fmt: skip


def values(reading: Reading) -> list[Any]:
    """The values that a reading found, in order. Objects with a key more than once keep its last value."""
    roots: list[Any] = []
    holders: list[tuple[Any, str]] = [(roots, "")]
    for kind, text in _in_order(reading.steps):
        if kind == "key":
            holders[-1] = (holders[-1][0], text)
        elif kind == "value":
            _put(holders[-1], _plain_value(text))
        elif kind in "{[":
            held: Any = {} if kind == "{" else []
            holders.append((held, ""))
        else:
            held = holders.pop()[0]
            _put(holders[-1], Left(held) if kind == "left" and isinstance(held, dict) else held)
    return roots


def _in_order(steps: Step | None) -> list[tuple[str, Any]]:
    found = []
    while steps:
        steps, kind, text = steps
        found.append((kind, text))
    return found[::-1]


def _put(holder: tuple[Any, str], value: Any) -> None:
    held, key = holder
    if isinstance(held, list):
        held.append(value)
    else:
        while key in held and isinstance(held[key], dict | list):
            key += "_"
        held[key] = value


_NAMES = {"null": None, "none": None, "nil": None, "undefined": None, "nan": None, "true": True, "false": False}


def _plain_value(text: str) -> Any:
    return _NAMES.get(text.lower(), text) if isinstance(text, Bare) else text
