"""What README and docs say of the code is so: settings, commands, targets, files and words."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest
import yaml

from cli.main import kapitola
from shared.edition import PROMPTS
from worker.prompt import prompt_text

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md"))
    if path.parent.name != "exports"  # what the product writes, not what we say of it
]
SOURCES = [path for package in ("shared", "worker", "api", "cli") for path in sorted((ROOT / package).rglob("*.py"))]
MAKEFILES = [ROOT / "Makefile", *sorted((ROOT / "make").glob("*.mk"))]
COMMAND_LINE_ONLY = {"KAPITOLA_URL", "KAPITOLA_API_KEY", "KAPITOLA_HOME"}
"""Variables that the command line alone reads: docs/settings.md tells of them by hand."""
FORBIDDEN_WORDS = {"utils", "util", "common", "helpers", "helper", "manager", "service", "data", "item", "misc"}


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def shell_lines(text: str) -> Iterator[str]:
    """The lines of a document's shell blocks, without comments."""
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if stripped := re.sub(r"(^|\s)#.*", "", line).strip():
                yield stripped


def commands_in(text: str) -> Iterator[str]:
    """What the document has the reader type: its shell blocks, and `code` in its prose."""
    yield from shell_lines(text)
    yield from re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def unknown_in(line: str) -> list[str]:
    """The parts of a `kapitola` command line that the command does not know."""
    words = shlex.split(line)
    words = words[next(i for i, word in enumerate(words) if word.rpartition("/")[2] == "kapitola") + 1 :]
    command: click.Command = kapitola
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        below = command.commands.get(words[0])
        if below is None:
            return [words[0]]
        command, words = below, words[1:]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    given = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    return [word for word in given if word not in {*known, "-h", "--help"}]


@pytest.fixture(scope="module")
def regenerate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_regenerate", ROOT / "docs" / "regenerate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_settings_and_help_are_what_the_code_says(regenerate: ModuleType) -> None:
    for path, text in regenerate.documents().items():
        assert text_of(path) == text, f"{name_of(path)} is out of date: run `make docs`"


def test_every_setting_says_what_it_means() -> None:
    from shared.settings import Settings

    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_file_that_is_linked_exists(document: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", text_of(document))
    local = [link.partition("#")[0] for link in links if not re.match(r"[a-z]+:|#", link)]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_heading_that_is_linked_exists(document: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]*#[^)\s]+)\)", text_of(document)):
        file, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        target = document.parent / file if file else document
        headings = re.findall(r"^#+ (.+)$", text_of(target), re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert anchor in anchors, link


@pytest.mark.parametrize("document", [*DOCUMENTS, *SOURCES, ROOT / "docker-compose.yml"], ids=name_of)
def test_every_kapitola_command_that_is_named_exists(document: Path) -> None:
    named = [c for c in commands_in(text_of(document)) if re.match(r"(\S*/)?kapitola( |$)", c)]
    assert {command: unknown for command in named if (unknown := unknown_in(command))} == {}


@pytest.mark.parametrize("document", [*DOCUMENTS, *SOURCES], ids=name_of)
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    targets = {t for path in MAKEFILES for t in re.findall(r"^([a-z][a-z-]*):(?!=)", text_of(path), re.MULTILINE)}
    named = [match[1] for c in commands_in(text_of(document)) if (match := re.match(r"make ([a-z][a-z-]*)(?= |$)", c))]
    assert sorted(set(named) - targets) == []


def test_every_target_that_people_call_says_what_it_does() -> None:
    for path in MAKEFILES:
        phony = re.findall(r"^\.PHONY: (.+)$", text_of(path), re.MULTILINE)
        for target in " ".join(phony).split():
            assert re.search(rf"^{target}:.*## \S", text_of(path), re.MULTILINE), f"{path.name}: {target}"


@pytest.mark.parametrize("document", [*DOCUMENTS, *MAKEFILES, ROOT / "docker-compose.yml"], ids=name_of)
def test_every_variable_that_is_named_is_a_setting(document: Path, regenerate: ModuleType) -> None:
    from shared.settings import Settings

    known = {regenerate.variable(name, field) for name, field in Settings.model_fields.items()} | COMMAND_LINE_ONLY
    assert set(re.findall(r"\bKAPITOLA_[A-Z][A-Z_]+\b", text_of(document))) - known == set()


def test_the_words_of_the_glossary_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| ([A-Z][^|]+?) \|", text_of(ROOT / "docs" / "glossary.md"), re.MULTILINE)
    code = "\n".join(text_of(path) for path in SOURCES)
    words = [word for row in rows for word in row.split(", ")]
    assert len(words) >= 20
    assert [word for word in words if not re.search(rf"\b_?{word}|\b_?{word.lower()}|_{word.lower()}", code)] == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_module_or_class_is_named_with_a_word_that_says_nothing(path: Path) -> None:
    names = [path.stem, *re.findall(r"^class (\w+)", text_of(path), re.MULTILINE)]
    words = {word.lower() for name in names for word in re.findall(r"[A-Z]?[a-z]+", name)}
    assert words & FORBIDDEN_WORDS == set()


def test_every_repair_is_told_of_and_no_other() -> None:
    told = set(re.findall(r"^\| `([a-z-]+)` \|", text_of(ROOT / "docs" / "replies.md"), re.MULTILINE))
    sources = "\n".join(text_of(path) for path in sorted((ROOT / "worker").rglob("*.py")))
    named = set(re.findall(r'(?:Repair\((?:name=)?|mended\(|notes\.add\()"([a-z-]+)"', sources))
    assert len(told) > 20
    assert named - told == set()
    assert {name for name in told if f'"{name}"' not in sources} == set()


def test_compose_hands_every_setting_on(regenerate: ModuleType) -> None:
    from shared.settings import Settings

    services = yaml.safe_load(text_of(ROOT / "docker-compose.yml"))["services"]
    given = set(services["api"]["environment"]) | set(services["worker"]["environment"])
    missing = {regenerate.variable(name, field) for name, field in Settings.model_fields.items()} - given
    assert not missing, "add a line for it to the environment of api or worker (both: x-shared) in docker-compose.yml"


def test_the_edition_names_every_prompt_with_its_version() -> None:
    texts = sorted((ROOT / "worker" / "prompts").glob("*.txt"))
    assert tuple(prompt_text(path.stem)[1] for path in texts) == PROMPTS, "shared/edition.py names other versions"
