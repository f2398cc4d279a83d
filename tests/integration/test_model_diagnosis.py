"""What the doctor says of a model's server."""

from __future__ import annotations

import asyncio

import pytest
from model_server import ModelServer

from worker.diagnosis import Diagnosis, diagnose
from worker.model.endpoints import Endpoint


def found(server: ModelServer) -> Diagnosis:
    return asyncio.run(diagnose(Endpoint("stand-in", server.base_url, "m", "sk-secret")))


def test_a_healthy_server_is_named_with_what_it_supports_and_its_limits() -> None:
    with ModelServer(rpm=300, tpm=60_000) as server:
        told = found(server)
    assert (told.problem, told.answered_by, told.supports) == ("", "m", "structured output, recursive schemas")
    assert "limit-requests: 300" in told.limits


def test_a_server_that_takes_no_structure_is_told_apart() -> None:
    with ModelServer(imitate="plain") as server:
        assert found(server).supports == "plain text only"


@pytest.mark.parametrize(
    ("fault", "mended_by"), [("401", "OPENAI_API_KEY"), ("404", "KAPITOLA_MODEL"), ("quota", "credit")]
)
def test_what_is_wrong_is_told_with_how_to_mend_it(fault: str, mended_by: str) -> None:
    with ModelServer(script=[fault]) as server:
        told = found(server)
    assert mended_by in told.problem
    assert "sk-secret" not in repr(told)
