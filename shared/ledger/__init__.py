"""The ledger: the record in Redis of every chunk's state. Messages are only tickets; this is the truth."""

from shared.ledger.events import Event
from shared.ledger.ledger import Ledger
from shared.ledger.records import BatchRecord, LectureRecord
from shared.ledger.scripts import script
from shared.ledger.submission import Accepted, ConflictError, GoneError, Submission, Written

__all__ = [
    "Accepted",
    "BatchRecord",
    "ConflictError",
    "Event",
    "GoneError",
    "LectureRecord",
    "Ledger",
    "Submission",
    "Written",
    "script",
]
