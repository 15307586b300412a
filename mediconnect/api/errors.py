"""What can be wrong with any call, whatever it asks for."""

from collections.abc import Iterable

from mediconnect.errors import DomainError


class NotAuthenticated(DomainError):
    """Nobody, or somebody no longer known."""

    code, status, title = "not-authenticated", 401, "Sign in first"
    sentence = "Send a valid access token as “Authorization: Bearer …”, or sign in to the portal."


class RateLimited(DomainError):
    """This caller has used up its minute."""

    code, status, title = "rate-limited", 429, "Too many requests"
    sentence = "You may send 100 requests a minute. Wait as long as Retry-After says, then go on."

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = max(1, retry_after)


class MethodNotAllowed(DomainError):
    """This path does not do that."""

    code, status, title = "method-not-allowed", 405, "This path does not take that method"
    sentence = "The Allow header lists the methods that this path takes."

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        super().__init__()
        self.allowed = tuple(allowed)


class UnsupportedMediaType(DomainError):
    """The body is in no format that we read."""

    code, status, title = "unsupported-media-type", 415, "The body is not JSON"
    sentence = "Send the body as application/json."


class UnreadableBody(DomainError):
    """The body cannot be parsed."""

    code, status, title = "invalid", 400, "The body cannot be read"
    sentence = "The body is not well-formed JSON in UTF-8."


class BodyTooLarge(DomainError):
    """The body is larger than any request needs."""

    code, status, title = "body-too-large", 413, "The body is too large"
    sentence = "A body may have one megabyte at most."


class Unexpected(DomainError):
    """Our mistake."""

    code, status, title = "unexpected", 500, "Something went wrong on our side"
    sentence = "Nothing of this request was kept. Send it again; if it fails again, tell us the request_id."
