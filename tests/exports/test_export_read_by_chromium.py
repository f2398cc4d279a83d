"""Chromium reads the WebVTT chapters, draws Mermaid's map, and shows the page: one start of it for each."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shared.cues import Cue
from shared.export import ExportOptions, Source, export
from shared.export.tidy import distinct, tidy
from shared.export.titles import one_line
from shared.outline import Section, walk
from tests.exports.foreign import batch, headless_chromium, npm_file, run
from tests.exports.hostile import zipped

Ask = Callable[..., Any]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Runs the body of an async JavaScript function in a page of its own and gives what it returns.

    `given` is at hand there as GIVEN, and the files of `scripts` have run before. An error of the page is the test's.
    """

    def asked(body: str, given: object, *scripts: Path, options: tuple[str, ...] = ()) -> Any:
        page = tmp_path / "ask.html"
        loaded = "".join(f'<script src="{script.as_uri()}"></script>' for script in scripts)
        values = json.dumps(given).replace("<", "\\u003c")
        page.write_text(
            f"<!doctype html><meta charset=utf-8>{loaded}<pre id=answer></pre><script>\nconst GIVEN = {values};\n"
            f"(async () => {{{body}}})().catch((error) => ({{ failed: String(error.stack) }}))\n"
            ".then((answer) => { document.getElementById('answer').textContent = JSON.stringify(answer); });</script>",
            encoding="utf-8",
        )
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        patience = ("--virtual-time-budget=60000", "--window-size=1200,800", "--dump-dom")
        shown = run(*headless_chromium(), profile, *patience, *options, page.as_uri())
        answer = re.search(r'<pre id="answer">(.*?)</pre>', shown, re.DOTALL)
        assert answer is not None
        told = json.loads(html.unescape(answer[1]))
        assert not (isinstance(told, dict) and "failed" in told), f"the page's error: {told['failed']}"
        return told

    return asked


def tidied(source: Source) -> Source:
    return tidy(source, None, lambda _: None)


READ_TRACK = """
const read = (text) => new Promise((resolve) => {
  const video = document.createElement("video"), track = document.createElement("track");
  track.kind = "chapters";
  track.src = "data:text/vtt;charset=utf-8," + encodeURIComponent(text);
  track.onload = () => resolve([...track.track.cues].map((cue) =>
    [Math.round(cue.startTime * 1000), Math.round(cue.endTime * 1000), cue.getCueAsHTML().textContent]));
  track.onerror = () => resolve("refused");
  video.append(track);
  document.body.append(video);
  track.track.mode = "hidden";
});
return Promise.all(GIVEN.map(read));
"""


def test_a_text_track_holds_the_same_starts_ends_and_titles(ask: Ask) -> None:
    sources = batch(30)
    read = ask(READ_TRACK, [export(source, "webvtt").content.decode() for source in sources])
    for source, cues in zip(sources, read, strict=True):
        sections = [section for _, section in walk(distinct(tidied(source).sections, lambda _: None))]
        assert cues == [[s.start, s.end, s.title] for s in sections]


DRAW_MAPS = """
mermaid.initialize({ startOnLoad: false });
const drawn = [];
for (const [number, text] of GIVEN.entries()) {
  const parsed = await mermaid.parse(text);
  const { svg } = await mermaid.render("map" + number, text);
  const box = document.createElement("div");
  box.innerHTML = svg;
  drawn.push([parsed.diagramType, [...box.querySelectorAll(".node")].map((node) => node.textContent)]);
}
return drawn;
"""


def test_mermaid_parses_the_map_and_draws_the_same_titles(ask: Ask) -> None:
    sources = batch(12)
    texts = [export(source, "mermaid").content.decode() for source in sources]
    drawn = ask(DRAW_MAPS, texts, npm_file("mermaid/dist/mermaid.min.js"))
    for source, (kind, titles) in zip(sources, drawn, strict=True):
        expected = [tidied(source).name, *(section.title for _, section in walk(tidied(source).sections))]
        assert kind == "mindmap"
        assert [" ".join(title.split()) for title in titles] == expected


