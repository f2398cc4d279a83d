"""What a request hands in: its files, one after another, and what is asked for all of them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from api.errors import InvalidRequestError, MediaTypeError, UnreadableRequestError
from api.problems import in_words, problem_of
from api.reading import Outcome, Transcript, display_name
from shared.errors import KapitolaError
from shared.lecture import Options
from shared.ledger import Written
from shared.views import MOST_TRANSCRIPTS, Accepting, ChosenOptions, Problem

_MOST_FIELDS = 50
_FIELDS = {"options", "encoding", "webhook"}
"""Of a form, beside `files`."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What a request asks for: its files, how to outline them, and whom to tell. The files can be gone through once."""

    transcripts: AsyncIterator[Transcript]
    options: Options
    encoding: str | None
    webhook: str
    size: int
    """Bytes of all its files together."""


@asynccontextmanager
async def handed_in(request: Request) -> AsyncIterator[HandedIn]:
    """The request's submission, whose files are at hand until the block ends.

    Raises MediaTypeError, UnreadableRequestError and InvalidRequestError.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            async with request.form(max_files=MOST_TRANSCRIPTS, max_fields=_MOST_FIELDS) as form:
                yield _from_form(form)
        elif kind == "application/json":
            yield _from_json(await request.body())
        else:
            sent = f"not as {kind}" if kind else "and say which with Content-Type"
            raise MediaTypeError(f"Send transcripts as multipart/form-data or as application/json, {sent}.")
    except ValidationError as error:
        raise InvalidRequestError(in_words(list(error.errors(include_url=False)))) from error


def _from_form(form: FormData) -> HandedIn:
    uploads = [upload for upload in form.getlist("files") if isinstance(upload, UploadFile)]
    if not uploads:
        raise UnreadableRequestError("The form has no `files`. Send each transcript as a part of that name.")
    given = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    if unknown := given.keys() - _FIELDS:
        named = ", ".join(display_name(name) for name in sorted(unknown))
        raise UnreadableRequestError(f"The form has no field {named}. Options go into the field `options`, as JSON.")
    options = ChosenOptions.model_validate_json(given["options"]) if given.get("options") else ChosenOptions()
    size = sum(upload.size or 0 for upload in uploads)
    return HandedIn(_uploaded(uploads), options, given.get("encoding") or None, given.get("webhook", ""), size)


async def _uploaded(uploads: Sequence[UploadFile]) -> AsyncIterator[Transcript]:
    for upload in uploads:
        yield Transcript(upload.filename or "", await upload.read())
        await upload.close()


def _from_json(body: bytes) -> HandedIn:
    given = Accepting.model_validate_json(body)
    size = sum(len(transcript.text) for transcript in given.transcripts)
    return HandedIn(_written_out(given), given.options, given.encoding, given.webhook, size)


async def _written_out(given: Accepting) -> AsyncIterator[Transcript]:
    for transcript in given.transcripts:
        # A lone surrogate, which JSON can spell, is no text: refused for that file alone, where its bytes are read.
        yield Transcript(transcript.name, transcript.text.encode("utf-8", "surrogatepass"))


@dataclass(slots=True)
class Intake:
    """What of a request's transcripts is accepted, and what is not."""

    lectures: list[Written] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, outcomes: Sequence[Outcome]) -> Intake:
        intake = cls()
        for position, outcome in enumerate(outcomes):
            if isinstance(outcome.read, KapitolaError):
                named = {"file": outcome.name, "position": position}
                intake.refused.append(problem_of(outcome.read).model_copy(update=named))
            else:
                intake.lectures.append(outcome.read)
        return intake


def digest(given: HandedIn, outcomes: Sequence[Outcome]) -> str:
    """Tells whether two requests hand in the same."""
    asked = f"{given.options.model_dump_json()}\0{given.encoding}\0{given.webhook}\0"
    whole = hashlib.sha256(asked.encode("utf-8", "replace"))
    for outcome in outcomes:
        whole.update(outcome.digest)
    return whole.hexdigest()
