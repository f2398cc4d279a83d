"""The page, as people use it: in a real Chromium, over the real stack, or with the test itself as the worker."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from front_door import BREAD, TITLES, FrontDoor, front_door
from redis.asyncio import Redis

from cli.local import LocalStack
from shared.clients import Clients
from shared.export import FORMATS
from shared.lecture import LectureState
from tests.chromium import Chromium, Tab, chromium

pytestmark = pytest.mark.needs_chromium
EXAMPLES = Path(__file__).parents[2] / "examples"
HOSTILE = "<img src=x onerror=alert(1)>.srt"
READ = """[...document.querySelectorAll(".outline .section")].map((one) =>
    [one.querySelector(".title").textContent, one.querySelector(".time").textContent])"""
ROWS = """[...document.querySelectorAll("nav ol > li")].map((one) =>
    [one.querySelector(".name").textContent, one.querySelector(".state").textContent])"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with chromium(tmp_path_factory.mktemp("chromium") / "profile") as started:
        yield started


@contextmanager
def door_for(browser: Chromium, redis_url: str, **changes: Any) -> Iterator[FrontDoor]:
    with front_door(redis_url, **changes) as opened:
        yield opened
        browser.close_tabs()  # the server would wait for the streams that they follow


@pytest.fixture
def door(browser: Chromium, redis_url: str) -> Iterator[FrontDoor]:
    with door_for(browser, redis_url) as opened:
        yield opened


@pytest.fixture
def bread(tmp_path: Path) -> Path:
    file = tmp_path / "bread.srt"
    file.write_text(BREAD)
    return file


def hand_in(tab: Tab, *transcripts: Path) -> str:
    """Does as a person does; gives the batch's id."""
    tab.choose_files("#files", transcripts)
    tab.press("Outline them")
    tab.until("location.hash.startsWith('#bat_')")
    return str(tab.run("location.hash.slice(1)"))


def flat(sections: list[dict[str, Any]]) -> list[list[str]]:
    return [row for s in sections for row in ([s["title"], s["start_time"]], *flat(s["subsections"]))]


def test_a_lecture_is_handed_in_watched_read_and_found_again(browser: Chromium, tmp_path: Path) -> None:
    lecture, no_transcript = EXAMPLES / "how-maps-lie.srt", EXAMPLES / "README.md"
    with LocalStack(tmp_path / "k", model="offline") as stack:
        tab = browser.open(f"{stack.url}/")
        batch = hand_in(tab, lecture, no_transcript)
        tab.until("document.querySelector('.outline')")
        [row] = httpx2.get(f"{stack.url}/v1/batches/{batch}", trust_env=False).json()["lectures"]
        sections = httpx2.get(f"{stack.url}/v1/lectures/{row['id']}/outline", trust_env=False).json()
        assert tab.run(READ) == flat(sections)

        def is_whole() -> None:
            tab.until("document.querySelector('.outline')")
            text = tab.text()
            assert "1 file was refused" in text
            assert "README.md: no line of it has a start and an end time" in text
            assert "Outlined by the offline model from speech in English." in text

        is_whole()
        tab.send("Page.reload")
        is_whole()
        tab.press(sections[1]["start_time"])
        transcript = browser.opened_by_the_page("blob:")
        transcript.until("document.querySelector('.tools') && !document.querySelector('.tools').hidden")
        assert transcript.run("location.hash + document.querySelector(location.hash).textContent") == (
            f"#s-2{sections[1]['title']}"
        )
        assert transcript.run("window.opener") is None
        tab.send("Page.bringToFront")
        tab.press("Hand in more")
        tab.press("how-maps-lie.srt")
        is_whole()
        assert tab.run("localStorage.length") == 1
        assert tab.run("localStorage.getItem('kapitola-batches')") == f'["{batch}"]'
        assert tab.complaints == transcript.complaints == []


