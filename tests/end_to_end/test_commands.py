"""Every command against a running server, with its output on the right stream and each exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from model_server import ModelServer

from cli.client import Kapitola
from cli.local import LocalStack
from cli.main import main
from shared.lecture import LectureState

KAPITOLA = Path(sys.executable).with_name("kapitola")
SENTENCES = (
    "Flour holds two proteins and water ties them into gluten", "Yeast eats sugar and breathes out carbon dioxide",
    "Salt slows the yeast down and strengthens the net", "In the oven the loaf grows by a third in ten minutes",
)  # fmt: skip
NEVER = 600.0
"""Seconds that a model takes which does not answer while the test lasts."""


class Ran(NamedTuple):
    code: int
    out: str
    err: str


class Here(NamedTuple):
    url: str
    model: ModelServer


Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    with pytest.MonkeyPatch.context() as patch, ModelServer() as model:
        patch.setenv("OPENAI_BASE_URL", model.base_url)
        patch.setenv("KAPITOLA_MODEL", "stand-in")
        with LocalStack(tmp_path_factory.mktemp("k")) as stack:
            yield Here(stack.url, model)


@pytest.fixture
def run(
    here: Here, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Run]:
    """Runs `kapitola` in this process, with the server as KAPITOLA_URL and an empty folder to work in."""
    monkeypatch.setenv("KAPITOLA_URL", here.url)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.chdir(tmp_path)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}

    def command(*arguments: str | Path) -> Ran:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return Ran(int(ended.value.code or 0), *capsys.readouterr())

    here.model.latency = 0.0
    yield command
    here.model.latency, here.model.answers = 0.0, None
    for number, handler in before.items():
        signal.signal(number, handler)


def lecture(path: Path, about: str) -> Path:
    """A transcript of ten minutes that no other test has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for n in range(60):
            start = f"00:{n // 6:02}:{n % 6 * 10:02}"
            file.write(f"{n + 1}\n{start},000 --> {start},900\n{SENTENCES[n // 15]}, says {about} number {n}.\n\n")
    return path


def submitted(run: Run, *arguments: str | Path) -> str:
    ran = run("submit", *arguments)
    assert ran.code == 0, ran.err
    return ran.out.strip()


def test_handed_in_watched_read_and_exported(run: Run, tmp_path: Path) -> None:
    lecture(tmp_path / "course" / "one.srt", "the baker")
    lecture(tmp_path / "course" / "two.srt", "the miller")
    ran = run("submit", "course")
    batch = ran.out.strip()
    assert batch.startswith("bat_") and "\n" not in batch
    assert f"2 lectures accepted. To watch: kapitola wait {batch}" in ran.err

    watched = run("wait", batch)
    assert (watched.code, watched.out) == (0, "")
    assert "one.srt" in watched.err
    rows = [json.loads(row) for row in run("wait", batch, "--json", "-q").out.splitlines()]
    assert [(row["name"], row["state"]) for row in rows] == [("one.srt", "done"), ("two.srt", "done")]

    id = rows[0]["id"]
    assert run("status", batch).out.count(" done ") == 2
    assert run("status", id).out.startswith(f"{id}  done        ")
    assert json.loads(run("status", id, "--json").out)["id"] == id
    newest = run("status").out
    assert newest.startswith(f"{batch}: 2 lectures of 20") and id in newest

    assert "one.srt" in run("get", id).out
    assert json.loads(run("get", id, "--format", "json").out)[0]["start_time"] == "00:00:00"
    assert run("get", id, "--format", "markdown", "-o", "one.md").out == ""
    assert "\n# one\n" in (tmp_path / "one.md").read_text()

    again = run("get", id, "--format", "json", "-o", "one.md")
    assert (again.code, "--force" in again.err) == (2, True)
    assert run("get", id, "--format", "json", "-o", "one.md", "--force").code == 0
    assert (tmp_path / "one.md").read_text().startswith("[")
    assert "--format markdown, for instance" in run("get", id, "-o", "two.md").err

    assert run("export", batch).out.strip() == f"{batch}.zip"
    (tmp_path / f"{batch}.zip").write_text("mine")
    again = run("export", batch)
    assert (again.code, again.out) == (2, "")
    assert f"{batch}.zip is there already. Name another file (-o), or replace it: --force." in again.err
    assert (tmp_path / f"{batch}.zip").read_text() == "mine"
    assert run("export", batch, "--force").code == 0
    assert zipfile.is_zipfile(f"{batch}.zip")
    assert "There is no folder nowhere" in run("export", batch, "-o", "nowhere/x.zip").err
    assert run("export", batch, "--format", "csv", "-o", "all.zip").out.strip() == "all.zip"
    assert {"csv/one.csv", "index.html"} <= set(zipfile.ZipFile("all.zip").namelist())
    assert not list(tmp_path.glob(".*.part"))


