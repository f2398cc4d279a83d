"""What the front door hands to the ledger, and what can be said against it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from shared.chunks import Chunk
from shared.cues import Cues, length, pack, remarks
from shared.errors import KapitolaError
from shared.lecture import Options
from shared.prices import CHUNK_FRAME, RULES


@dataclass(frozen=True, slots=True)
class Submission:
    """One lecture as it is handed in: its transcript read, its chunks cut."""

    id: str
    name: str
    cues: Cues
    chunks: tuple[Chunk, ...]
    options: Options
    webhook: str = ""

    def written(self) -> Written:
        """As accept.lua takes it."""
        return Written(json.dumps(self._row()), pack(self.cues), len(self.chunks))

    def _row(self) -> dict[str, object]:
        fields = {
            "name": self.name,
            "options": self.options.model_dump_json(),
            "priority": self.options.priority,
            "format": self.cues.format,
            "encoding": self.cues.encoding,
            "duration": max(cue.end for cue in self.cues.cues),
            "length": length(self.cues.cues),
            "mendings": json.dumps([asdict(m) for m in self.cues.mendings]),
            "remarks": json.dumps(remarks(self.cues.cues)),
            "webhook": self.webhook,
        }
        frame = RULES + CHUNK_FRAME
        chunks = [{"tokens": c.tokens + frame, "spec": json.dumps(asdict(c))} for c in self.chunks]
        return {"id": self.id, "fields": fields, "chunks": chunks}


@dataclass(frozen=True, slots=True)
class Written:
    """A submission in its final form: small enough to be handed from the process that read it to the one that asks."""

    row: str
    """The lecture's fields and its chunks, as JSON."""
    cues: bytes
    """Packed."""
    chunks: int

    def written(self) -> Written:
        return self


@dataclass(frozen=True, slots=True)
class Accepted:
    """The batch; `repeated` if an earlier request with the same Idempotency-Key made it."""

    batch: str
    repeated: bool


class ConflictError(KapitolaError):
    """An Idempotency-Key was used again with other files or options."""

    code = "idempotency-conflict"
    remedy = "Take a new key for other files or options; send the very same files to get the batch of the first time."

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key stands for another request. Take a new key, or send the same files again."
        )


class GoneError(KapitolaError):
    """The lecture was removed, or has expired, while it was worked on."""

    code = "gone"
    remedy = "Submit the transcript again. KAPITOLA_KEEP_DAYS is how long lectures are kept; an edit extends it."

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} was removed, or has expired. Submit it again if it is still wanted.")
