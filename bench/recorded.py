"""Recorded: replies of a model kept in a file, so that a later run needs no model and costs nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from shared.lecture import Usage
from worker.exchange import Ask, Prompt, Reply


class NotRecordedError(SystemExit):
    """The recording does not hold the reply to a prompt."""


def place(prompt: Prompt) -> str:
    """What a reply is kept under: all that a language model would see of the prompt."""
    return hashlib.sha256(f"{prompt.purpose}\0{prompt.rules}\0{prompt.request}".encode("utf-8", "replace")).hexdigest()


def recording(ask: Ask, file: Path) -> Ask:
    """`ask`, with every reply added to the file, a line of JSON each."""

    async def asked(prompt: Prompt) -> Reply:
        reply = await ask(prompt)
        line = {"prompt": place(prompt), **asdict(reply) | {"usage": reply.usage.model_dump()}}
        with file.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")
        return reply

    return asked


def replaying(file: Path) -> Ask:
    """Answers from the file; where the same prompt was answered twice, from the later."""
    lines = map(json.loads, file.read_text("utf-8").splitlines())
    kept = {line.pop("prompt"): Reply(**line | {"usage": Usage(**line["usage"])}) for line in lines}

    async def asked(prompt: Prompt) -> Reply:
        if (key := place(prompt)) not in kept:
            raise NotRecordedError(f"{file} holds no reply to one of the prompts: record this variant first.")
        return kept[key]

    return asked
