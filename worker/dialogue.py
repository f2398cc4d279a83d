"""A dialogue: everything that is asked of models for one chunk, or for one merge, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.cues import Cue
from shared.lecture import Options, Repair, Usage
from worker.exchange import Ask, Prompt, Reply
from worker.model.errors import ModelBusyError, ModelError, ModelUnavailableError


@dataclass(slots=True)
class Dialogue:
    """`spoken` is the transcript's language; `groupings` is how many more times a model may be asked to group."""

    cues: tuple[Cue, ...]
    name: str
    options: Options
    spoken: str
    ask: Ask
    groupings: int
    usage: Usage = field(default_factory=Usage)
    models: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    asked_again: int = 0
    degraded: list[str] = field(default_factory=list)

    async def say(self, prompt: Prompt, to: Ask | None = None) -> Reply:
        """Raises what `ask` raises: whether to try later is for whoever holds the ledger."""
        reply = await (to or self.ask)(prompt)
        self.usage += reply.usage
        self.models += [] if reply.model in self.models else [reply.model]
        self.versions += [v for v in prompt.version.split() if v not in self.versions]
        return reply

    async def say_more(self, prompt: Prompt) -> Reply | None:
        """A call that the outline can do without: None if the model will not answer it.

        An outage passes through: it is over some time, and the replies up to here are in the cache.
        """
        try:
            return await self.say(prompt)
        except (ModelBusyError, ModelUnavailableError):
            raise
        except ModelError as error:
            self.mended("follow-up-call-failed", f"{prompt.purpose}: {error}")
            return None

    def mended(self, name: str, detail: str = "") -> None:
        self.repairs.append(Repair(name=name, detail=detail))

    @property
    def is_offline(self) -> bool:
        """Whether nobody but the offline model answered, whose titles are in the lecture's language."""
        return bool(self.models) and all(model.startswith("offline") for model in self.models)
