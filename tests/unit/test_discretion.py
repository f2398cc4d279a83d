"""Tracebacks in logs tell where things went wrong, and quote no transcript."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
from celery.utils.log import ColorFormatter
from uvicorn.logging import DefaultFormatter

from shared.discretion import keep_tracebacks_discreet
from shared.errors import KapitolaError
from shared.outline import Section

WORD = "Marzipankartoffel"


@pytest.fixture(autouse=True)
def discreet() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    keep_tracebacks_discreet()
    yield
    logging.setLogRecordFactory(before)


def logged(formatter: logging.Formatter, error: Exception) -> str:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(formatter)
    logger = logging.Logger("of this test")
    logger.addHandler(handler)
    try:
        try:
            if isinstance(error, KapitolaError):
                raise error
            Section.model_validate({"title": {WORD: WORD}})
        except Exception as first:
            raise RuntimeError(WORD) from first
    except RuntimeError:
        logger.exception("A fault of our own")
    return written.getvalue()


FORMATTERS = [logging.Formatter(), DefaultFormatter("%(levelprefix)s %(message)s"), ColorFormatter("%(message)s")]


@pytest.mark.parametrize("formatter", FORMATTERS, ids=lambda formatter: type(formatter).__name__)
def test_a_traceback_tells_where_and_what_kind_but_not_what_was_said(formatter: logging.Formatter) -> None:
    text = logged(formatter, ValueError())
    assert WORD not in text
    assert "test_discretion.py" in text and "Section.model_validate" in text
    assert "ValidationError" in text and "which led to" in text and "RuntimeError" in text


def test_what_our_own_errors_say_is_kept() -> None:
    assert "Set it to something else." in logged(logging.Formatter(), KapitolaError("Set it to something else."))