def test_many_are_watched_as_they_change_and_cancelled_and_retried(browser: Chromium, door: FrontDoor) -> None:
    batch = door.submit("one.srt", "two.srt", HOSTILE)["id"]
    tab = browser.open(f"{door.url}/#{batch}")
    tab.until("document.querySelectorAll('nav ol > li').length === 3")
    assert tab.run(ROWS) == [["one.srt", "queued"], ["two.srt", "queued"], [HOSTILE, "queued"]]
    door.work(most=2)
    tab.until(f"({ROWS})[0][1].startsWith('done')")
    door.work(LectureState.FAILED, most=1)
    tab.until(f"({ROWS})[1][1] === 'failed'")
    tab.until("document.querySelector('.why:not([hidden])')")
    assert "no sense in it" in tab.text()
    tab.press("Cancel all")
    tab.until(f"({ROWS})[2][1] === 'cancelled'")
    tab.until("document.querySelector('#spoken').textContent.includes('1 done, 1 failed, 1 cancelled')")
    tab.press("Retry what did not end well")
    tab.until(f"({ROWS}).slice(1).every(([, state]) => state.startsWith('running'))")
    door.work()
    tab.until(f"({ROWS}).every(([, state]) => state.startsWith('done'))")
    tab.run("document.querySelectorAll('nav ol a')[2].click()")
    tab.until("document.querySelector('.outline')")
    assert [title for title, _ in tab.run(READ)] == list(TITLES)
    assert tab.run("document.activeElement.textContent") == HOSTILE.removesuffix(".srt")
    assert tab.run("document.querySelectorAll('main img').length") == 0
    other = door.submit("three.srt", "four.srt")["id"]
    tab.go(f"{door.url}/#{other}")
    tab.until("document.body.innerText.includes('2 lectures')")
    tab.press("Cancel all")
    tab.until(f"({ROWS}).every(([, state]) => state === 'cancelled')")
    first = door.submit("five.srt", "six.srt")["id"]
    tab.go(f"{door.url}/#{first}")
    tab.until(f"({ROWS})[0]?.[0] === 'five.srt'")
    tab.press("Cancel all")  # of this batch, though the button looks as it did at the other
    tab.until(f"({ROWS}).every(([, state]) => state === 'cancelled')")
    assert tab.complaints == []


def test_what_is_downloaded_is_what_the_api_gives(browser: Chromium, door: FrontDoor, tmp_path: Path) -> None:
    lecture = door.done()
    batch = door.http.get(f"/v1/lectures/{lecture}").json()["batch"]
    tab = browser.open(f"{door.url}/#{batch}")
    browser.send(
        "Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path), browserContextId=tab.context
    )
    tab.press("Download")
    offered = tab.run("[...document.querySelectorAll('.menu li')].map((one) => one.textContent)")
    assert offered == [known.title for known in FORMATS.values()]
    tab.press(FORMATS["youtube"].title)
    tab.until("document.querySelector('article .status').textContent.includes('merged: “Baking”')")
    given = door.http.get(f"/v1/lectures/{lecture}/outline", params={"format": "youtube"})
    tab.wait(lambda: [file.name for file in tmp_path.iterdir()] == ["bread.youtube.txt"], "the download")
    assert (tmp_path / "bread.youtube.txt").read_bytes() == given.content
    assert tab.complaints == []


def test_sections_fold_by_the_keyboard(browser: Chromium, door: FrontDoor) -> None:
    lecture = door.done()
    outline = door.http.get(f"/v1/lectures/{lecture}/outline")
    first, second, *others = outline.json()
    nested = [{**first, "subsections": [second]}, *others]
    put = door.http.put(f"/v1/lectures/{lecture}/outline", json=nested, headers={"If-Match": outline.headers["ETag"]})
    assert put.status_code == 200
    tab = browser.open(f"{door.url}/#{door.http.get(f'/v1/lectures/{lecture}').json()['batch']}")
    tab.until("document.querySelector('.outline')")
    inner = "document.querySelector('.outline ol').checkVisibility()"
    tab.run("document.querySelector('.fold').focus()")
    assert tab.run(inner)
    tab.key("Enter")
    assert not tab.run(inner)
    assert tab.run("document.activeElement.ariaExpanded") == "false"
    tab.press("Expand all")
    assert tab.run(inner)


