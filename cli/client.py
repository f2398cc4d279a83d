"""`Kapitola`: the API's Python client, which the command line itself uses."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx2

from shared.diagnosis import Diagnosis, DiagnosisState
from shared.errors import KapitolaError
from shared.lecture import Options
from shared.views import BatchView, LectureDocument, LectureView, Problem


class ServerError(KapitolaError):
    """The server could not be reached, or broke off."""

    code = "server"


class RefusedError(KapitolaError):
    """The server refused the request; `problem` is what it said, `refused` the files it would not take."""

    code = "refused"

    def __init__(self, problem: Problem, refused: Sequence[Problem] = ()) -> None:
        super().__init__(problem.detail)
        self.problem, self.refused = problem, list(refused)


class Kapitola:
    """A client of the API at `url`. Raises ServerError and RefusedError."""

    def __init__(self, url: str, timeout: float = 120.0) -> None:
        self.url = url.rstrip("/")
        self._http = httpx2.Client(base_url=self.url, timeout=timeout, trust_env=False)

    def __enter__(self) -> Kapitola:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def submit(
        self, files: Sequence[Path], options: Options | None = None, encoding: str | None = None, key: str | None = None
    ) -> BatchView:
        """Hands the files in as one batch. A repeat with the same `key` gives the same batch."""
        form = {"options": (options or Options()).model_dump_json()}
        if encoding:
            form["encoding"] = encoding
        parts = [("files", (path.name, path.read_bytes())) for path in files]
        headers = {"Idempotency-Key": key or secrets.token_hex(16)}
        answer = self._call("POST", "/v1/lectures", data=form, files=parts, headers=headers)
        return BatchView.model_validate_json(answer.content)

    def lecture(self, id: str) -> LectureDocument:
        """The lecture, with its outline once it has ended."""
        return LectureDocument.model_validate_json(self._call("GET", f"/v1/lectures/{id}").content)

    def lectures(self, most: int = 50) -> list[LectureView]:
        """The newest lectures, newest first."""
        return [
            LectureView.model_validate(row) for row in self._call("GET", "/v1/lectures", params={"most": most}).json()
        ]

    def batch(self, id: str) -> BatchView:
        return BatchView.model_validate_json(self._call("GET", f"/v1/batches/{id}").content)

    def watch(self, batch: str) -> Iterator[BatchView]:
        """The batch as it is now, and after every change, until all of it has ended."""
        seen: dict[str, str] = {}
        while True:
            answer = self._call("GET", f"/v1/batches/{batch}", params={"wait": 20}, headers=seen)
            if answer.status_code == 304:
                continue
            view = BatchView.model_validate_json(answer.content)
            seen = {"If-None-Match": answer.headers["ETag"]}
            yield view
            if view.ended:
                return

    def outline(self, id: str, format: str = "json", **options: Any) -> tuple[bytes, list[str]]:
        """The outline in `format`, and what had to be changed to obey the format's rules."""
        answer = self._call("GET", f"/v1/lectures/{id}/outline", params={"format": format, **_given(options)})
        return answer.content, list(json.loads(answer.headers.get("Kapitola-Warnings", "[]")))

    def export(self, batch: str, formats: Sequence[str], **options: Any) -> Iterator[bytes]:
        """A zip of the batch's outlines, piece by piece."""
        params = {"format": list(formats), **_given(options)}
        with self._http.stream("GET", f"/v1/batches/{batch}/export", params=params) as answer:
            if answer.status_code >= 400:
                answer.read()
                self._refused(answer)
            yield from answer.iter_bytes()

    def cancel(self, id: str) -> LectureView:
        return LectureView.model_validate_json(self._call("POST", f"/v1/lectures/{id}/cancel").content)

    def retry(self, id: str) -> LectureView:
        """Has the failed chunks of an ended lecture done again."""
        return LectureView.model_validate_json(self._call("POST", f"/v1/lectures/{id}/retry").content)

    def diagnose(self) -> Iterator[Diagnosis]:
        """Asks the workers about their models; gives what they have found out, now and again, until it is all there."""
        asked = Diagnosis.model_validate_json(self._call("POST", "/v1/diagnosis").content)
        while True:
            found = self._call("GET", f"/v1/diagnosis/{asked.id}", params={"wait": 5})
            yield (known := Diagnosis.model_validate_json(found.content))
            if known.state is DiagnosisState.DONE:
                return

    def is_ready(self) -> bool:
        try:
            return self._http.get("/readyz", timeout=2).status_code == 200
        except httpx2.TransportError:
            return False

    def _call(self, method: str, path: str, **what: Any) -> httpx2.Response:
        try:
            answer = self._http.request(method, path, **what)
        except httpx2.TransportError as error:
            raise ServerError(
                f"No Kapitola answers at {self.url} ({error}). Is it running? `kapitola up` starts one; "
                "KAPITOLA_URL or --server names another."
            ) from error
        if answer.status_code >= 400:
            self._refused(answer)
        return answer

    def _refused(self, answer: httpx2.Response) -> None:
        if answer.headers.get("content-type", "").startswith("application/problem+json"):
            body = answer.json()
            raise RefusedError(
                Problem.model_validate(body), [Problem.model_validate(r) for r in body.get("refused", ())]
            )
        raise ServerError(f"{self.url} answered {answer.status_code} and no problem document: is it a Kapitola?")


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
