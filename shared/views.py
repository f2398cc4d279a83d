"""What the API shows and its clients read: the same types on both sides, so that they cannot drift apart."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from shared.lecture import ENDED, LectureState, Options, Outline, Usage


class Problem(BaseModel):
    """An error as RFC 9457 has it. `detail` says what is wrong and what to do; `file` and `line` say where."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    file: str | None = None
    line: int | None = None


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
    mended: list[str] = Field(description="What had to be mended to read the file, one line each.")
    notes: list[str] = Field(description="What a reader should know of the outline, one line each.")
    problem: str = Field("", description="Why the lecture failed; empty if it did not.")
    options: Options
    usage: Usage = Field(Usage(), description="What all calls to models for it took so far, those in vain included.")
    cost: float | None = Field(None, description="Of these, in US dollars; null where a price is not known.")

    @property
    def ended(self) -> bool:
        return self.state in ENDED


class LectureDocument(LectureView):
    """A lecture with its outline and everything known of how it came to be; `outline` is null until there is one."""

    outline: Outline | None = None


class BatchView(BaseModel):
    """The lectures of one submission, and the files of it that were refused, each with its problem."""

    id: str
    lectures: list[LectureView]
    refused: list[Problem] = []
    usage: Usage = Usage()
    cost: float | None = None

    @property
    def ended(self) -> bool:
        return all(lecture.ended for lecture in self.lectures)


class Accepting(BaseModel):
    """A submission as JSON: for clients that would rather not write multipart."""

    class Transcript(BaseModel):
        name: str = Field(max_length=1_000, examples=["lecture-09.srt"])
        text: str = Field(description="The file's text.")

    transcripts: list[Transcript] = Field(min_length=1, max_length=1_000)
    options: Options = Options()
    encoding: str | None = None
    webhook: str = Field("", description="Where to tell of each lecture's end, and of the batch's: docs/webhooks.md.")
