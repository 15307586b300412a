"""What goes wrong, in sentences: services raise these, and each door renders them once."""

from typing import Any


class DomainError(Exception):
    """A refusal with a stable `code`, an HTTP `status`, and a sentence that says what is wrong and what to do next.

    `extra` holds further members for the problem document. Neither holds anything that the caller may not see.
    """

    code: str = "invalid"
    status: int = 400
    title: str = "The request cannot be carried out"
    sentence: str = "The request cannot be carried out."

    def __init__(self, detail: str = "", **extra: Any) -> None:
        self.detail = detail or self.sentence
        self.extra = extra
        super().__init__(self.detail)


class Invalid(DomainError):
    """Something in the request is malformed; `errors` names the fields."""

    title = "The request is malformed"
    sentence = "Some of the values cannot be used; see “errors”."

    def __init__(self, detail: str = "", *, errors: dict[str, list[str]] | None = None, **extra: Any) -> None:
        super().__init__(detail, errors=errors or {}, **extra)

    @classmethod
    def field(cls, name: str, sentence: str) -> "Invalid":
        """Return the refusal of one field."""
        return cls(errors={name: [sentence]})


class NotFound(DomainError):
    """There is no such thing, or it is none of the caller's business: the two look alike."""

    code, status, title = "not-found", 404, "Not found"
    sentence = "There is nothing here under that identifier, or it is not yours to see."


class NotPermitted(DomainError):
    """The caller is known and may not do this."""

    code, status, title = "not-permitted", 403, "Not permitted"
    sentence = "Your role does not allow this."


class VersionRequired(DomainError):
    """A change must say which version it was made against (RFC 6585, 3)."""

    code, status, title = "version-required", 428, "The version is missing"
    sentence = 'Send the version that you last saw, as If-Match: "v3" or as "version": 3 in the body.'


class VersionConflict(DomainError):
    """Somebody else changed it first. `current` is the thing as it is now; `status` depends on where the version stood."""

    code, status, title = "version-conflict", 409, "Somebody else changed this first"
    sentence = "Read “current”, apply your change to it again and retry, three times at most."

    def __init__(self, detail: str = "", *, by_header: bool = False, **extra: Any) -> None:
        super().__init__(detail, **extra)
        if by_header:
            self.status = 412  # RFC 9110, 13.1.1: a failed If-Match


class TryAgain(DomainError):
    """The database did not answer in time; nothing was written."""

    code, status, title = "try-again", 503, "Try again in a moment"
    sentence = "The system is busy. Nothing was booked or changed; send the same request again."

    def __init__(self, detail: str = "", *, retry_after: int = 1, **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.retry_after = retry_after