def test_a_dropped_folder_is_handed_in_as_the_options_say(browser: Chromium, door: FrontDoor, bread: Path) -> None:
    (bread.parent / "week 2").mkdir()
    (bread.parent / "week 2" / "salt.srt").write_text(BREAD)
    (bread.parent / "week 2" / "slides.pdf").write_bytes(b"%PDF")
    tab = browser.open(f"{door.url}/")
    tab.drop(bread.parent)
    tab.until("document.querySelector('.sum')?.textContent.startsWith('2 files')")
    chosen = {"language": "cs", "detail": "fine", "title_style": "question", "depth": 2, "glossary": ["Gluten", "pH"]}
    for name, value in chosen.items():
        typed = "\n".join(value) if isinstance(value, list) else str(value)
        tab.run(f"document.querySelector('[name={name}]').value = {typed!r}")
    tab.press("Outline them")
    tab.until("document.querySelectorAll('nav ol > li').length === 2")
    lectures = door.http.get("/v1/lectures").json()["lectures"]
    assert {lecture["name"] for lecture in lectures} == {"bread.srt", "salt.srt"}
    assert [{name: lecture["options"][name] for name in chosen} for lecture in lectures] == [chosen, chosen]
    tab.until("document.activeElement.tagName === 'H1'")
    assert tab.complaints == []


def test_a_server_that_is_away_is_waited_for(browser: Chromium, door: FrontDoor) -> None:
    tab = browser.open(f"{door.url}/#{door.submit()['id']}")
    tab.until(f"({ROWS}).length === 1")
    tab.connect(False)
    door.work()
    tab.until("document.querySelector('.trouble').textContent.includes('Trying again')")
    tab.connect(True)
    tab.until("document.querySelector('.outline')")
    tab.until("document.querySelector('.trouble').textContent === ''")
    assert [complaint for complaint in tab.complaints if "DISCONNECTED" not in complaint] == []


def test_where_streams_are_refused_the_page_polls(browser: Chromium, redis_url: str, bread: Path) -> None:
    with door_for(browser, redis_url, client_streams=1) as narrow:
        other = narrow.submit()["id"]
        with narrow.http.stream("GET", f"/v1/batches/{other}/events") as taken:
            assert taken.status_code == 200
            tab = browser.open(f"{narrow.url}/")
            hand_in(tab, bread)
            tab.wait(lambda: tab.run("true") and bool(tab.complaints), "the refusal of the stream")
            narrow.work()
            tab.until("document.querySelector('.outline')")
            asked = tab.run("performance.getEntriesByType('resource').map(({ name }) => name)")
            assert any("wait=30" in address for address in asked)
    assert [complaint for complaint in tab.complaints if "429" not in complaint] == []


def test_a_key_is_asked_for_and_stays_in_the_tab(browser: Chromium, redis_url: str, bread: Path) -> None:
    async def key() -> str:
        async with Redis.from_url(redis_url) as redis:
            return (await Clients(redis).create_key("physics"))[0]

    with door_for(browser, redis_url) as guarded:
        given = asyncio.run(key())
        tab = browser.open(f"{guarded.url}/")
        tab.until("document.querySelector('#key').checkVisibility()")
        assert "kapitola keys create NAME" in tab.text()

        def show(shown: str) -> None:
            tab.run(f"document.querySelector('#key-field').value = {shown!r}")
            tab.press("Use it")

        show("kap_…")  # no header can carry it
        assert tab.run("document.querySelector('#key-field').validity.patternMismatch")
        show("kap_wrong")
        tab.until("document.body.innerText.includes('does not know the key')")
        show(given)
        tab.until("!document.querySelector('#key').checkVisibility()")
        hand_in(tab, bread)
        guarded.work()
        tab.until("document.querySelector('.outline')")
        tab.send("Page.reload")
        tab.until("document.querySelector('.outline')")
        assert given not in tab.run("JSON.stringify(localStorage) + document.cookie + location.href")
        tab.press("Forget the key")
        tab.until("document.querySelector('#key').checkVisibility()")
        assert given not in tab.run("JSON.stringify(sessionStorage)")
        assert not tab.run("Boolean(document.querySelector('.outline')?.checkVisibility())")


