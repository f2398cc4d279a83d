"""axe looks for barriers in the page: at the start, at a batch under way, and at an outline that is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from front_door import FrontDoor, front_door

from shared.lecture import LectureState
from tests.chromium import Chromium, Tab, chromium
from tests.exports.foreign import npm_file

pytestmark = pytest.mark.needs_chromium
FOUND = "axe.run(document, {resultTypes: ['violations']}).then((found) => [found.passes.length, found.violations.map((v) => [v.id, v.nodes.slice(0, 2).map((n) => n.html)])])"  # noqa: E501


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium") / "profile") as started:
        yield started


@pytest.fixture
def door(browser: Chromium, redis_url: str) -> Iterator[FrontDoor]:
    with front_door(redis_url) as opened:
        yield opened
        browser.close_tabs()


def barriers(tab: Tab) -> list[object]:
    tab.run(npm_file("axe-core/axe.min.js").read_text(encoding="utf-8") + "; null")
    passes, violations = tab.run(FOUND)
    assert passes > 12
    return list(violations)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_barrier(scheme: str, browser: Chromium, door: FrontDoor, tmp_path: Path) -> None:
    tab = browser.open()
    tab.send("Page.setBypassCSP", enabled=True)  # axe writes into the page where it is at work
    tab.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    tab.go(f"{door.url}/")
    files = [tmp_path / "one.srt", tmp_path / "two.srt", tmp_path / "three.srt", tmp_path / "none.txt"]
    for file in files[:3]:
        file.write_text("1\n00:00:00,000 --> 00:00:09,000\nBread is flour, water, salt and time.\n")
    files[3].write_text("No transcript.")
    tab.run("document.querySelector('.options').open = true")
    tab.choose_files("#files", files)
    tab.until("document.querySelector('.sum')")
    assert barriers(tab) == []
    tab.press("Outline them")
    tab.until("document.querySelectorAll('nav ol > li').length === 3")
    door.work(most=2)
    door.work(LectureState.FAILED, most=1)
    tab.until("document.querySelector('[data-state=done]') && document.querySelector('.why:not([hidden])')")
    assert barriers(tab) == []
    tab.run("document.querySelector('[data-state=done] a').click()")
    tab.until("document.querySelector('.outline')")
    tab.press("Download")
    assert barriers(tab) == []
