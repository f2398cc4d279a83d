"""`Kapitola`: the API's Python client, which the command line itself uses."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TypeVar

import httpx2
from pydantic import TypeAdapter

from cli.connection import Connection, KeyRefusedError, RefusedError, ServerError, nobody_to_tell, nothing_to_check
from shared.diagnosis import Diagnosis, DiagnosisState
from shared.lecture import Options
from shared.views import BatchPage, BatchRow, BatchView, LectureDocument, LecturePage, LectureView
from shared.webhooks import Webhook, WebhookState

__all__ = ["Kapitola", "KeyRefusedError", "RefusedError", "ServerError"]

DEFAULT_URL = "http://127.0.0.1:8000"
_PAGE = 500
"""Batches that are asked for at once."""
Given = str | Path | tuple[str, bytes]
"""A transcript to hand in: the path of a file, or a name and what the file holds."""
Budget = float | Literal["none"] | None
"""Another one for a batch, in US dollars; none at all any more; the one that it has."""
V = TypeVar("V", BatchView, LectureDocument)


class Kapitola:
    """A client of the API at `url`: KAPITOLA_URL, or this machine's, unless it is given; so with KAPITOLA_API_KEY.

    Every method may raise ServerError (no answer, or a broken one), RefusedError (the server said no, and why) and
    KeyRefusedError (the key is missing or wrong); all are KapitolaErrors. A server that is restarted meanwhile is
    waited for, up to `patience` seconds; so is one that says "too many requests". `timeout` is that of one request.
    Not to be shared by threads.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float = 120.0,
        patience: float = 60.0,
        check: Callable[[], None] = nothing_to_check,
        tell: Callable[[str], None] = nobody_to_tell,
    ) -> None:
        url = url or os.environ.get("KAPITOLA_URL") or DEFAULT_URL
        api_key = api_key if api_key is not None else os.environ.get("KAPITOLA_API_KEY", "")
        self._connection = Connection(url, api_key, timeout, patience, check, tell)
        self.url = self._connection.url

    def __enter__(self) -> Kapitola:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections to the server."""
        self._connection.close()

    def submit(
        self,
        transcripts: Sequence[Given],
        options: Options | None = None,
        encoding: str | None = None,
        key: str | None = None,
        webhook: str = "",
    ) -> BatchView:
        """Hands transcripts in as one batch, whose `refused` are the files that could not be read.

        A repeat with the same `key` gives the same batch. The address `webhook` is told of each lecture's end. Raises
        RefusedError if not one file could be read.
        """
        form = {"options": (options or Options()).model_dump_json(exclude_defaults=True)}
        if encoding:
            form["encoding"] = encoding
        if webhook:
            form["webhook"] = webhook
        parts = [("files", _part(given)) for given in transcripts]
        headers = {"Idempotency-Key": key or secrets.token_hex(16)}
        answer = self._call("POST", "/v1/lectures", data=form, files=parts, headers=headers)
        return BatchView.model_validate_json(answer.content)

    def lecture(self, id: str) -> LectureDocument:
        """The lecture, with its outline once it has ended."""
        return LectureDocument.model_validate_json(self._call("GET", f"/v1/lectures/{id}").content)

    def lectures(self, most: int = 50) -> list[LectureView]:
        """The newest lectures, newest first."""
        answer = self._call("GET", "/v1/lectures", params={"most": most})
        return LecturePage.model_validate_json(answer.content).lectures

    def batches(self) -> Iterator[BatchRow]:
        """All batches that are kept, newest first, page after page."""
        after: str | None = None
        while True:
            answer = self._call("GET", "/v1/batches", params=_given({"most": _PAGE, "after": after}))
            page = BatchPage.model_validate_json(answer.content)
            yield from page.batches
            if (after := page.next) is None:
                return

    def batch(self, id: str) -> BatchView:
        """The lectures of one submission, without their outlines."""
        return BatchView.model_validate_json(self._call("GET", f"/v1/batches/{id}").content)

    def watch(self, batch: str, every: float = 20.0) -> Iterator[BatchView]:
        """The batch as it is now, then after each change or `every` seconds, until all of it has ended."""
        yield from self._watch(f"/v1/batches/{batch}", every, BatchView)

    def watch_lecture(self, id: str, every: float = 20.0) -> Iterator[LectureDocument]:
        """The same of a single lecture."""
        yield from self._watch(f"/v1/lectures/{id}", every, LectureDocument)

    def _watch(self, path: str, every: float, kind: type[V]) -> Iterator[V]:
        answer = self._call("GET", path)
        while True:
            view = kind.model_validate_json(answer.content)
            yield view
            if view.ended:
                return
            seen = {"If-None-Match": answer.headers["ETag"]}
            later = self._call("GET", path, params={"wait": every}, headers=seen)
            answer = answer if later.status_code == httpx2.codes.NOT_MODIFIED else later

    def outline(self, id: str, format: str = "json", **options: Any) -> tuple[bytes, list[str]]:
        """The outline in `format`, and what had to be changed to obey the format's rules."""
        answer = self._call("GET", f"/v1/lectures/{id}/outline", params={"format": format, **_given(options)})
        return answer.content, list(json.loads(answer.headers.get("Kapitola-Warnings", "[]")))

    def export(self, batch: str, formats: Sequence[str], **options: Any) -> Iterator[bytes]:
        """A zip of the batch's outlines, piece by piece."""
        params = {"format": list(formats), **_given(options)}
        with self._connection.stream(f"/v1/batches/{batch}/export", params) as answer:
            yield from answer.iter_bytes()

    def cancel(self, id: str) -> LectureView:
        """Ends a lecture. One that has ended stays as it is."""
        return LectureView.model_validate_json(self._call("POST", f"/v1/lectures/{id}/cancel").content)

    def retry(self, id: str, budget: Budget = None, *, stand_ins: bool = False) -> LectureView:
        """Has the failed chunks of an ended lecture done again, within a new budget of its batch if one is given.

        With `stand_ins`, those that the offline model stood in for as well.
        """
        params = _given({"budget": budget, "stand_ins": stand_ins or None})
        answer = self._call("POST", f"/v1/lectures/{id}/retry", repeat=False, params=params)
        return LectureView.model_validate_json(answer.content)

    def retry_batch(self, id: str, budget: Budget = None, *, stand_ins: bool = False) -> list[LectureView]:
        """The same of all lectures of a batch that ended failed, incomplete or cancelled; gives those."""
        ended = {lecture.id: lecture.version for lecture in self.batch(id).lectures if lecture.ended}
        params = _given({"budget": budget, "stand_ins": stand_ins or None})
        answer = self._call("POST", f"/v1/batches/{id}/retry", repeat=False, params=params)
        lectures = BatchView.model_validate_json(answer.content).lectures
        return [lecture for lecture in lectures if ended.get(lecture.id, lecture.version) != lecture.version]

    def webhooks(self, most: int = 50, state: WebhookState | None = None) -> list[Webhook]:
        """The newest webhooks, newest first: what addresses were told, and how the delivery went."""
        answer = self._call("GET", "/v1/webhooks", params=_given({"most": most, "state": state}))
        return TypeAdapter(list[Webhook]).validate_json(answer.content)

    def replay_webhook(self, id: str) -> Webhook:
        """Has a webhook delivered again, whatever came of it before."""
        return Webhook.model_validate_json(self._call("POST", f"/v1/webhooks/{id}/replay").content)

    def diagnose(self) -> Iterator[Diagnosis]:
        """Asks the workers about their models; gives what they have found out, now and again, until it is all there."""
        asked = Diagnosis.model_validate_json(self._call("POST", "/v1/diagnosis").content)
        while True:
            found = self._call("GET", f"/v1/diagnosis/{asked.id}", params={"wait": 1})
            yield (known := Diagnosis.model_validate_json(found.content))
            if known.state is DiagnosisState.DONE:
                return

    def is_ready(self) -> bool:
        """Whether the server takes work at this moment."""
        return self._connection.answers("/readyz", timeout=2)

    def _call(self, method: str, path: str, **what: Any) -> httpx2.Response:
        return self._connection.request(method, path, **what)


def _part(given: Given) -> tuple[str, bytes]:
    name, content = given if isinstance(given, tuple) else (Path(given).name, Path(given).read_bytes())
    # A file's name is bytes: those that are no UTF-8 cannot be sent as they are.
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), content


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
