"""A real Chromium, driven over its DevTools protocol: a pipe in, a pipe out, one JSON message after another."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.exports.foreign import headless_chromium

PATIENCE_S = 30.0
_BEGIN = """
import fcntl, os, sys
moved = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
for number, descriptor in enumerate(moved, 3):
    os.dup2(descriptor, number)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads commands from descriptor 3 and writes to 4, whatever numbers ours have."""


class Tab:
    """One tab. What the browser complains of in it is in `complaints`: errors of scripts, refusals of the policy."""

    def __init__(self, browser: Chromium, target: str, context: str = "") -> None:
        self._browser = browser
        self.target, self.context = target, context
        self.complaints: list[str] = []
        self.session = browser.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        browser.tabs[self.session] = self
        for domain in ("Page", "Runtime", "Log", "DOM"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.send(method, self.session, **params)

    def go(self, url: str) -> None:
        """Opens `url`, or only moves within the page where nothing but its fragment is another."""
        self.send("Page.navigate", url=url)
        self.until("document.readyState === 'complete'")

    def run(self, script: str) -> Any:
        """What the expression (or promise) gives, as JSON has it."""
        told = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def until(self, script: str) -> None:
        """Waits until the expression is true of the page."""
        self.wait(lambda: self.run(f"Boolean({script})"), script)

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        """Waits until it holds."""
        end = time.monotonic() + PATIENCE_S
        while not holds():
            assert time.monotonic() < end, f"never: {what}\n{self.text()}\n{self.complaints}"
            time.sleep(0.02)

    def text(self) -> str:
        """What a reader sees."""
        return str(self.run("document.body.innerText"))

    def press(self, words: str) -> None:
        """Clicks the button, link or summary that says so, of those that are seen; waits until there is one."""
        self.until(f"""(() => {{
            const all = [...document.querySelectorAll("button, a, summary, label.button")];
            const found = all.find((one) => one.checkVisibility() && !one.disabled && one.innerText.trim() === {json.dumps(words)});
            found?.click();
            return Boolean(found);
        }})()""")  # noqa: E501

    def key(self, name: str) -> None:
        """Presses a key where the focus is."""
        text = {"Enter": "\r"}.get(name, "")
        self.send("Input.dispatchKeyEvent", type="keyDown", key=name, code=name, text=text, windowsVirtualKeyCode=13)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=name, code=name, windowsVirtualKeyCode=13)

    def choose_files(self, selector: str, files: Sequence[Path]) -> None:
        root = self.send("DOM.getDocument")["root"]["nodeId"]
        node = self.send("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.send("DOM.setFileInputFiles", nodeId=node, files=[str(file) for file in files])

    def drop(self, *files: Path) -> None:
        """Drags files and folders over the page, and lets go of them."""
        dragged = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "dragOver", "drop"):
            self.send("Input.dispatchDragEvent", type=kind, x=300, y=300, data=dragged)
            self.run("new Promise(requestAnimationFrame)")

    def connect(self, is_connected: bool) -> None:
        """Takes the network away from the tab, or gives it back."""
        self.send("Network.enable")
        rates = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.send("Network.emulateNetworkConditions", offline=not is_connected, **rates)

    def download_to(self, folder: Path) -> None:
        where = {"downloadPath": str(folder), "browserContextId": self.context}
        self._browser.send("Browser.setDownloadBehavior", behavior="allow", **where)

    def picture(self, whole: bool = False) -> bytes:
        """A PNG of what is seen, or of the whole page."""
        return base64.b64decode(self.send("Page.captureScreenshot", captureBeyondViewport=whole)["data"])


class Chromium:
    def __init__(self, process: subprocess.Popen[bytes], to: int, of: int) -> None:
        self._process, self._to, self._of = process, to, of
        self._number, self._rest = 0, b""
        self.tabs: dict[str, Tab] = {}

    def open(self, url: str = "about:blank") -> Tab:
        """A new tab, in which nothing is kept of others."""
        context = self.send("Target.createBrowserContext")["browserContextId"]
        target = self.send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        tab = Tab(self, target, context)
        tab.go(url)
        return tab

    def close_tabs(self) -> None:
        for tab in self.tabs.values():
            self.send("Target.closeTarget", targetId=tab.target)
        self.tabs.clear()

    def opened_by_the_page(self, start: str) -> Tab:
        """The tab that a page has opened, by how its address starts."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            for target in self.send("Target.getTargets")["targetInfos"]:
                if target["type"] == "page" and target["url"].startswith(start):
                    return Tab(self, target["targetId"])
            time.sleep(0.02)
        raise AssertionError(f"no tab at {start}")

    def send(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        """The answer to a command; events that come before it are taken note of."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (told := self._next()).get("id") != self._number:
            self._note(told)
        assert "error" not in told, f"{method}: {told['error']}"
        answer: dict[str, Any] = told["result"]
        return answer

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            some = os.read(self._of, 1 << 20)
            assert some, f"Chromium ended by itself ({self._process.poll()})"
            self._rest += some
        first, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        return message

    def _note(self, told: dict[str, Any]) -> None:
        tab, params = self.tabs.get(told.get("sessionId", "")), told.get("params", {})
        if tab is None:
            return
        if told["method"] == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            tab.complaints.append(details.get("exception", {}).get("description", details["text"]))
        if told["method"] == "Log.entryAdded" and params["entry"]["level"] == "error":
            tab.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """A Chromium of its own; without one installed the test is skipped, and under CI it fails."""
    command = [
        *headless_chromium(),
        "--force-prefers-reduced-motion", "--lang=en-GB", f"--user-data-dir={profile}", "--remote-debugging-pipe",
    ]  # fmt: skip
    (its_in, to), (of, its_out) = os.pipe(), os.pipe()
    begun = [sys.executable, "-IS", "-c", _BEGIN, str(its_in), str(its_out), *command]
    with (profile.parent / "chromium.log").open("wb") as log:
        process = subprocess.Popen(begun, pass_fds=(its_in, its_out), stdout=log, stderr=log)
    os.close(its_in)
    os.close(its_out)
    try:
        yield Chromium(process, to, of)
    finally:
        process.terminate()
        process.wait(20)
        os.close(to)
        os.close(of)
