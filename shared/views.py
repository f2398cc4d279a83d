"""What the API shows and its clients read: the same types on both sides, so that they cannot drift apart."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.lecture import ENDED, LectureState, Options, Outline, Usage
from shared.outline import LONGEST_TITLE, MOST_SIBLINGS

MOST_TRANSCRIPTS = 2_000
"""So many are taken in one request."""
MOST_TERMS, LONGEST_TERM = 1_000, 200
"""Every title is looked through for every term: with 50,000 of them a worker did nothing else for a minute."""


class Problem(BaseModel):
    """An error as RFC 9457 has it. `detail` says what is wrong and what to do; `file` and `line` say where."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    file: str | None = None
    line: int | None = None
    position: int | None = Field(None, description="Which of the request's files it is, counted from 0.")


class Progress(BaseModel):
    """How many of a lecture's chunks have ended, and how."""

    chunks: int
    done: int
    failed: int


class LectureView(BaseModel):
    """One transcript on its way to one outline."""

    id: str
    name: str
    batch: str
    state: LectureState
    version: int = Field(description="Grows with every change; the ETag is made of it.")
    progress: Progress
    created: datetime
    updated: datetime
    duration: int = Field(description="Where the last cue ends, in milliseconds.")
    length: int = Field(
        description="How long it is to people, in milliseconds: the same, but for a few cues far away from all others, "
        "which `notes` tells of."
    )
    mended: list[str] = Field(description="What had to be mended to read the file, one line each.")
    notes: list[str] = Field(description="What a reader should know of transcript and outline, one line each.")
    problem: str = Field("", description="Why it failed or is incomplete, or what holds it up; empty if nothing does.")
    edited: datetime | None = Field(None, description="When the outline was last edited by hand; null if it was not.")
    options: Options
    usage: Usage = Field(Usage(), description="What all calls to models for it took so far, those in vain included.")
    cost: float | None = Field(None, description="Of these, in US dollars; null where a price is not known.")

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class LectureDocument(LectureView):
    """A lecture with its outline and everything known of how it came to be; `outline` is null until there is one."""

    outline: Outline | None = None


class BatchRow(BaseModel):
    """One submission, as a list shows it."""

    id: str
    version: int = Field(description="Grows with every change of any of its lectures; the ETag is made of it.")
    created: datetime
    updated: datetime
    handed_in: int = Field(description="How many lectures were accepted with it.")
    states: dict[LectureState, int] = Field(description="How many of its lectures are in which state now.")

    @property
    def ended(self) -> bool:
        return not any(self.states.get(state) for state in LectureState if state not in ENDED)


class BatchView(BatchRow):
    """The lectures of one submission, and the files of it that were refused, each with its problem."""

    lectures: list[LectureView] = Field(description="Those that are still kept, in the order of the files.")
    refused: list[Problem] = []
    usage: Usage = Field(Usage(), description="What all its lectures took.")
    cost: float | None = Field(None, description="Of that, in US dollars; null where a price is not known.")


class LecturePage(BaseModel):
    """Lectures, newest first."""

    lectures: list[LectureView]
    next: str | None = Field(None, description="The cursor of the page that follows: `after`. Null on the last page.")


class BatchPage(BaseModel):
    """Batches, newest first."""

    batches: list[BatchRow]
    next: str | None = Field(None, description="The cursor of the page that follows: `after`. Null on the last page.")


class ChosenOptions(Options):
    """Options as a client asks for them: a name that is none is a mistake, which may cost money, and is refused."""

    model_config = ConfigDict(extra="forbid")

    glossary: tuple[Annotated[str, Field(max_length=LONGEST_TERM)], ...] = Field((), max_length=MOST_TERMS)
    """Names and terms of the course that titles must spell as given; each a `--term` of the command line."""


class Accepting(BaseModel):
    """A submission as JSON: for clients that would rather not write multipart."""

    model_config = ConfigDict(extra="forbid")

    class Transcript(BaseModel):
        name: str = Field(examples=["lecture-09.srt"])
        text: str = Field(description="The file's text.")

    transcripts: list[Transcript] = Field(min_length=1, max_length=MOST_TRANSCRIPTS)
    options: ChosenOptions = ChosenOptions()
    encoding: str | None = Field(None, description="Of all the files, where they do not say it themselves.")
    webhook: str = Field("", description="Where to tell of each lecture's end, and of the batch's: docs/webhooks.md.")


class GivenSection(BaseModel):
    """A section as `outline.json` has it: this and nothing more."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=LONGEST_TITLE, examples=["Why yeast needs sugar"])
    start_time: str = Field(pattern=r"^[0-9]{2,}:[0-5][0-9]:[0-5][0-9]$", examples=["00:04:10"])
    subsections: list[GivenSection] = Field(max_length=MOST_SIBLINGS)
