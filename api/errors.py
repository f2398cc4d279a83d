"""What a request can come to grief over, and the HTTP status that says so."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from types import MappingProxyType

from api.throttle import QuotaExceededError, ThrottledError
from shared.addresses import WebhookRefusedError
from shared.door import RedisUnfitError
from shared.errors import KapitolaError, TranscriptRefusedError, TranscriptTooLargeError
from shared.export import ExportRefusedError
from shared.ledger import ConflictError, GoneError


class UnreadableRequestError(KapitolaError):
    """The request is not in the form that it says, or holds no transcripts."""

    code = "unreadable-request"
    remedy = "Send transcripts as multipart/form-data, each as a part called `files`, or as the JSON of the reference."


class InvalidRequestError(KapitolaError):
    """A parameter, a header or a field of the body has a value that it cannot have."""

    code = "invalid-request"
    remedy = "`detail` names each of them and what it may be."


class BadCursorError(KapitolaError):
    """The cursor is none that this server gave out."""

    code = "bad-cursor"
    remedy = "Take `next` of the page before as it is, or begin at the first page, without `after`."

    def __init__(self) -> None:
        super().__init__("This cursor is not one of this list. Take `next` as it was given, or leave `after` out.")


class KeyNeededError(KapitolaError):
    """The request shows no key, and this server asks for one."""

    code = "key-needed"
    remedy = "Send `Authorization: Bearer kap_...`. An operator makes keys with `kapitola keys create NAME`."


class KeyRefusedError(KapitolaError):
    """The key that was shown does not exist, or was revoked."""

    code = "key-refused"
    remedy = "Ask the server's operator for another one."


class CrossSiteError(KapitolaError):
    """A page of another site has a browser ask this server, which needs no key from this machine."""

    code = "cross-site"
    remedy = "Programs are not affected. A page that is to use this server needs a proxy of its own, with a key."


class NotFoundError(KapitolaError):
    """There is no such lecture or batch, or it belongs to another client."""

    code = "not-found"
    remedy = "Look the id up in the list of lectures or batches; the key must be the one that handed it in."


class NoSuchRouteError(KapitolaError):
    """There is nothing at this path."""

    code = "no-such-route"
    remedy = "`/openapi.json` has all paths."


class MethodNotAllowedError(KapitolaError):
    """The path exists, but not for this method."""

    code = "method-not-allowed"
    remedy = "The header `Allow` names the methods that it takes."


class NotAcceptableError(KapitolaError):
    """There is no format of the media types that `Accept` asks for."""

    code = "not-acceptable"
    remedy = "`?format=` chooses by name; docs/exports.md lists the formats and their media types."


class TooSlowError(KapitolaError):
    """The body of the request did not arrive in time."""

    code = "too-slow"
    remedy = "Send fewer transcripts at a time, or find out what holds the connection up."


class NotYetError(KapitolaError):
    """The lecture has no outline yet, or never will: its state says which."""

    code = "no-outline"
    remedy = "Wait until the lecture is `done` or `incomplete`; where it is `failed`, `problem` says why."


class NothingToRetryError(KapitolaError):
    """The lecture has no failed chunks, or has not ended."""

    code = "nothing-to-retry"
    remedy = (
        "Only what is `incomplete`, `failed` or `cancelled` can be retried; with `?stand_ins=true`, what is `done` as "
        "well, if the offline model stood in for a chunk of it."
    )


class EditedMeanwhileError(KapitolaError):
    """The outline is not the one that `If-Match` names any more: somebody edited it, or a retry made it anew."""

    code = "edited-meanwhile"
    remedy = "Get the outline again, make the changes to that one, and put it with its ETag."


class TooLargeError(KapitolaError):
    """The request, or one transcript in it, is larger than this server takes."""

    code = "too-large"
    remedy = "Send fewer transcripts at a time. An operator may raise KAPITOLA_UPLOAD_BYTES."


class MediaTypeError(KapitolaError):
    """The body is of a type that this route does not read."""

    code = "unsupported-media-type"
    remedy = "`detail` names the types that it reads; say which with `Content-Type`."


class EditRefusedError(KapitolaError):
    """The edited outline breaks what always holds of an outline."""

    code = "edit-refused"
    remedy = "Put a list of `title`, `start_time` and `subsections`; `broken` names each place and what is wrong there."

    def __init__(self, broken: Sequence[str]) -> None:
        super().__init__(broken)
        self.broken = list(broken)

    def __str__(self) -> str:
        more = f" (and {len(self.broken) - 3} more)" if len(self.broken) > 3 else ""
        return f"The outline was left as it is: {'; '.join(self.broken[:3])}{more}."


class EditUnguardedError(KapitolaError):
    """An edit does not say which version of the outline it was made from."""

    code = "if-match-needed"
    remedy = "Send the ETag that came with the outline as `If-Match`: then nobody's edit is lost."

    def __init__(self) -> None:
        super().__init__(f"An outline is put with the ETag of the one that was edited. {self.remedy}")


class FaultError(KapitolaError):
    """A fault of Kapitola's own."""

    code = "fault"
    remedy = "Try again; if it stays, report it with what the server's log has under the `incident`."

    def __init__(self, incident: str) -> None:
        super().__init__(
            f"This is a fault of Kapitola's own. The server's log tells more of it, as incident {incident}."
        )
        self.incident = incident


