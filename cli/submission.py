"""Handing transcripts in: as few requests as the server takes, each known again when it is repeated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from cli.client import Kapitola
from cli.connection import RefusedError
from cli.transcripts import TranscriptFile
from shared.edition import EDITION
from shared.lecture import Options
from shared.views import BatchView, LectureView, Problem

_MOST_BYTES, _MOST_FILES = 48_000_000, 500
"""Of one request. A server may be set to take less: what it calls too large is halved."""
_TOO_LARGE = 413
_NO_OTHER_OUTLINE = {"priority", "economy", "budget"}


@dataclass(slots=True)
class Submitted:
    """What became of the files: batches by id, the lecture of each file, and the files that were refused."""

    batches: list[str] = field(default_factory=list)
    lectures: dict[str, TranscriptFile] = field(default_factory=dict)
    views: list[LectureView] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)

    def __add__(self, other: Submitted) -> Submitted:
        return Submitted(
            [*self.batches, *other.batches],
            self.lectures | other.lectures,
            self.views + other.views,
            self.refused + other.refused,
        )

    @property
    def refusals(self) -> list[str]:
        """What is wrong with each file that was refused."""
        return [problem.detail for problem in self.refused]

    def named(self, view: LectureView) -> LectureView:
        """The view under its file's label: servers know files by their last name, which several may share."""
        return view.model_copy(update={"name": self.lectures[view.id].label})


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of every file. `salt` tells apart what is otherwise the same: the model, or a second time."""

    options: Options
    encoding: str | None = None
    salt: str = ""
    webhook: str = ""
    """The address to tell of each end."""
    edition: str = EDITION
    """What else decides on an outline: a newer Kapitola is asked anew, but no file that it wrote before is replaced."""

    def share(self, share: float) -> Wish:
        """The same of some of the files, for their share of the budget: a budget is that of one batch."""
        budget = self.options.budget and self.options.budget * share
        return replace(self, options=self.options.model_copy(update={"budget": budget}))

    def mark(self, file: TranscriptFile) -> str:
        """The same whenever the same outline is wanted of the same file: what it may cost makes no other of it."""
        wanted = self.options.model_dump_json(exclude=_NO_OTHER_OUTLINE)
        return hashlib.sha256(f"{wanted}\0{self.encoding}\0{self.salt}\0{file.digest}".encode()).hexdigest()

    def key(self, files: Sequence[TranscriptFile]) -> str:
        """The Idempotency-Key: the same for the same request, on any day."""
        wanted = (self.options.model_dump_json(), str(self.encoding), self.salt, self.edition)
        whole = hashlib.sha256("\0".join(wanted).encode())
        whole.update(self.webhook.encode())
        for file in files:
            whole.update(f"\0{file.digest}".encode())
        return whole.hexdigest()


def hand_in(client: Kapitola, files: Sequence[TranscriptFile], wish: Wish) -> Submitted:
    """Hands the files in, in several batches where they are many. A repeat finds the batches of the first time."""
    submitted = Submitted()
    for portion in _portions(files):
        _hand_in_portion(client, portion, wish.share(len(portion) / len(files)), submitted)
    return submitted


def _portions(files: Sequence[TranscriptFile]) -> Iterator[list[TranscriptFile]]:
    portion: list[TranscriptFile] = []
    size = 0
    for file in files:
        bytes_of_it = file.path.stat().st_size
        if portion and (size + bytes_of_it > _MOST_BYTES or len(portion) == _MOST_FILES):
            yield portion
            portion, size = [], 0
        portion.append(file)
        size += bytes_of_it
    if portion:
        yield portion


def _hand_in_portion(
    client: Kapitola, files: Sequence[TranscriptFile], wish: Wish, submitted: Submitted, key: str = ""
) -> None:
    parts = [(file.name, file.path.read_bytes()) for file in files]
    key = key or wish.key(files)
    try:
        batch = client.submit(parts, wish.options, wish.encoding, key, wish.webhook)
    except RefusedError as error:
        if error.problem.status == _TOO_LARGE and len(files) > 1:
            half = len(files) // 2
            for part in (files[:half], files[half:]):
                _hand_in_portion(client, part, wish.share(len(part) / len(files)), submitted)
        elif error.refused:
            submitted.refused += [_labelled(problem, files) for problem in error.refused]
        else:
            raise
        return
    if not _note(batch, files, submitted):
        # Some lectures of the earlier batch were removed since: what was asked for once is asked for anew.
        _hand_in_portion(client, files, wish, submitted, hashlib.sha256(f"{key} {batch.id}".encode()).hexdigest())


def _note(batch: BatchView, files: Sequence[TranscriptFile], submitted: Submitted) -> bool:
    """Notes which lecture is which file's; False if the batch no longer has a lecture for each."""
    refused = {problem.position for problem in batch.refused}
    accepted = [file for position, file in enumerate(files) if position not in refused]
    if len(accepted) != len(batch.lectures):
        return False
    submitted.batches.append(batch.id)
    submitted.lectures |= {view.id: file for view, file in zip(batch.lectures, accepted, strict=True)}
    submitted.views += batch.lectures
    submitted.refused += [_labelled(problem, files) for problem in batch.refused]
    return True


def _labelled(problem: Problem, files: Sequence[TranscriptFile]) -> Problem:
    """What is wrong with a file, of which the server says which of the request's it is."""
    name = problem.file or ""
    if problem.position is None or not problem.detail.startswith(name):
        return problem
    return problem.model_copy(update={"detail": files[problem.position].label + problem.detail.removeprefix(name)})
