"""The HTTP under the client: a server that goes away comes back, one that says "later" is asked later."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx2

from shared.errors import KapitolaError
from shared.views import Problem

_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 8.0
"""Seconds between two attempts; each pause is twice as long as the one before it."""
_WORTH_TELLING = 2
"""Failures in a row: one may be a hiccup."""
_LATER = frozenset({429, 502, 503, 504})
"""What a server, or the proxy before it, answers when the same request may succeed a little later."""


class ServerError(KapitolaError):
    """The server could not be reached, broke off, or failed."""

    code = "server"


class RefusedError(KapitolaError):
    """The server refused the request; `problem` is what it said, `refused` the files it would not take."""

    code = "refused"

    def __init__(self, problem: Problem, refused: Sequence[Problem] = ()) -> None:
        super().__init__(problem.detail)
        self.problem, self.refused = problem, list(refused)

    def is_a(self, code: str) -> bool:
        """Whether it is the problem of docs/errors.md with this heading."""
        return self.problem.type.endswith(f"#{code}")


class KeyRefusedError(RefusedError):
    """The server asks for an API key, or does not take the one it was shown."""

    code = "key-refused"

    def __str__(self) -> str:
        told = self.problem.detail  # by Kapitola, or by a proxy that knows nothing of us
        return told if "KAPITOLA_API_KEY" in told else f"{told} The key is read from KAPITOLA_API_KEY."


def nothing_to_check() -> None:
    """A server of somebody else's: there is no process to look at."""


def nobody_to_tell(_message: str) -> None:
    """A program that wants its answer, however long it takes."""


class Connection:
    """Requests to one server. Raises ServerError, RefusedError and KeyRefusedError.

    A server that has answered before gets `patience` seconds to come back; one that never has is not waited for.
    `check` is called before each attempt, and raises where waiting would be in vain; `tell` gets a line for people when
    the waiting begins.
    """

    def __init__(
        self, url: str, api_key: str, timeout: float, patience: float, check: Callable[[], None] = nothing_to_check,
        tell: Callable[[str], None] = nobody_to_tell,
    ) -> None:  # fmt: skip
        self.url = url.rstrip("/")
        self._patience, self._check, self._tell, self._has_answered = patience, check, tell, False
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._http = httpx2.Client(base_url=self.url, timeout=timeout, headers=headers, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def request(self, method: str, path: str, *, repeat: bool = True, **what: Any) -> httpx2.Response:
        """The answer. `repeat` says that a second request would do no harm if the first was heard after all."""
        until = time.monotonic() + self._patience
        failures = 0
        for pause in _pauses():
            self._check()
            try:
                answer = self._http.request(method, path, **what)
            except httpx2.TransportError as error:
                heard = not isinstance(error, httpx2.ConnectError)
                if not self._has_answered or (heard and not repeat) or time.monotonic() + pause > until:
                    raise self._unreachable(error) from error
                if (failures := failures + 1) == _WORTH_TELLING:
                    self._tell(f"{self.url} does not answer ({_why(error)}): waiting for it to come back.")
            else:
                self._has_answered = True
                pause = max(pause, _asked_for(answer))
                if answer.status_code not in _LATER or not repeat or time.monotonic() + pause > until:
                    return self._accepted(answer)
            time.sleep(pause)
        raise AssertionError("the pauses never end")

    @contextmanager
    def stream(self, path: str, params: dict[str, Any]) -> Iterator[httpx2.Response]:
        """A long answer, piece by piece. It is not asked for again once it has begun."""
        self._check()
        try:
            with self._http.stream("GET", path, params=params) as answer:
                if answer.status_code >= 400:
                    answer.read()
                yield self._accepted(answer)
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error

    def answers(self, path: str, timeout: float) -> bool:
        """Whether a single request succeeds at once."""
        try:
            return self._http.get(path, timeout=timeout).status_code == 200
        except httpx2.TransportError:
            return False

    def _unreachable(self, error: httpx2.TransportError) -> ServerError:
        if self._has_answered:
            return ServerError(
                f"{self.url} broke off and did not come back ({_why(error)}). "
                "What it has accepted, it keeps: go on once it is back."
            )
        return ServerError(
            f"No Kapitola answers at {self.url} ({_why(error)}). Is it running? "
            "`kapitola up` starts one; KAPITOLA_URL or --server names another."
        )

    def _accepted(self, answer: httpx2.Response) -> httpx2.Response:
        """The answer, if it is none of an error."""
        if answer.status_code < 400:
            return answer
        if not answer.headers.get("content-type", "").startswith("application/problem+json"):
            raise ServerError(f"{self.url} answered {answer.status_code} and no problem document: is it a Kapitola?")
        body = answer.json()
        problem = Problem.model_validate(body)
        if answer.status_code in (401, 403):
            raise KeyRefusedError(problem)
        if answer.status_code >= 500:
            raise ServerError(f"{self.url}: {problem.detail}")
        raise RefusedError(problem, [Problem.model_validate(refused) for refused in body.get("refused", ())])


def _why(error: httpx2.TransportError) -> str:
    """What the system says, without its number."""
    return re.sub(r"^\[Errno -?\d+\] ", "", str(error)) or type(error).__name__


def _pauses() -> Iterator[float]:
    pause = _FIRST_PAUSE
    while True:
        yield pause * random.uniform(0.75, 1.25)  # noqa: S311 - so that many clients do not come back in step
        pause = min(2 * pause, _LONGEST_PAUSE)


def _asked_for(answer: httpx2.Response) -> float:
    """The seconds of `Retry-After`; 0 where there is none, or a date."""
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isdigit() else 0.0