def test_cues_far_from_all_others_are_told_by_each_command_and_by_the_document(run: Run, tmp_path: Path) -> None:
    path = lecture(tmp_path / "minutes.srt", "the clerk")
    path.write_text(f"{path.read_text()}61\n06:13:20,000 --> 06:13:22,000\nSubtitles by nobody\n")
    told = "minutes.srt: The last cue, at 06:13:20, comes 6 h 3 min after all others."
    assert told in run("estimate", path, "--model", "offline").err
    assert told in run("submit", path).err
    assert told in run("outline", path, "-o", "out").err
    shown = run("outline", path).out
    assert "minutes.srt  10 min, done" in shown and "The last cue, at 06:13:20" in shown


def test_a_term_that_is_said_nowhere_is_told_once_for_all_lectures(run: Run, tmp_path: Path) -> None:
    lecture(tmp_path / "course" / "one.srt", "the baker")
    lecture(tmp_path / "course" / "two.srt", "the miller")
    terms = ("--term", "Baker", "--term", "Miller", "--term", "Kubernets")
    told = "--term “Kubernets”: in no title, and not said in any of these lectures, as far as the spelling shows."
    assert told in run("outline", "course", "-o", "out", *terms).err
    (first, second) = [json.loads(row) for row in run("outline", "course", "--json", *terms).out.splitlines()]
    assert first["outline"]["terms_not_said"] == ["Miller", "Kubernets"]
    assert (
        "Of the glossary, in no title and not said, as far as the spelling shows: “Baker”, “Kubernets”."
        in second["notes"]
    )
    assert "--term" not in run("outline", "course", "-o", "other", *terms[:4]).err


def test_the_same_files_are_the_same_batch_unless_they_are_to_be_done_again(
    run: Run, here: Here, tmp_path: Path
) -> None:
    for n in range(3):
        lecture(tmp_path / "course" / f"{n}.srt", f"rerun {n}")
    first = submitted(run, "course")
    run("wait", first, "-q")
    asked = len(here.model.calls)
    assert submitted(run, "course") == first
    assert submitted(run, tmp_path / "course") == first
    assert run("wait", first, "-q").code == 0
    assert len(here.model.calls) == asked
    assert submitted(run, "course", "--detail", "fine") != first
    assert submitted(run, "course", "--again") != first


def test_a_batch_from_which_a_lecture_was_removed_is_made_anew(run: Run, here: Here, tmp_path: Path) -> None:
    lecture(tmp_path / "a.srt", "removal")
    first = submitted(run, "a.srt")
    with Kapitola(here.url) as client:
        client._call("DELETE", f"/v1/lectures/{client.batch(first).lectures[0].id}")
    assert submitted(run, "a.srt") != first


