"""What can go wrong on purpose: each refusal has a status, and a code that a client can act on."""

from collections.abc import Mapping, Sequence
from typing import TypedDict


class FieldError(TypedDict):
    code: str
    message: str


FieldErrors = Mapping[str, Sequence[FieldError]]


class DomainError(Exception):
    """A rule was broken, or a thing is not there. Answered as problem details (RFC 9457)."""

    status = 400
    code = "invalid"
    title = "The request cannot be carried out"

    def __init__(
        self, detail: str = "", *, code: str = "", errors: FieldErrors | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.code = code or self.code
        self.errors = errors or {}
        self.retry_after = retry_after


class Invalid(DomainError):
    """The input is well-formed and wrong."""

    status = 422
    title = "Some fields are not right"

    @classmethod
    def field(cls, name: str, message: str, *, code: str = "invalid") -> "Invalid":
        return cls(message, errors={name: [{"code": code, "message": message}]})


class NotFound(DomainError):
    """Not there, or not for this person to know: the two are one answer."""

    status = 404
    code = "not_found"
    title = "Not found"


class Forbidden(DomainError):
    """This person may know of the thing, and may not do this to it."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class Conflict(DomainError):
    """The thing is not in the state that this act needs."""

    status = 409
    code = "conflict"
    title = "Not possible in the present state"


class TooLarge(DomainError):
    """More bytes than are read here."""

    status = 413
    code = "too_large"
    title = "The request is too large"


class TooMany(DomainError):
    """A limit is reached; `retry_after` (seconds) says when to come back."""

    status = 429
    code = "rate_limited"
    title = "A limit is reached"


class Unavailable(DomainError):
    """An engine behind the service does not answer; nothing was done."""

    status = 503
    code = "unavailable"
    title = "Try again in a moment"
