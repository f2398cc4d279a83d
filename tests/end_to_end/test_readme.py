"""Every command of the README is run, in its order, as its reader would; so is the Python."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from cli.client import Kapitola
from cli.local import LocalStack

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "die-uhr-im-netz.vtt"
STARTED_BY_THE_FIXTURE = "kapitola up"
RUN_ELSEWHERE = {"make demo", "make test", "make check", "make format", "make docs"}
"""By those who work on it, and by CI: here make only says that it could."""


def lines() -> list[str]:
    """The commands of all shell blocks, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    return [found for block in blocks for line in block.splitlines() if (found := re.sub(r"\s+#.*", "", line).strip())]


def of(program: str) -> list[str]:
    return [line for line in lines() if line.split()[0] == program]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the README speaks of: lecture.srt, and lectures/."""
    folder = tmp_path_factory.mktemp("reader")
    cues = "".join(
        f"{n}\n00:{n // 6:02}:{n % 6 * 10:02},000 --> 00:{n // 6:02}:{n % 6 * 10:02},900\n{text}, number {n}.\n\n"
        for n, text in enumerate(["Maps are flat and the earth is round"] * 30 + ["Yeast eats sugar in the dough"] * 30)
    )
    (folder / "lectures").mkdir()
    for name in ("lecture.srt", "lectures/one.srt", "lectures/two.srt"):
        (folder / name).write_text(cues.replace("number", name))
    return folder


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    with LocalStack(tmp_path_factory.mktemp("k"), model="offline") as running:
        yield running


@pytest.fixture
def typed(stack: LocalStack, place: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a line as a shell would, beside a `kapitola up`, where the reader's folder is."""

    def run(words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=place, capture_output=True, text=True, timeout=100, check=False,
            env={
                **os.environ,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "KAPITOLA_URL": stack.url,
                "KAPITOLA_MODEL": "offline",
            },
        )  # fmt: skip

    return run


def test_every_command_is_of_a_kind_that_is_tested_here() -> None:
    kinds = {line.split()[0] for line in lines()}
    assert kinds == {"make", "kapitola", "docker", "export"}
    assert len(lines()) > 20


def test_every_kapitola_command_works_as_written(
    typed: Callable[..., subprocess.CompletedProcess[str]], stack: LocalStack, place: Path
) -> None:
    ids: dict[str, str] = {}
    for line in of("kapitola"):
        if line == STARTED_BY_THE_FIXTURE:
            continue
        ran = typed([ids.get(word, word) for word in shlex.split(line)])
        assert ran.returncode == 0, f"{line}\n{ran.stdout}\n{ran.stderr}"
        if line.startswith("kapitola submit"):
            with Kapitola(stack.url) as client:
                ids = {"BATCH": ran.stdout.strip(), "LECTURE": client.batch(ran.stdout.strip()).lectures[0].id}
    assert (place / "outlines" / "one.html").exists()
    assert (place / f"{ids['BATCH']}.zip").exists()


def test_the_python_works_as_written(typed: Callable[..., subprocess.CompletedProcess[str]], place: Path) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    assert len(program.strip().splitlines()) <= 12
    ran = typed([sys.executable, "-c", program])
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1] == "2 of 2"
    assert "\n# one\n" in (place / "one.md").read_text()


@pytest.mark.parametrize("line", of("make"))
def test_every_make_target_works_or_could(line: str) -> None:
    assert shutil.which("make"), "make is all that the README asks for"
    dry = ["-n"] if line in RUN_ELSEWHERE else []
    ran = subprocess.run(["make", *dry, *line.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout


@pytest.mark.parametrize("line", of("docker"))
def test_every_compose_command_names_what_there_is(line: str) -> None:
    """There is no Docker here: services and profiles are looked up, and the command inside is one of ours."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    words = shlex.split(line)
    assert words[:2] == ["docker", "compose"]
    for flag, value in pairwise(words):
        if flag == "--scale":
            assert value.partition("=")[0] in compose["services"]
        if flag == "--profile":
            assert any(value in service.get("profiles", ()) for service in compose["services"].values())
        if flag == "exec":
            assert value in compose["services"]


def test_what_is_exported_are_settings() -> None:
    from shared.settings import Settings

    known = {f"KAPITOLA_{name.upper()}" for name in Settings.model_fields} | {"OPENAI_API_KEY", "OPENAI_BASE_URL"}
    assert {line.split()[1].partition("=")[0] for line in of("export")} <= known


def test_the_exit_codes_are_those_of_the_code() -> None:
    from cli.outcome import Exit

    table = re.findall(r"^\| (\d+) \| ", README, re.MULTILINE)
    assert [int(code) for code in table] == sorted(Exit)
