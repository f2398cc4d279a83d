"""Prompt and Reply: what is sent to a model, and what comes back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from shared.chunks import Chunk
from shared.cues import Cue
from shared.lecture import Options, Usage
from shared.outline import Section

Purpose = Literal["outline", "correct", "translate", "group"]
"""outline: a chunk's sections. correct: the same again, with the faults listed. translate: titles, by number.
group: numbered titles into at most ten groups, and which of them go on over a seam."""


@dataclass(frozen=True, slots=True)
class Material:
    """What a prompt is about, as values instead of text. A language model never sees it;
    the offline model, which reads no English instructions, works from this."""

    cues: tuple[Cue, ...] = ()
    """All the lecture's cues."""
    chunk: Chunk | None = None
    sections: tuple[Section, ...] = ()
    """For "group": the numbered sections, in order."""
    seams: tuple[int, ...] = ()
    """For "group": positions in `sections` that open a new chunk."""
    most: int = 10


@dataclass(frozen=True, slots=True)
class Prompt:
    """`rules` is the same for every chunk of every lecture of one prompt version (providers cache it);
    `request` is the rest. `schema` names the shape of the answer."""

    purpose: Purpose
    version: str
    rules: str
    request: str
    language: str
    """The transcript's language: estimates of tokens are kept per language."""
    options: Options = field(default_factory=Options)
    material: Material = field(default_factory=Material, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """The raw text that came back. `finish` is "stop", "length" (cut short by the token limit),
    "refusal" or "filter"; `model` names who answered."""

    text: str
    finish: Literal["stop", "length", "refusal", "filter"]
    model: str
    usage: Usage = field(default_factory=Usage)


Ask = Callable[[Prompt], Awaitable[Reply]]
"""Sends a prompt to whatever model has room, under the limiter, and waits for its reply.
Raises a worker.model.errors.ModelError when there is none to be had."""
