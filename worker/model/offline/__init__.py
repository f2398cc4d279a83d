"""The offline model: outlines from the transcript itself, without a key or a network.

It finds where the words change, over the whole lecture at once, and answers for each chunk with its part of that,
in the JSON that any model answers with. It cannot translate: titles are in the transcript's own language.
"""

from __future__ import annotations

import json
from functools import lru_cache
from itertools import pairwise
from threading import Lock
from typing import Any

from shared.cues import Cue
from shared.edition import OFFLINE_MODEL
from shared.lecture import Usage
from shared.outline import Section, clock, walk
from worker.exchange import Prompt, Reply
from worker.model.offline.choice import Part
from worker.model.offline.titles import titles_of
from worker.model.offline.topics import Topic, Tree, groups, topics

_one_at_a_time = Lock()
"""The chunks of a lecture are asked for at once, in threads: the first makes the tree, and the others wait for it.
Groups need as much memory where the lecture is no longer remembered, and are not made side by side either."""


def reply(prompt: Prompt) -> Reply:
    """Answers any prompt from its `material`; the same prompt always gets the same answer."""
    answers = {"outline": _outline, "correct": _outline, "group": _group, "translate": _titles}
    with _one_at_a_time:
        text = json.dumps(answers[prompt.purpose](prompt), ensure_ascii=False)
    return Reply(text=text, finish="stop", model=OFFLINE_MODEL, usage=Usage(calls=1))


def _outline(prompt: Prompt) -> list[dict[str, Any]]:
    material, options = prompt.material, prompt.options
    cues, chunk = material.cues, material.chunk
    first, stop = (chunk.first, chunk.stop) if chunk else (0, len(cues))
    found = _topics(prompt)
    return [
        _section(cues, t, first, stop, options.depth or 99) for t in found.topics if t.first < stop and first < t.stop
    ]


def _section(cues: tuple[Cue, ...], topic: Topic, first: int, stop: int, depth: int) -> dict[str, Any]:
    """The topic as far as it lies in the chunk; subtopics that began before the chunk are told by the chunk before."""
    start = max(topic.first, first)
    below = [t for t in topic.subtopics if first <= t.first < stop] if depth > 1 else []
    return {
        "title": topic.title,
        "start_time": clock(cues[start].start),
        "cue": start + 1,
        "subsections": [_section(cues, t, first, stop, depth - 1) for t in below],
    }


def _group(prompt: Prompt) -> dict[str, Any]:
    material = prompt.material
    sections, cues = material.sections, material.cues
    tree = _topics(prompt)
    starts = {topic.first for topic in tree.topics}
    mains = {topic.first for topic in tree.topics if topic.opens}
    same = [seam for seam in material.seams if seam and sections[seam].cue not in starts]
    stop = next((n for n, cue in enumerate(cues) if cue.start >= sections[-1].end > sections[-1].start), len(cues))
    firsts = [section.cue for section in sections]
    opens = groups(cues, prompt.language, firsts, stop, material.most, same, mains)
    spans = list(pairwise([*opens, len(sections)]))
    kept = {n: _kept(sections[a:b], tree) for n, (a, b) in enumerate(spans)}
    wanting = [
        Part(firsts[a], firsts[b] if b < len(sections) else stop) for n, (a, b) in enumerate(spans) if not kept[n]
    ]
    told = [section.title for _, section in walk(sections)] + list(kept.values())
    fresh = iter(titles_of(cues, prompt.language, prompt.options.glossary).of(wanting, unlike=told))
    return {
        "groups": [
            {"title": kept[n] or next(fresh) or sections[a].title, "sections": list(range(a + 1, b + 1))}
            for n, (a, b) in enumerate(spans)
        ],
        "same": [n + 1 for n in same],
    }


def _kept(sections: tuple[Section, ...], tree: Tree) -> str:
    """The title that a group has already; empty if the group is not one that was foreseen."""
    if len({section.title for section in sections}) == 1:
        return sections[0].title
    return tree.groups.get(sections[0].cue, "")


def _titles(prompt: Prompt) -> dict[str, Any]:
    """The titles as they are: without a dictionary there is no honest translation."""
    return {"titles": [section.title for section in prompt.material.sections]}


def _topics(prompt: Prompt) -> Tree:
    cues, options = prompt.material.cues, prompt.options
    return _remembered(cues, prompt.language, options.detail, options.glossary, options.depth)


_remembered = lru_cache(maxsize=4)(topics)
"""Every chunk of a lecture asks for its part of the same tree."""
