"""Speech: the small words of a language that say where a topic may begin, and that no title begins or ends with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Speech:
    """The word lists of one language, from speech/LANGUAGE.txt; all empty where there is no such file."""

    turn: frozenset[str] = frozenset()
    start: frozenset[str] = frozenset()
    answer: frozenset[str] = frozenset()
    go_on: frozenset[str] = frozenset()
    announce: frozenset[str] = frozenset()
    farewell: frozenset[str] = frozenset()
    greeting: frozenset[str] = frozenset()
    determiner: frozenset[str] = frozenset()
    preposition: frozenset[str] = frozenset()
    second_join: frozenset[str] = frozenset()
    measure: frozenset[str] = frozenset()
    before_verb: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    verb: frozenset[str] = frozenset()
    after_verb: frozenset[str] = frozenset()
    verb_ending: frozenset[str] = frozenset()
    verb_like_ending: frozenset[str] = frozenset()
    adverb_ending: frozenset[str] = frozenset()
    last_ending: frozenset[str] = frozenset()
    oblique_ending: frozenset[str] = frozenset()
    oblique_last_ending: frozenset[str] = frozenset()
    noun: frozenset[str] = frozenset()
    naming: frozenset[str] = frozenset()
    defining: frozenset[str] = frozenset()
    introduction: frozenset[str] = frozenset()
    closing: frozenset[str] = frozenset()
    nouns_are_capital: frozenset[str] = frozenset()
    light: frozenset[str] = frozenset()
    filler: frozenset[str] = frozenset()

    @property
    def small(self) -> frozenset[str]:
        """All the words that have no meaning of their own."""
        opening = self.turn | self.start | self.answer | self.go_on
        return self.filler | self.determiner | self.preposition | self.before_verb | self.joins | opening


@cache
def speech(language: str) -> Speech:
    """The lists for an ISO 639-1 code."""
    file = files(__package__).joinpath("speech", f"{language}.txt")
    if not (language.isalpha() and file.is_file()):
        return Speech()
    lists: dict[str, set[str]] = {}
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("["):
            words = lists.setdefault(line.strip("[]").replace(" ", "_"), set())
        elif line[:1] != "#":
            words.update(line.split())
    return Speech(**{name: frozenset(words) for name, words in lists.items()})