def test_many_files_become_several_batches_that_are_watched_together(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.submission._MOST_FILES", 2)
    for n in range(5):
        lecture(tmp_path / "course" / f"{n}.srt", f"portion {n}")
    batches = submitted(run, "course").split()
    assert len(batches) == 3
    rows = run("wait", *batches, "--json", "-q").out.splitlines()
    assert [json.loads(row)["name"] for row in rows] == [f"{n}.srt" for n in range(5)]
    assert submitted(run, "course").split() == batches


def test_outlines_are_written_as_they_end_and_a_rerun_does_only_what_is_missing(
    run: Run, here: Here, tmp_path: Path
) -> None:
    for name in ("a", "b", "deep/a"):
        lecture(tmp_path / "course" / f"{name}.srt", f"rerun of {name}")
    first = run("outline", "course", "-o", "out")
    assert first.code == 0
    assert "in out/, each as json and html. Those in .html are for reading" in first.err
    assert sorted(str(p.relative_to("out")) for p in Path("out").rglob("*.*")) == [
        ".kapitola.json", "a.html", "a.json", "b.html", "b.json", "deep/a.html", "deep/a.json",
    ]  # fmt: skip
    asked = len(here.model.calls)
    again = run("outline", "course", "-o", "out")
    assert (again.code, again.out, again.err) == (0, "", "3 of 3 are in out/ already; --again makes them anew.\n")

    Path("out/a.json").unlink()
    lecture(tmp_path / "course" / "c.srt", "a newcomer")
    third = run("outline", "course", "-o", "out", "--format", "json", "--format", "markdown")
    assert third.code == 0
    assert "3 of 4 were done before" in third.err
    assert sorted(p.name for p in Path("out").glob("*.*")) == [
        ".kapitola.json", "a.html", "a.json", "a.md", "b.html", "b.json", "b.md", "c.json", "c.md",
    ]  # fmt: skip
    with Kapitola(here.url) as client:
        assert {lecture.name: lecture.progress.chunks for lecture in client.lectures(1)} == {"c.srt": 1}
    assert len(here.model.calls) > asked


def test_lectures_are_waited_for_by_their_ids(run: Run, here: Here, tmp_path: Path) -> None:
    lecture(tmp_path / "a.srt", "waiting")
    lecture(tmp_path / "b.srt", "waiting longer")
    batch = submitted(run, "a.srt", "b.srt", "--priority", "3")
    first, second = (json.loads(row)["id"] for row in run("status", batch, "--json").out.splitlines())
    rows = [json.loads(row) for row in run("wait", first, batch, second, "--json", "-q").out.splitlines()]
    assert [(row["id"], row["state"]) for row in rows] == [(first, "done"), (second, "done")]
    assert rows[0]["options"]["priority"] == 3
    assert run("wait", first, "-q").code == 0
    assert run("wait", "lec_00000000000000000000").code == 6


def test_the_newest_batches_are_shown_and_how_to_see_the_others(run: Run, here: Here, tmp_path: Path) -> None:
    bread = lecture(tmp_path / "a.srt", "the ninth").read_bytes()
    with Kapitola(here.url) as client:
        batches = [client.submit([(f"{n}.srt", bread)]).id for n in range(10)]
        large = client.submit([(f"{n}.srt", bread) for n in range(12)]).id
        everything = [row.id for row in client.batches()]
    shown = run("status")
    heads = [line.partition(":")[0] for line in shown.out.splitlines() if line.startswith("bat_")]
    assert heads == [large, *reversed(batches[1:])] == everything[:10]
    assert f"and 2 more: kapitola status {large}\n" in shown.out
    assert f"{len(everything) - 10} earlier" in shown.err and "not shown: --all shows them" in shown.err
    rows = run("status", "--json").out.splitlines()
    assert len(rows) == 9 + 12
    assert run("status", "--all").out.count("\nbat_") == len(everything) - 1


def test_files_of_the_same_name_are_told_apart(run: Run, tmp_path: Path) -> None:
    for folder in ("week 1", "week 2"):
        lecture(tmp_path / folder / "a.srt", folder)
    (tmp_path / "week 3").mkdir()
    (tmp_path / "week 3" / "a.srt").write_text("")
    ran = run("outline", "week 1", "week 2", "week 3")
    assert ran.code == 6
    assert "refused week 3/a.srt: the file is empty" in ran.err
    for shown in ("week 1/a.srt", "week 2/a.srt"):
        assert shown in ran.err
        assert f"{shown}  10 min, done" in ran.out
    assert "the same command with -o FOLDER" in ran.err
    assert ran.err.endswith("1 file refused: named above, with what is wrong.\n")
    assert "refused week 3/a.srt: the file is empty" in run("submit", "week 1", "week 3").err


def test_webhooks_are_listed_and_an_id_that_is_none_is_refused(run: Run) -> None:
    ran = run("webhooks", "list", "--state", "given_up")
    assert (ran.code, ran.out) == (0, "")
    assert "kapitola submit --webhook URL" in ran.err
    assert run("webhooks", "replay", "msg_0").code == 6


def test_results_alone_are_on_stdout(run: Run, tmp_path: Path) -> None:
    lecture(tmp_path / "a.srt", "streams")
    lecture(tmp_path / "b.srt", "rivers")
    ran = run("outline", "b.srt", "a.srt", "--format", "json", "-o", "-")
    first, second = (json.loads(line) for line in ran.out.replace("]\n[", "]\0[").split("\0"))
    assert first and second and ran.code == 0
    assert "✓" in ran.err
    documents = [json.loads(line) for line in run("outline", "b.srt", "a.srt", "--json", "-q").out.splitlines()]
    assert [document["name"] for document in documents] == ["b.srt", "a.srt"]
    assert "-o FOLDER" not in run("outline", "b.srt").err
    quiet = run("outline", "b.srt", "-q")
    assert quiet.err == ""
    assert quiet.out.startswith("b.srt  10 min, done")


def test_an_output_that_looks_like_a_file_is_not_made_a_folder(run: Run, tmp_path: Path) -> None:
    lecture(tmp_path / "a.srt", "a single file")
    ran = run("outline", "a.srt", "-o", "a.json")
    assert ran.code == 2 and "--format NAME -o - > a.json" in ran.err
    assert not (tmp_path / "a.json").exists()


def test_a_model_that_is_named_to_a_running_server_is_said_to_have_no_effect(run: Run, tmp_path: Path) -> None:
    lecture(tmp_path / "a.srt", "another model")
    assert "--model another has no effect" in run("outline", "a.srt", "--model", "another", "-q").err
    assert "no effect" not in run("outline", "a.srt", "-q").err


def test_exit_2_for_wrong_usage(run: Run) -> None:
    for arguments in (["outline"], ["outline", "nothing.srt"], ["outlin"], ["get", "x", "--format", "odt"], ["wait"]):
        ran = run(*arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert "Usage:" in ran.err


def test_what_cannot_be_meant_is_said_before_anything_is_asked_of_a_server(run: Run, tmp_path: Path) -> None:
    lecture(tmp_path / "a.srt", "addresses")
    (tmp_path / "notes").write_text("mine")
    for arguments, said in (
        (["status", "--server", "nonsense"], "'nonsense' is no address. Give it whole, such as http://"),
        (["outline", "a.srt", "-o", "notes"], "-o names a folder."),
        (["export", "bat_1", "-o", "."], "is a folder. -o names the file in it."),
        (["retry", "bat_1", "--budget", "1", "--no-budget"], "contradict each other"),
    ):
        ran = run(*arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert said in ran.err


def test_exit_3_for_lectures_that_did_not_end_well_and_retry_mends_it(run: Run, here: Here, tmp_path: Path) -> None:
    lecture(tmp_path / "a.srt", "cancelling")
    here.model.latency = NEVER
    batch = submitted(run, "a.srt")
    id = json.loads(run("status", batch, "--json").out)["id"]
    assert json.loads(run("cancel", batch, "--json").out)["state"] == "cancelled"
    assert "Nothing was cancelled: all of it had ended already." in run("cancel", batch).err
    watched = run("wait", batch)
    assert watched.code == 3
    here.model.latency = 0.0
    again = run("retry", batch)
    assert again.out.startswith(f"{id}  ")
    assert f"1 lecture taken up again. To watch: kapitola wait {batch}" in again.err
    assert run("wait", batch).code == 0
    assert run("retry", id).code == 6  # there is nothing to retry
    again = run("retry", batch)
    assert (again.code, again.out) == (0, "")
    assert f"{batch}: No lecture of this batch ended incomplete, failed or cancelled." in again.err


def test_chunks_that_were_stood_in_for_are_asked_for_once_more_if_that_is_wished(
    run: Run, here: Here, tmp_path: Path
) -> None:
    here.model.answers = lambda _purpose, _request: ("I would rather talk about the weather.", "stop")
    lecture(tmp_path / "a.srt", "standing in")
    batch = submitted(run, "a.srt")
    assert run("wait", batch, "-q").code == 0
    id = json.loads(run("status", batch, "--json").out)["id"]
    assert "Outlined by the offline model instead" in run("get", id).out
    here.model.answers = None
    assert "No lecture of this batch ended" in run("retry", batch).err
    assert run("retry", batch, "--stand-ins", "--json").out.count(id) == 1
    assert run("wait", batch, "-q").code == 0
    assert "Outlined by stand-in from" in run("get", id).out
    again = run("retry", batch, "--stand-ins")
    assert (again.out, "no chunk was stood in for" in again.err) == ("", True)
    assert "none failed" in run("retry", id, "--stand-ins").err


def test_exit_5_where_no_server_answers(run: Run) -> None:
    ran = run("status", "--server", "http://127.0.0.1:9")
    assert (ran.code, ran.out) == (5, "")
    assert "No Kapitola answers at http://127.0.0.1:9 (Connection refused). Is it running?" in ran.err


def test_exit_6_for_files_and_ids_that_are_refused(run: Run, tmp_path: Path) -> None:
    lecture(tmp_path / "good.srt", "a good file")
    (tmp_path / "empty.srt").write_text("")
    (tmp_path / "page.srt").write_text("<!doctype html><html><body>Not found</body></html>")
    ran = run("outline", "empty.srt", "good.srt", "page.srt", "-o", "out")
    assert ran.code == 6
    assert ran.err.index("empty.srt") < ran.err.index("page.srt")
    assert Path("out/good.json").exists()
    assert run("submit", "page.srt", "empty.srt").code == 6
    assert run("status", "bat_00000000000000000000").code == 6
    assert "There is no batch course: the id of a batch begins with bat_." in run("status", "course").err
    assert run("get", "lec_00000000000000000000").code == 6
    assert "that is the id of a batch" in run("get", submitted(run, "good.srt")).err


def test_exit_7_where_time_runs_out_and_the_command_to_go_on(run: Run, here: Here, tmp_path: Path) -> None:
    lecture(tmp_path / "a.srt", "patience")
    here.model.latency = NEVER
    ran = run("outline", "a.srt", "--timeout", "0.5")
    assert ran.code == 7
    resume = ran.err.split("To watch them: ")[1].split()
    assert resume[:2] == ["kapitola", "wait"]
    late = run(*resume[1:], "--timeout", "0.2")
    assert late.code == 7
    assert "To go on waiting: kapitola wait bat_" in late.err
    run("cancel", json.loads(run("status", resume[2], "--json").out)["id"])


def test_exit_130_for_ctrl_c_and_a_server_goes_on(here: Here, run: Run, tmp_path: Path) -> None:
    lecture(tmp_path / "a.srt", "interruption")
    here.model.latency = NEVER
    command = subprocess.Popen(
        [str(KAPITOLA), "outline", "a.srt", "--server", here.url], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    with Kapitola(here.url) as client:
        while not (found := [each for each in client.lectures(1) if each.name == "a.srt" and not each.ended]):
            assert command.poll() is None
        while client.lecture(found[0].id).state is not LectureState.RUNNING:
            assert command.poll() is None
        command.send_signal(signal.SIGINT)
        out, err = command.communicate(timeout=60)
        assert (command.returncode, out) == (130, "")
        assert f"kapitola wait {found[0].batch} --server {here.url}" in err
        assert client.lecture(found[0].id).state is LectureState.RUNNING
        client.cancel(found[0].id)


def test_a_reader_who_has_had_enough_is_no_error(here: Here, run: Run, tmp_path: Path) -> None:
    batch = submitted(run, lecture(tmp_path / "a.srt", "a broken pipe"))
    pipeline = f"'{KAPITOLA}' status {batch} --server {here.url} | true"
    ended = subprocess.run(["sh", "-c", pipeline], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stderr == ""


def test_hostile_names_do_no_harm(run: Run, tmp_path: Path) -> None:
    for name in (b"\xff lekce.srt", b"\x1b[31mred\x07.srt", b"[bold]x[red].srt", b"l" * 240 + b".srt"):
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/in/" + name))
        lecture(path, f"names of {len(name)} bytes")
    ran = run("outline", "in", "-o", "out", "--show")
    assert ran.code == 0, ran.err
    assert len(list(Path("out").glob("*.json"))) in (4, 5)  # with or without hidden files
    assert "\x1b[31mred" not in ran.out + ran.err
    assert "\x07" not in ran.out + ran.err
    assert "[bold]x[red].srt" in ran.out


@pytest.mark.parametrize("arguments", [["--no-color"], []])
def test_colours_are_left_out_where_they_are_not_wanted(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    lecture(tmp_path / "a.srt", "colours")
    monkeypatch.setenv("FORCE_COLOR", "1")
    if not arguments:
        monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[36m" not in run("outline", "a.srt", "-q", *arguments).out
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[36m" in run("outline", "a.srt", "-q").out
