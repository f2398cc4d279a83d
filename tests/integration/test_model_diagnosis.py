"""What the doctor says of a model's server, and that nobody is asked before somebody wants to know."""

from __future__ import annotations

import asyncio

import pytest
from model_server import ModelServer

from shared.diagnosis import Diagnoses, Diagnosis, DiagnosisState, EndpointDiagnosis
from shared.door import connect
from shared.endpoints import Endpoint
from shared.settings import Settings
from worker.diagnosis import answer_questions, examine


def endpoint(server: ModelServer) -> Endpoint:
    return Endpoint("stand-in", server.base_url, "m", "sk-secret")


def found(server: ModelServer) -> EndpointDiagnosis:
    return asyncio.run(examine(endpoint(server)))


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


def test_those_who_ask_at_the_same_time_share_one_answer_of_one_call(redis_url: str) -> None:
    async def whole(server: ModelServer) -> tuple[Diagnosis, Diagnosis]:
        # As a worker has it: a plain client forgets a cancellation on Python 3.11, and the workers never ended.
        redis = connect(Settings(redis_url=redis_url, _env_file=None))
        diagnoses = Diagnoses(redis)
        one, other = await diagnoses.ask(), await diagnoses.ask()
        assert (one.id, one.state) == (other.id, DiagnosisState.ASKED)
        assert server.calls == []
        workers = [asyncio.create_task(answer_questions(redis, [endpoint(server)])) for _ in range(2)]
        while (told := await diagnoses.find(one.id)) and told.state is not DiagnosisState.DONE:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await redis.aclose()
        assert told
        return one, told

    with ModelServer() as server:
        asked, told = asyncio.run(whole(server))
        assert len(server.calls) == 1
    assert told.id == asked.id
    assert [e.answered_by for e in told.endpoints] == ["m"]
