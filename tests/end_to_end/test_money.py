"""What lectures cost: counted and told, kept within a budget, halved where there is a cheaper tier, and never twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
from click.testing import CliRunner
from model_server import ModelServer
from redis import Redis

from cli.client import Kapitola
from cli.local import LocalStack
from cli.main import kapitola
from shared.keys import PREFIX
from shared.lecture import LectureState, Options
from shared.views import BatchView, LectureView

LECTURE = Path(__file__).parents[2] / "examples" / "how-maps-lie.srt"
PRICES = '[models."stand-in"]\nin = 100\nout = 200\neconomy = 0.5\n'
"""Dear: a chunk costs some forty cents."""


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture(scope="module")
def client(model: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kapitola]:
    folder = tmp_path_factory.mktemp("money")
    (folder / "prices.toml").write_text(PRICES)
    with pytest.MonkeyPatch.context() as environment:
        named = [{"name": "cellar", "model": "stand-in", "base_url": model.base_url}]
        environment.setenv("KAPITOLA_MODELS", json.dumps(named))
        environment.setenv("KAPITOLA_PRICES", str(folder / "prices.toml"))
        environment.setenv("KAPITOLA_CALLS_IN_FLIGHT", "1")
        with LocalStack(folder / "k") as stack, Kapitola(stack.url) as connected:
            yield connected


@pytest.fixture
def redis(client: Kapitola, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """The Redis of the server behind `client`."""
    with Redis(unix_socket_path=str(tmp_path_factory.getbasetemp() / "money0" / "k" / "redis.sock")) as connected:
        yield connected


def ended(client: Kapitola, batch: str) -> BatchView:
    *_, last = client.watch(batch)
    return last


def outlined(client: Kapitola, **options: object) -> tuple[BatchView, LectureView]:
    """The example, outlined with these options; a glossary of its own makes its prompts unlike those of other tests."""
    batch = ended(client, client.submit([LECTURE], Options.model_validate(options)).id)
    return batch, batch.lectures[0]


def test_tokens_and_cost_are_told_for_batch_lecture_and_chunk_and_a_second_run_costs_nothing(client: Kapitola) -> None:
    batch, lecture = outlined(client, glossary=["first"])
    document = client.lecture(lecture.id)
    assert document.outline is not None
    usage = document.outline.usage
    assert lecture.cost == pytest.approx((usage.tokens_in * 100 + usage.tokens_out * 200) / 1e6)
    assert batch.cost == pytest.approx(lecture.cost)
    assert (lecture.usage.calls, lecture.usage.tokens_in) == (usage.calls, usage.tokens_in)
    told = CliRunner().invoke(kapitola, ["estimate", str(LECTURE), "--json"], standalone_mode=False)
    [expected] = json.loads(told.stdout)["models"]
    assert expected["chunks"] == len(document.outline.chunks)
    assert expected["tokens_in"] == pytest.approx(usage.tokens_in, rel=0.1)
    assert {who for chunk in document.outline.chunks for who in chunk.models} == {"stand-in (cellar)"}
    assert all(chunk.usage.cost > 0 and chunk.usage.tokens_out > 0 for chunk in document.outline.chunks)

    again, lecture = outlined(client, glossary=["first"])
    assert (again.cost, again.usage.calls) == (0, 0)
    assert again.usage.from_cache == usage.calls
    assert any("cost nothing" in note for note in client.lecture(lecture.id).notes)


def test_a_spent_budget_stops_new_calls_and_a_larger_one_goes_on_where_it_stopped(
    client: Kapitola, model: ModelServer
) -> None:
    before = len(model.calls)
    batch, lecture = outlined(client, glossary=["budget"], budget=1.0)
    assert lecture.state is LectureState.INCOMPLETE
    assert "budget of $1.00 is spent" in lecture.problem
    assert "--budget" in lecture.problem
    assert batch.cost is not None
    assert 0.5 < batch.cost <= 1.0
    spent, asked = batch.cost, len(model.calls) - before

    told = CliRunner().invoke(kapitola, ["retry", batch.id, "--server", client.url], standalone_mode=False)
    assert told.exit_code == 0, told.output
    assert ended(client, batch.id).lectures[0].state is LectureState.INCOMPLETE, "the budget is still spent"
    assert len(model.calls) - before == asked

    CliRunner().invoke(kapitola, ["retry", batch.id, "--no-budget", "--server", client.url], standalone_mode=False)
    whole = ended(client, batch.id)
    assert whole.lectures[0].state is LectureState.DONE
    assert whole.cost is not None
    assert whole.cost > spent
    texts = [str(call.request["messages"]) for call in model.calls[before:]]
    assert len(texts) == len(set(texts)), "nothing is asked, or paid for, twice"


def test_chunks_that_are_paid_for_become_an_outline_if_the_merge_cannot_be_paid(
    client: Kapitola, model: ModelServer, redis: Redis
) -> None:
    asked: list[str] = []
    handed_in: Future[BatchView] = Future()

    def spend_all_at_the_last_chunk(purpose: str, _request: str) -> None:
        asked.append(purpose)
        batch = handed_in.result(30)
        if asked.count("outline") == batch.lectures[0].progress.chunks:
            redis.set(f"{PREFIX}spent:{batch.id}", "999.99", keepttl=True)

    model.answers = spend_all_at_the_last_chunk
    handed_in.set_result(client.submit([LECTURE], Options(glossary=("merged",), budget=1_000)))
    batch, chunks = handed_in.result().id, handed_in.result().lectures[0].progress.chunks
    lecture = ended(client, batch).lectures[0]
    model.answers = None
    assert (lecture.state, lecture.progress.done) == (LectureState.INCOMPLETE, chunks)
    assert lecture.problem.startswith("Grouped and joined without the model. The budget of $1000.00 is spent")
    outline = client.lecture(lecture.id).outline
    assert outline is not None
    assert outline.holes == ()
    assert asked == ["outline"] * chunks

    client._call("POST", f"/v1/batches/{batch}/retry", params={"budget": "none"})
    lecture = ended(client, batch).lectures[0]
    assert (lecture.state, lecture.problem) == (LectureState.DONE, "")
    assert lecture.options.budget is None


def test_economy_is_asked_of_the_flex_tier_and_costs_half(client: Kapitola, model: ModelServer) -> None:
    _, usual = outlined(client, glossary=["usual"])
    before = len(model.calls)
    _, cheap = outlined(client, glossary=["cheap"], economy=True)
    assert {call.request.get("service_tier") for call in model.calls[before:]} == {"flex"}
    assert usual.cost is not None
    assert cheap.cost == pytest.approx(usual.cost / 2, rel=0.02)


def test_the_command_says_what_it_cost(client: Kapitola, tmp_path: Path) -> None:
    arguments = ["outline", str(LECTURE), "--server", client.url, "--term", "told", "--show"]
    first, repeated, anew = (
        CliRunner().invoke(kapitola, [*arguments, *more], standalone_mode=False) for more in ([], [], ["--again"])
    )
    assert re.search(r"tokens in.*\$\d", first.stderr)
    assert "$" not in repeated.stderr
    assert "nothing was paid" in anew.stderr