SHOW_PAGES = """
const show = (page) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.width = 1200;
  frame.height = 800;
  frame.srcdoc = page;
  frame.onload = () => resolve(frame.contentDocument);
  document.body.append(frame);
});
const words = (found) => [...found].map((element) => element.textContent);
const shown = [];
window.harmed = 0;
for (const page of GIVEN) {
  const seen = await show(page);
  shown.push({
    title: seen.title,
    outline: words(seen.querySelectorAll("nav a > span:first-child")),
    times: words(seen.querySelectorAll("nav a .time")),
    targets: [...seen.querySelectorAll("nav a")].map((link) => seen.getElementById(link.hash.slice(1))?.textContent),
    said: words(seen.querySelectorAll("main p .words")).join(" "),
    foreign: seen.querySelectorAll("img, iframe, form, main script, [onerror]").length,
    running: !seen.querySelector(".tools").hidden,
  });
}
return { shown, harmed: window.harmed };
"""


def test_the_page_shows_the_same_outline_and_transcript_and_runs_nothing_of_theirs(ask: Ask) -> None:
    attack = "<img src=x onerror=parent.harmed++><script>parent.harmed++</script></title></style></script>"
    sources = [replace(batch(30)[0], name=attack, cues=(Cue(1, 0, 9, attack),)), *batch(30)[1:]]
    answer = ask(SHOW_PAGES, [export(source, "html").content.decode() for source in sources])
    assert answer.get("harmed") == 0, answer
    for source, page in zip(sources, answer["shown"], strict=True):
        sections = [section for _, section in walk(tidied(source).sections)]
        assert page["title"] == tidied(source).name
        assert page["outline"] == page["targets"] == [section.title for section in sections]
        assert page["times"] == [section.start_time for section in sections]
        if source.cues:
            assert page["said"].split() == " ".join(one_line(cue.text) for cue in source.cues).split()
        assert page["foreign"] == 0
        assert page["running"], "the policy lets the page's own script run"


USE_PAGE = """
const frame = document.createElement("iframe");
frame.width = 1200;
frame.height = 800;
frame.src = GIVEN;
const loaded = new Promise((resolve) => { frame.onload = resolve; });
document.body.append(frame);
await loaded;
const page = frame.contentDocument, view = frame.contentWindow;
const until = async (held) => { for (let i = 0; i < 200 && !held(); i++) await new Promise((r) => setTimeout(r, 20)); };
const box = page.querySelector("input"), told = page.querySelector("output");
const type = async (text) => {
  const before = told.textContent;
  box.value = text;
  box.dispatchEvent(new view.Event("input"));
  await until(() => told.textContent !== before);
  return [told.textContent, page.querySelectorAll("mark").length, page.querySelectorAll("nav a[data-hits]").length];
};
const words = () => page.querySelector("main").textContent;
const whole = words();
const answer = { found: await type("RESUME"), kept: words() === whole };
box.dispatchEvent(new view.KeyboardEvent("keydown", { key: "Enter" }));
answer.next = [told.textContent, page.querySelector("mark.here").textContent];
answer.nothing = await type("zzz");
answer.cleared = await type("");
answer.same = words() === whole;
page.querySelectorAll("nav a")[40].click();
await until(() => page.querySelector("nav a[aria-current]")?.hash === "#s-41");
answer.current = page.querySelector("nav a[aria-current]").hash;
const top = () => page.getElementById("s-41").getBoundingClientRect().top;
await until(() => top() >= 0 && top() < 400);
answer.top = top();
return answer;
"""


def test_a_click_goes_to_the_place_in_the_transcript_and_search_finds_words_without_their_accents(
    ask: Ask, tmp_path: Path
) -> None:
    texts = ["My résumé is a resume." if number == 7 else f"This is sentence {number}. " * 8 for number in range(60)]
    cues = tuple(Cue(n + 1, n * 40_000, n * 40_000 + 39_000, text) for n, text in enumerate(texts))
    each = tuple(Section(title=f"Part {c.number}", start=c.start, end=c.end, cue=c.number - 1) for c in cues)
    source = Source("Lecture", cues[-1].end, "en", each, cues=cues)
    page = tmp_path / "lecture.html"
    page.write_bytes(export(source, "html").content)
    answer = ask(USE_PAGE, page.as_uri(), options=("--allow-file-access-from-files", "--force-prefers-reduced-motion"))
    assert answer["found"] == ["2 found; Enter goes to the next", 2, 1], answer
    assert answer["next"] == ["1 of 2", "résumé"]
    assert answer["nothing"] == ["Nothing found", 0, 0]
    assert answer["cleared"] == ["", 0, 0]
    assert answer["kept"]
    assert answer["same"]
    assert answer["current"] == "#s-41", str(answer)
    assert 0 <= answer["top"] < 400


