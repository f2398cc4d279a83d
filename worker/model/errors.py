"""Why no reply came. What follows from each error is in its type: nobody reads its message to decide.

| error | whose fault | what follows |
| --- | --- | --- |
| ModelBusyError | nobody's | the chunk waits; not an attempt; every worker pauses for that endpoint |
| ModelUnavailableError | the server's | the chunk waits; not an attempt |
| ModelReplyError | the reply's | an attempt: the chunk is asked again, a bounded number of times |
| PromptTooLongError | the chunk's size | the chunk fails by name: asking again gives the same |
| ModelMisconfiguredError | the configuration's | nothing is sent until a person mends it; the message says how |
"""

from __future__ import annotations

from typing import ClassVar

from shared.errors import KapitolaError


class ModelError(KapitolaError):
    """No reply came."""

    code = "model"
    transient: ClassVar[bool] = False
    """Whether asking again, the same or later, may bring a reply."""

    def __init__(self, endpoint: str, problem: str, retry_after_ms: int = 0) -> None:
        super().__init__(endpoint, problem, retry_after_ms)
        self.endpoint, self.problem, self.retry_after_ms = endpoint, problem, retry_after_ms

    def __str__(self) -> str:
        return f"{self.endpoint}: {self.problem}"


class ModelBusyError(ModelError):
    """The server answered 429. `retry_after_ms` says for how long every worker leaves the endpoint alone."""

    code = "model-busy"
    transient = True


class ModelUnavailableError(ModelError):
    """The server could not be reached, broke off, answered 5xx or ran out of time. It may be well soon."""

    code = "model-unavailable"
    transient = True


class ModelReplyError(ModelError):
    """The answer holds no reply: no choices, a web page, rubbish, more than the byte limit."""

    code = "model-reply"
    transient = True


class PromptTooLongError(ModelError):
    """The prompt does not fit the model's context. Smaller chunks, or a model with a larger context, would."""

    code = "prompt-too-long"


class ModelMisconfiguredError(ModelError):
    """The key, the model's name, the address or the account is wrong, and stays so until a person mends it."""

    code = "model-misconfigured"