class BusyError(KapitolaError):
    """The server takes in as much as it can hold, or could not finish reading. Nothing was accepted."""

    code = "busy"
    remedy = "Try again as soon as `Retry-After` says, with the same Idempotency-Key."


class RedisDownError(KapitolaError):
    """Redis does not take writes or does not answer. Nothing was accepted."""

    code = "redis-down"
    remedy = "Try again as soon as `Retry-After` says. The operator looks at Redis: `/readyz` says what is wrong."

    def __init__(self) -> None:
        super().__init__(
            "Redis does not take writes or does not answer. Nothing was accepted; try again in a few seconds."
        )


STATUS = MappingProxyType[type[KapitolaError], HTTPStatus](
    {
        UnreadableRequestError: HTTPStatus.BAD_REQUEST,
        BadCursorError: HTTPStatus.BAD_REQUEST,
        KeyNeededError: HTTPStatus.UNAUTHORIZED,
        KeyRefusedError: HTTPStatus.UNAUTHORIZED,
        CrossSiteError: HTTPStatus.FORBIDDEN,
        NotFoundError: HTTPStatus.NOT_FOUND,
        NoSuchRouteError: HTTPStatus.NOT_FOUND,
        MethodNotAllowedError: HTTPStatus.METHOD_NOT_ALLOWED,
        NotAcceptableError: HTTPStatus.NOT_ACCEPTABLE,
        TooSlowError: HTTPStatus.REQUEST_TIMEOUT,
        NotYetError: HTTPStatus.CONFLICT,
        NothingToRetryError: HTTPStatus.CONFLICT,
        ConflictError: HTTPStatus.CONFLICT,
        GoneError: HTTPStatus.GONE,
        EditedMeanwhileError: HTTPStatus.PRECONDITION_FAILED,
        TooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        TranscriptTooLargeError: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        MediaTypeError: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        InvalidRequestError: HTTPStatus.UNPROCESSABLE_ENTITY,
        TranscriptRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
        ExportRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
        EditRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
        WebhookRefusedError: HTTPStatus.UNPROCESSABLE_ENTITY,
        EditUnguardedError: HTTPStatus.PRECONDITION_REQUIRED,
        ThrottledError: HTTPStatus.TOO_MANY_REQUESTS,
        QuotaExceededError: HTTPStatus.TOO_MANY_REQUESTS,
        FaultError: HTTPStatus.INTERNAL_SERVER_ERROR,
        BusyError: HTTPStatus.SERVICE_UNAVAILABLE,
        RedisDownError: HTTPStatus.SERVICE_UNAVAILABLE,
        RedisUnfitError: HTTPStatus.SERVICE_UNAVAILABLE,
    }
)
"""How each is answered. An error that is not here is answered like its nearest ancestor, or as a fault (500)."""


def status_of(error: type[KapitolaError]) -> HTTPStatus:
    return next((STATUS[known] for known in error.__mro__ if known in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)
