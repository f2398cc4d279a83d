"""One transcript read and cut, in whichever process it happens. Imports no framework: reading processes start fast."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass

from shared.chunks import cut
from shared.cues import read
from shared.errors import KapitolaError, TranscriptTooLargeError
from shared.lecture import Options
from shared.ledger.submission import Submission, Written


@dataclass(frozen=True, slots=True)
class Transcript:
    """The uploaded file, as bytes and a name."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Rules:
    """By what a submission's transcripts are read and cut."""

    options: Options
    encoding: str | None
    webhook: str
    most_bytes: int
    chunk_tokens: int
    context_cues: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one transcript: a lecture as the ledger takes it, or why not."""

    name: str
    """As people see it."""
    digest: bytes
    """Of the name that was given and the content: tells whether two requests hand in the same."""
    read: Written | KapitolaError


def take_in(transcript: Transcript, rules: Rules) -> Outcome:
    """Reads and cuts one transcript. What is wrong with it is part of the outcome: it keeps no other back."""
    name = display_name(transcript.name)
    told = hashlib.sha256(f"{transcript.name}\0".encode("utf-8", "replace"))
    told.update(transcript.content)
    try:
        outcome: Written | KapitolaError = _written(name, transcript.content, rules)
    except KapitolaError as error:
        outcome = error
    return Outcome(name, told.digest(), outcome)


def take_in_all(transcripts: list[Transcript], rules: Rules) -> list[Outcome]:
    return [take_in(transcript, rules) for transcript in transcripts]


def _written(name: str, content: bytes, rules: Rules) -> Written:
    if len(content) > rules.most_bytes:
        raise TranscriptTooLargeError(name, rules.most_bytes)
    cues = read(content, name, rules.encoding)
    chunks = cut(cues.cues, rules.chunk_tokens, rules.context_cues)
    return Submission(f"lec_{secrets.token_hex(10)}", name, cues, chunks, rules.options, rules.webhook).written()


def display_name(name: str) -> str:
    """The last part of a path, without control or formatting characters: for people to read, never for storage."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(" " if c in "\u2028\u2029" else c for c in unicodedata.normalize("NFC", last) if _is_shown(c))
    return shown.strip()[:200] or "transcript"


def _is_shown(character: str) -> bool:
    """No line end, escape, zero width or right-to-left override: they are what names lie with."""
    return unicodedata.category(character)[0] != "C"
