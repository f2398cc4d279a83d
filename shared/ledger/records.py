"""A lecture and a batch as the ledger knows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.lecture import ENDED, LectureState, Options, Usage


class LectureRecord(BaseModel):
    """The state of one lecture. Times are milliseconds since 1970, by Redis's clock."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    client: str
    batch: str
    state: LectureState
    version: int
    chunks: int
    done: int
    failed: int
    created: int
    updated: int
    duration: int = Field(description="Where the last cue ends, in milliseconds.")
    length: int = Field(0, description="The same, strays left aside; 0 where it was not looked at.")
    format: str
    encoding: str
    mendings: str = Field("[]", description="What was mended while the file was read, as JSON.")
    remarks: str = Field("[]", description="What else is odd about its cues, as JSON.")
    problem: str = ""
    edited: int = Field(0, description="When its outline was last edited by hand; 0 if it was not.")
    began: int = Field(0, description="When work on it began, the last time that it did; 0 if it has not.")
    kept: int = Field(0, description="How many of its chunks were done when it did.")
    anew: int = Field(0, description="How often chunks that were stood in for were asked for once more.")
    webhook: str = Field("", description="The address that is told of its end.")
    options: Options
    usage: Usage = Field(Usage(), description="What all calls for it took, those that led nowhere included.")

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @classmethod
    def read(cls, fields: Mapping[Any, Any]) -> LectureRecord:
        """From the fields of its hash, as the client gives them: bytes."""
        text = {name.decode(): value.decode() for name, value in fields.items()}
        usage = {name.removeprefix("usage:"): float(value) for name, value in text.items() if name.startswith("usage:")}
        return cls.model_validate({**text, "options": Options.model_validate_json(text["options"]), "usage": usage})


class BatchRecord(BaseModel):
    """One submission. `version` grows with every change of any of its lectures; so many lectures were handed in."""

    model_config = ConfigDict(frozen=True)

    id: str
    client: str
    version: int
    lectures: int
    chunks: int = Field(description="Of all its lectures.")
    created: int
    updated: int
    queued: int = Field(0, description="How many of its lectures are in this state now; removed ones are in none.")
    running: int = 0
    done: int = 0
    incomplete: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def ended(self) -> bool:
        return self.queued + self.running == 0

    @classmethod
    def read(cls, fields: Mapping[Any, Any]) -> BatchRecord:
        return cls.model_validate({name.decode(): value.decode() for name, value in fields.items()})