USE_INDEX = """
window.harmed = 0;
const frame = document.createElement("iframe");
frame.srcdoc = GIVEN;
const loaded = new Promise((resolve) => { frame.onload = resolve; });
document.body.append(frame);
await loaded;
const page = frame.contentDocument, view = frame.contentWindow;
const words = (found) => [...found].map((element) => element.textContent);
const answer = {
  names: words(page.querySelectorAll("h2 > a > span")),
  titles: words(page.querySelectorAll("li a > span")),
};
const box = page.querySelector("input"), told = page.querySelector("output");
box.value = "ANGSTROM";
box.dispatchEvent(new view.Event("input"));
for (let i = 0; i < 200 && !told.textContent; i++) await new Promise((resolve) => setTimeout(resolve, 20));
answer.told = told.textContent;
answer.left = words(page.querySelectorAll("article:not([hidden]) li:not([hidden]) a"));
answer.harmed = window.harmed;
return answer;
"""


def test_the_index_lists_every_lecture_and_finds_their_sections(ask: Ask) -> None:
    attack = "<img src=x onerror=parent.harmed++>"
    sources = [replace(source, name=f"{attack} {number}") for number, source in enumerate(batch(5))]
    archive = zipfile.ZipFile(io.BytesIO(zipped(sources, ["html"])))
    answer = ask(USE_INDEX, archive.read("index.html").decode())
    titles = [section.title for source in sources for _, section in walk(tidied(source).sections)]
    wanted = [title for title in titles if "Ångström" in title]
    assert wanted
    assert answer["names"] == [source.name for source in sources]
    assert answer["titles"] == titles
    assert answer["left"] == wanted
    assert answer["told"].startswith(f"{len(wanted)} sections in ")
    assert answer["harmed"] == 0


JUDGE = """
const style = document.createElement("style");
style.textContent = GIVEN.style;
document.head.append(style);
document.documentElement.lang = "en";
document.title = "page";
document.body.innerHTML += GIVEN.body;
for (const tools of document.querySelectorAll(".tools")) tools.hidden = false;
for (const details of document.querySelectorAll("details")) details.open = true;
document.querySelector("nav a")?.setAttribute("aria-current", "location");
document.getElementById("answer").remove();
const found = await axe.run(document, { resultTypes: ["violations"] });
document.body.insertAdjacentHTML("beforeend", "<pre id=answer></pre>");
return {
  dark: matchMedia("(prefers-color-scheme: dark)").matches,
  passes: found.passes.length,
  violations: found.violations.map((v) => [v.id, v.nodes.slice(0, 2).map((n) => n.html)]),
};
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["lecture", "index"])
def test_axe_finds_no_barrier_in_the_pages(name: str, scheme: str, ask: Ask) -> None:
    inner = (Section(title="Inner", start=4_000, end=9_000, cue=0),)
    sections = (Section(title="Outer", start=0, end=9_000, cue=0, subsections=inner),)
    source = Source("Lecture", 9_000, "en", sections, ("A note.",), (Cue(1, 0, 9_000, "Words."),), spoken="cs")
    if name == "index":
        archive = zipfile.ZipFile(io.BytesIO(zipped([source, source], ["html"])))
        page = archive.read("index.html").decode()
    else:
        page = export(source, "html", ExportOptions(media_url="https://example.org/a.mp4")).content.decode()
    style, body = re.search(r"<style>(.*)</style>", page, re.DOTALL), re.search(r"<body>(.*)<script>", page, re.DOTALL)
    assert style is not None
    assert body is not None
    preferred = "--blink-settings=preferredColorScheme=" + ("0" if scheme == "dark" else "1")
    given = {"style": style[1], "body": body[1]}
    answer = ask(JUDGE, given, npm_file("axe-core/axe.min.js"), options=(preferred,))
    assert answer.get("violations") == [], answer
    assert answer["dark"] == (scheme == "dark")
    assert answer["passes"] > 15
