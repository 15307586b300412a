"""What overruling a breaker refuses."""

from mediconnect.errors import DomainError


class ReasonMissing(DomainError):
    """Whoever overrules a breaker says why."""

    code = "reason-missing"
    status = 422
    title = "Say why"
    sentence = "A breaker is forced or reset with a reason, for whoever looks at it next."


class NoSuchBreaker(DomainError):
    """A name that no breaker has: to force it would do nothing, and look as if it did."""

    code = "no-such-breaker"
    status = 404
    title = "No such breaker"
    sentence = "No breaker has that name."