def test_a_batch_that_is_gone_is_said_to_be_and_forgotten(browser: Chromium, door: FrontDoor, bread: Path) -> None:
    tab = browser.open(f"{door.url}/")
    batch = hand_in(tab, bread)
    assert door.http.delete(f"/v1/batches/{batch}").status_code == 204
    tab.until("document.body.innerText.includes('was removed')")
    tab.press("To the start")
    tab.until("document.querySelector('#start').checkVisibility()")
    assert tab.run("localStorage.getItem('kapitola-batches')") == "[]"


def test_a_lecture_that_is_gone_takes_no_other_along(browser: Chromium, door: FrontDoor) -> None:
    batch = door.submit("one.srt", "two.srt")
    door.work()
    tab = browser.open(f"{door.url}/#{batch['id']}")
    tab.until(f"({ROWS}).every(([, state]) => state.startsWith('done'))")
    gone = next(lecture["id"] for lecture in batch["lectures"] if lecture["name"] == "one.srt")
    assert door.http.delete(f"/v1/lectures/{gone}").status_code == 204
    tab.run("document.querySelector('nav ol a').click()")
    tab.until("document.body.innerText.includes('was removed')")
    tab.until("document.querySelector('nav ol .name, article h1')?.textContent.startsWith('two')")
    tab.until("document.querySelector('.outline')")


HOLD_BACK = """(() => {
    const asks = fetch;
    window.held = new Promise((done) => { window.letGo = done; });
    window.fetch = async (url, options) => {
        const answer = await asks(url, options);
        if (!String(url).includes(ID)) return answer;
        const text = await answer.text();
        await held;
        window.isGiven = true;
        return new Response(text, answer);
    };
})()"""


def test_an_outline_that_comes_late_is_not_shown_in_the_place_of_another(browser: Chromium, door: FrontDoor) -> None:
    slow, other = door.submit("slow.srt", "second.srt"), door.submit("other.srt")
    door.work()
    tab = browser.open(f"{door.url}/#{slow['id']}")
    tab.until(f"({ROWS}).length === 2")
    tab.run(HOLD_BACK.replace("ID", repr(f"lectures/{slow['lectures'][0]['id']}")))
    tab.run("document.querySelector('nav ol a').click()")
    tab.until("document.querySelector('article h1')")
    tab.go(f"{door.url}/#{other['id']}")
    tab.until("document.querySelector('.outline')")
    tab.run("letGo()")
    tab.until("window.isGiven")
    tab.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert tab.run("document.querySelector('article h1').textContent") == "other"


def test_a_file_that_was_changed_since_it_was_chosen_is_told_of(
    browser: Chromium, door: FrontDoor, bread: Path
) -> None:
    tab = browser.open(f"{door.url}/")
    tab.choose_files("#files", [bread])
    tab.until("document.querySelector('.sum')")
    os.utime(bread, (0, 0))
    tab.press("Outline them")
    tab.until("document.body.innerText.includes('bread.srt: it was changed or moved since it was chosen')")
    assert door.http.get("/v1/lectures").json()["lectures"] == []


def test_where_all_files_are_refused_each_is_told_why(browser: Chromium, door: FrontDoor) -> None:
    tab = browser.open(f"{door.url}/")
    tab.choose_files("#files", [EXAMPLES / "README.md", EXAMPLES.parent / "LICENSE"])
    tab.press("Outline them")
    tab.until("document.querySelectorAll('#submission .problem li').length === 2")
    assert "README.md: no line of it has a start" in tab.text()
    assert tab.run("location.hash") == ""
