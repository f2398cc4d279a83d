"""Logs without transcripts: a traceback tells where, and says what only where the error is known to quote nothing.

pydantic's errors, for one, quote the value that they refuse, and here that may be a lecture.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from typing import Any

from redis.exceptions import RedisError

from shared.errors import KapitolaError

_PLAIN_SPOKEN = (KapitolaError, RedisError, OSError, ImportError, NotImplementedError)


def keep_tracebacks_discreet() -> None:
    """From now on, in this process, whatever formats the log: every record that carries an error."""
    before = logging.getLogRecordFactory()

    def discreet(*given: Any, **named: Any) -> logging.LogRecord:
        record = before(*given, **named)
        if record.exc_info and record.exc_info[1]:
            record.exc_text = discreet_traceback(record.exc_info[1])  # which formatters take as it is
        return record

    logging.setLogRecordFactory(discreet)


def discreet_traceback(error: BaseException) -> str:
    """The traceback of `error` and of those that led to it, first things first."""
    return "\n\nwhich led to:\n\n".join(_told(one) for one in reversed(list(_chain(error))))


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _told(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    said = str(error) if isinstance(error, _PLAIN_SPOKEN) else "(what it says is left out: it may quote a transcript)"
    return f"Traceback:\n{''.join(traceback.format_tb(error.__traceback__))}{name}: {said}"
