"""The ledger: the record in Redis of every chunk's state. Messages are only tickets; this is the truth."""

from shared.ledger.ledger import Accepted, ConflictError, GoneError, Ledger, Submission
from shared.ledger.records import LectureRecord
from shared.ledger.scripts import script

__all__ = ["Accepted", "ConflictError", "GoneError", "LectureRecord", "Ledger", "Submission", "script"]
