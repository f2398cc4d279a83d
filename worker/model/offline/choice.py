"""Choice: which phrase becomes the title of which part, for all parts of an outline at once.

Two parts often want the same phrase. On one level it goes to the part that would lose most without it, not to whoever
comes first; of two levels the upper one chooses first, as its titles are read most.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from worker.model.offline.phrases import Key


class Part(NamedTuple):
    """The lecture's cues from position `first` up to, not including, `stop`."""

    first: int
    stop: int
    above: int | None = None
    """The number, in the same list, of the part that this one belongs to."""


class Wish(NamedTuple):
    """A phrase that a part could be called by, how it is written, and how good a title it would be."""

    key: Key
    text: str
    worth: float


Choice = tuple[Wish | None, Wish | None]
"""The best phrase that a part can still have, and the best that is left if it does not get that one."""


def chosen(parts: Sequence[Part], wishes: Sequence[Sequence[Wish]], unlike: Collection[Key] = ()) -> list[str]:
    """A title for each part from its wishes, the best first: no two say the same, nor the same as any in `unlike`; none
    is a piece of its sibling's, or says no more than the one above it. Empty where nothing is left."""
    return _Chooser(parts, wishes, unlike).texts()


class _Chooser:
    def __init__(self, parts: Sequence[Part], wishes: Sequence[Sequence[Wish]], unlike: Collection[Key]) -> None:
        self._parts, self._wishes, self._unlike = parts, wishes, unlike
        self._above = [set(_above(parts, number)) for number in range(len(parts))]
        self._titles: dict[int, Wish] = {}

    def texts(self) -> list[str]:
        for level in sorted({len(above) for above in self._above}):
            self._choose([number for number, above in enumerate(self._above) if len(above) == level])
        return [self._titles[n].text if n in self._titles else "" for n in range(len(self._parts))]

    def _choose(self, level: Sequence[int]) -> None:
        """The titles of one level: first of the part that would lose most without its best phrase."""
        waiting = {number: self._choice(number) for number in level}
        while waiting:
            number = max(waiting, key=lambda n: (_loss(waiting[n]), -n))
            best, _ = waiting.pop(number)
            if best:
                self._titles[number] = best
                for other, left in waiting.items():
                    if any(wish and self._clash(other, wish.key, number) for wish in left):
                        waiting[other] = self._choice(other)

    def _choice(self, number: int) -> Choice:
        free = (wish for wish in self._wishes[number] if self._is_free(number, wish.key))
        best = next(free, None)
        return best, best and next((wish for wish in free if not alike(wish.key, best.key)), None)

    def _is_free(self, number: int, k: Key) -> bool:
        given = any(within(k, other) and within(other, k) for other in self._unlike)
        return not given and not any(self._clash(number, k, other) for other in self._titles)

    def _clash(self, number: int, k: Key, other: int) -> bool:
        """Whether a part cannot have a phrase because of the title that another has, which is not below it."""
        taken = self._titles[other].key
        if other in self._above[number]:
            return within(k, taken)
        if self._parts[number].above == self._parts[other].above:
            return alike(k, taken)
        return within(k, taken) and within(taken, k)


def _above(parts: Sequence[Part], number: int) -> Iterator[int]:
    above = parts[number].above
    while above is not None:
        yield above
        above = parts[above].above


def _loss(choice: Choice) -> float:
    """What a part would lose without its best phrase."""
    best, second = choice
    return best.worth - (second.worth if second else -math.inf) if best else -math.inf


def apart(k: Key) -> Key:
    """The key with "open-source" as two words, to compare it with "open source"."""
    return tuple(part for stem in k for part in stem.split("-"))


def alike(k: Key, other: Key) -> bool:
    """Whether one of two phrases holds all the words of the other, in the singular or the plural."""
    return within(k, other) or within(other, k)


def within(k: Key, above: Key) -> bool:
    """Whether a phrase says no more than another."""
    return all(any(_same(a, b) for b in above) for a in k)


def _same(a: str, b: str) -> bool:
    if a == b:
        return True
    short, long = sorted((a, b), key=len)
    return len(long) - len(short) <= (1 if len(short) > 2 else 0) and long.startswith(short)
