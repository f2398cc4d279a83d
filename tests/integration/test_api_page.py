"""What the page is made of, as the server gives it: nothing that could run but our own files, and never an old one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import httpx2
import pytest
from front_door import FrontDoor, front_door

from api.routes import page
from shared.lecture import Options

PARTS = sorted(file.name for file in (files("api") / "page").iterdir() if file.name != "index.html")
MADE = "choices.js"


@pytest.fixture(scope="module")
def door(redis_server_url: str) -> Iterator[FrontDoor]:
    with front_door(redis_server_url) as opened:
        yield opened


def part(name: str) -> str:
    return (files("api") / "page" / name).read_text(encoding="utf-8")


def test_the_page_comes_with_a_policy_that_runs_no_text_as_code(door: FrontDoor) -> None:
    answer = door.http.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    [policy] = answer.headers.get_list("content-security-policy")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert "unsafe" not in policy and "http" not in policy and "*" not in policy and "data:" not in policy
    assert rules["trusted-types"] == rules["frame-ancestors"] == rules["form-action"] == "'none'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["link"] == '<openapi.json>; rel="service-desc"'
    assert not re.search(r"<style|<script(?! type=\"module\" src=)|\son[a-z]+=|style=", answer.text)


def test_everything_else_keeps_the_policy_that_lets_nothing_in(door: FrontDoor) -> None:
    for path in ("/v1/lectures", "/healthz", "/page/page.js", "/nothing"):
        assert door.http.get(path).headers.get_list("content-security-policy")[0].startswith("default-src 'none'; base")


@pytest.mark.parametrize("path", ["/", *(f"/page/{name}" for name in (*PARTS, MADE))])
def test_a_browser_asks_each_time_and_is_told_that_it_has_the_newest(path: str, door: FrontDoor) -> None:
    first = door.http.get(path)
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    again = door.http.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert door.http.get(path, headers={"If-None-Match": '"of-yesterday"'}).content == first.content
    head = door.http.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])


@pytest.mark.parametrize("path", ["/page/nothing.js", "/page/index.html", "/page/..%2fapp.py", "/page/%2e%2e/app.py"])
def test_there_is_nothing_beside_the_pages_own_files(path: str, door: FrontDoor) -> None:
    answer = door.http.get(path)
    assert (answer.status_code, answer.json()["title"]) == (404, "No such route")


def test_what_editors_and_file_browsers_leave_beside_them_is_no_part_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "page").mkdir()
    for name in ("index.html", "page.js", ".DS_Store", ".page.js", "page.js~", "notes"):
        (tmp_path / "page" / name).write_bytes(b"")
    monkeypatch.setattr(page, "files", lambda _: tmp_path)
    assert set(page._all_files.__wrapped__()) == {"index.html", "page.js", MADE}


def test_the_page_can_only_be_read(door: FrontDoor) -> None:
    answer = door.http.post("/", content=b"")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_every_part_is_used_and_comes_from_here(door: FrontDoor) -> None:
    whole = part("index.html") + "".join(map(part, PARTS))
    assert [name for name in PARTS if f'page/{name}"' not in whole and f'"./{name}"' not in whole] == []
    assert set(re.findall(r"https?://[^\"'\s)]+", whole)) == {"http://www.w3.org/2000/svg"}
    assert "innerHTML" not in whole and "insertAdjacentHTML" not in whole


def test_the_reference_is_of_the_api_alone(door: FrontDoor) -> None:
    assert not [path for path in door.http.get("/openapi.json").json()["paths"] if path == "/" or "page" in path]


def test_options_and_what_they_may_be_are_those_of_the_code() -> None:
    def offered(name: str) -> set[str]:
        field = re.search(rf'<select name="{name}">(.*?)</select>', part("index.html"), re.DOTALL)
        assert field is not None
        return set(re.findall(r'value="([^"]+)"', field[1]))

    fields: dict[str, Any] = Options.model_fields
    for name in ("detail", "title_style"):
        assert offered(name) == set(get_args(fields[name].annotation))
    assert set(re.findall(r' name="(\w+)"', part("index.html"))) - {"viewport"} <= set(fields)


def test_a_program_that_knows_no_page_still_gets_problems(door: FrontDoor) -> None:
    answer = httpx2.get(f"{door.url}/v2", headers={"Accept": "text/html"}, trust_env=False)
    assert answer.headers["content-type"] == "application/problem+json"
