"""The ledger: the record in Redis of what every lecture and chunk's state is. Messages are only tickets; this is the truth."""

from shared.ledger.ledger import Accepted, ConflictError, GoneError, Ledger, Submission
from shared.ledger.records import LectureRecord
from shared.ledger.scripts import script

__all__ = ["Accepted", "ConflictError", "GoneError", "Ledger", "LectureRecord", "Submission", "script"]
