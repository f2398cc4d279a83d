"""The path that a user walks, with everything real: the command, the embedded stack, a model's server over HTTP."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_server import ModelServer

from cli.client import Kapitola, RefusedError
from cli.local import LocalStack
from shared.edition import OFFLINE_MODEL
from shared.lecture import LectureState
from shared.outline import MOST_SIBLINGS

EXAMPLES = Path(__file__).parents[2] / "examples"
KAPITOLA = Path(sys.executable).with_name("kapitola")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("k"), model="offline") as running:
        yield running


@pytest.fixture
def client(stack: LocalStack) -> Iterator[Kapitola]:
    with Kapitola(stack.url) as connected:
        yield connected


def kapitola(*arguments: str | Path, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "KAPITOLA_HOME": str(home), **environment}
    return subprocess.run(
        [str(KAPITOLA), *map(str, arguments)],
        capture_output=True,
        text=True,
        env=surroundings,
        timeout=100,
        check=False,
    )


def levels(sections: list[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    yield sections
    for section in sections:
        yield from levels(section["subsections"])


def test_the_examples_are_outlined_and_keep_the_contract(client: Kapitola) -> None:
    files = sorted(p for p in EXAMPLES.iterdir() if p.suffix in {".srt", ".vtt"})
    batch = client.submit(files)
    assert [lecture.name for lecture in batch.lectures] == [f.name for f in files]
    *_, ended = client.watch(batch.id)
    for lecture in ended.lectures:
        assert lecture.state is LectureState.DONE
        assert lecture.progress.chunks > 1
        outline = json.loads(client.outline(lecture.id)[0])
        assert 3 <= len(outline) <= MOST_SIBLINGS
        for level in levels(outline):
            assert len(level) <= MOST_SIBLINGS
            assert all(set(section) == {"title", "start_time", "subsections"} for section in level)
            times = [section["start_time"] for section in level]
            assert times == sorted(times)
        document = client.lecture(lecture.id)
        assert any("offline" in note for note in document.notes)
        assert not document.outline.holes


def test_a_bad_file_is_refused_by_itself_and_the_good_ones_are_done(stack: LocalStack, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    (tmp_path / "empty.srt").write_bytes(b"")
    (tmp_path / "good.srt").write_bytes((EXAMPLES / "kvasinky-a-chleba.srt").read_bytes())
    out = kapitola(
        "outline", *sorted(tmp_path.iterdir()), "--format", "json", "-o", "-", "--server", stack.url, home=tmp_path
    )
    assert out.returncode == 6
    assert "picture.png" in out.stderr and "empty.srt" in out.stderr
    assert json.loads(out.stdout)[0]["start_time"].startswith("00:00:0")


def test_only_bad_files_are_a_refusal_that_names_each(client: Kapitola, tmp_path: Path) -> None:
    bad = tmp_path / "page.srt"
    bad.write_text("<!doctype html><html><body>Not found</body></html>")
    with pytest.raises(RefusedError) as refusal:
        client.submit([bad])
    assert refusal.value.problem.status == 422
    assert [problem.file for problem in refusal.value.refused] == ["page.srt"]


def test_the_same_key_hands_a_batch_in_once(client: Kapitola) -> None:
    file = EXAMPLES / "die-uhr-im-netz.vtt"
    first = client.submit([file], key="the same")
    assert client.submit([file], key="the same").id == first.id


def test_every_format_is_served(client: Kapitola) -> None:
    from shared.export import FORMATS

    batch = client.submit([EXAMPLES / "die-uhr-im-netz.vtt"])
    *_, ended = client.watch(batch.id)
    for format in FORMATS:
        content, _ = client.outline(ended.lectures[0].id, format)
        assert content
    archive = zipfile.ZipFile(io.BytesIO(b"".join(client.export(batch.id, ["json", "html"], depth=1))))
    assert archive.namelist() == ["json/die-uhr-im-netz.json", "html/die-uhr-im-netz.html", "index.html", "index.csv"]
    assert all(not top["subsections"] for top in json.loads(archive.read("json/die-uhr-im-netz.json")))
    with pytest.raises(RefusedError, match="no frame rate"):
        client.outline(ended.lectures[0].id, "edl", frame_rate=0)


def test_a_language_model_is_asked_over_http_and_a_second_run_costs_nothing(tmp_path: Path) -> None:
    lecture = EXAMPLES / "kvasinky-a-chleba.srt"
    with ModelServer() as server:
        model = {"OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "secret-key", "KAPITOLA_MODEL": "stand-in"}
        first = kapitola("outline", lecture, "--json", home=tmp_path, **model)
        assert first.returncode == 0, first.stderr
        document = json.loads(first.stdout)
        asked = len(server.calls)
        assert document["outline"]["usage"]["tokens_in"] > 0
        assert {m for c in document["outline"]["chunks"] for m in c["models"]} != {OFFLINE_MODEL}
        again = json.loads(kapitola("outline", lecture, "--json", "--again", home=tmp_path, **model).stdout)
        assert again["id"] != document["id"]
        assert len(server.calls) == asked
        assert again["outline"]["usage"]["from_cache"] > 0
        assert again["outline"]["sections"] == document["outline"]["sections"]
    for log in tmp_path.glob("*.log"):
        assert "secret-key" not in log.read_text()
