"""Variants: ways to ask for an outline, as data, one file of bench/prompts/ each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from shared.chunks import Chunk, cut
from shared.cues import Cue
from shared.lecture import Options
from shared.settings import Settings
from worker.exchange import Ask, Prompt, Reply
from worker.prompt import rules_in

FOLDER = Path(__file__).parent / "prompts"
_DEFAULTS = Settings.model_fields


class UnknownVariantError(SystemExit):
    """No such file in bench/prompts/."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to ask; what a file leaves out is as users get it."""

    name: str
    what: str
    chunk_tokens: int = _DEFAULTS["chunk_tokens"].default
    context: int = _DEFAULTS["context_cues"].default
    detail: str = "normal"
    rules: str = ""
    """A file beside the variant's with other rules for the outline; its placeholders are those of worker/prompts."""
    most_chunks: int | None = None
    """Lectures that need more chunks are left out."""

    def chunks(self, cues: tuple[Cue, ...]) -> tuple[Chunk, ...]:
        """The lecture's chunks; none if it is to be left out."""
        found = cut(cues, self.chunk_tokens, self.context)
        return () if self.most_chunks and len(found) > self.most_chunks else found

    @property
    def options(self) -> Options:
        return Options(detail=self.detail)

    def asking(self, ask: Ask) -> Ask:
        """`ask`, with this variant's rules in place of the product's."""
        if not self.rules:
            return ask
        text = (FOLDER / self.rules).read_text("utf-8")

        async def changed(prompt: Prompt) -> Reply:
            if prompt.purpose in ("outline", "correct"):
                version = f"{prompt.version} with {self.rules}"
                prompt = replace(prompt, rules=rules_in(text, prompt.options), version=version)
            return await ask(prompt)

        return changed


def variant(name: str) -> Variant:
    """The variant of bench/prompts/NAME.toml."""
    file = FOLDER / f"{name}.toml"
    if not file.is_file():
        known = ", ".join(v.name for v in variants())
        raise UnknownVariantError(f"There is no variant called {name} in {FOLDER}; there are {known}.")
    return Variant(name, **tomllib.loads(file.read_text("utf-8")))


def variants() -> Iterator[Variant]:
    """All of them, the one that users get first."""
    names = sorted((file.stem for file in FOLDER.glob("*.toml")), key=lambda name: (name != "current", name))
    return (variant(name) for name in names)
