"""What a request hands in: files read and cut, or refused one by one."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, field

from api.problems import TooLargeError, problem_of
from shared.chunks import cut
from shared.cues import read
from shared.errors import KapitolaError
from shared.lecture import Options
from shared.ledger import Submission
from shared.settings import Settings
from shared.views import Problem


@dataclass(frozen=True, slots=True)
class Transcript:
    """The uploaded file, as bytes and a name."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What a request asks for: its files, how to outline them, and whom to tell."""

    transcripts: list[Transcript]
    options: Options
    encoding: str | None = None
    webhook: str = ""


@dataclass(slots=True)
class Intake:
    """The outcome of reading a request's transcripts."""

    lectures: list[Submission] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)


def take_in(handed_in: HandedIn, settings: Settings) -> Intake:
    """Reads every transcript; a bad one is refused by itself and keeps none of the others back."""
    intake = Intake()
    for transcript in handed_in.transcripts:
        try:
            intake.lectures.append(_submission(transcript, handed_in, settings))
        except KapitolaError as error:
            problem = problem_of(error)
            problem.file = display_name(transcript.name)
            intake.refused.append(problem)
    return intake


def _submission(transcript: Transcript, handed_in: HandedIn, settings: Settings) -> Submission:
    name = display_name(transcript.name)
    if len(transcript.content) > settings.transcript_bytes:
        raise TooLargeError(f"{name} is larger than {settings.transcript_bytes / 1e6:.0f} MB, too large for subtitles.")
    cues = read(transcript.content, name, handed_in.encoding)
    chunks = cut(cues.cues, settings.chunk_tokens, settings.context_cues)
    return Submission(
        id=f"lec_{secrets.token_hex(10)}",
        name=name,
        cues=cues,
        chunks=chunks,
        options=handed_in.options,
        webhook=handed_in.webhook,
    )


def display_name(name: str) -> str:
    """The last part of a path, without control or formatting characters: for people to read, never for storage."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    return shown.strip()[:200] or "transcript"


def digest(handed_in: HandedIn) -> str:
    """Tells whether two requests hand in the same."""
    whole = hashlib.sha256(f"{handed_in.options.model_dump_json()} {handed_in.webhook}\0".encode())
    for transcript in handed_in.transcripts:
        whole.update(f"{len(transcript.content)} {transcript.name}\0".encode("utf-8", "replace"))
        whole.update(transcript.content)
    return whole.hexdigest()
