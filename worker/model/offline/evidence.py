"""Evidence: what each word of a lecture names or does, told by its neighbours and its ending, without a dictionary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from worker.model.offline.speech import Speech
from worker.model.offline.terms import UNSPACED
from worker.model.offline.words import Word

_BY_ENDING = 0.75
"""How surely a word says what is done if it only ends like one that does."""


class Evidence:
    """For every word in small letters, how surely it names a thing (`thing`) and how surely it says what is done
    (`done`), both 0 to 1.

    Things follow "the" and "of", and end a phrase; "to" and "we" go before what is done, and "the" follows it.
    """

    def __init__(self, said: Sequence[Word], forms: dict[str, str], lists: Speech, filler: Collection[str]) -> None:
        self._lists = lists
        named: dict[str, float] = defaultdict(float)
        ends: dict[str, float] = defaultdict(float)
        before_one: dict[str, float] = defaultdict(float)
        does: dict[str, float] = defaultdict(float)
        for before, word, after in zip(said, said[1:], said[2:], strict=False):
            pointed = not word.opens and (before.low in lists.determiner or before.low in lists.preposition)
            if not after.opens and (after.low in lists.determiner or after.low in lists.after_verb):
                does[word.low] += 1
            elif not word.opens and before.low in lists.before_verb:
                does[word.low] += 2
            elif after.opens or after.low in filler:
                (named if pointed else ends)[word.low] += 1
            elif pointed:
                before_one[word.low] += 1
        self.thing: dict[str, float] = {}
        self.done: dict[str, float] = {}
        self.pointed_at = {low for low in forms if named[low] or UNSPACED.match(low)}
        """The words that some "the" or "of" points at, and that end their phrase there."""
        for low, form in forms.items():
            known = named[low] + ends[low] * 0.3 + before_one[low] + does[low] + 1
            self.thing[low] = (named[low] + 0.3 * ends[low] + 0.5) / known
            self.done[low] = max(does[low] / known, self._by_form(low, form))

    def _by_form(self, low: str, form: str) -> float:
        endings = tuple(self._lists.verb_like_ending)
        return _BY_ENDING * (not form[:1].isupper() and low.endswith(endings) and low not in self._lists.noun)
