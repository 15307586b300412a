"""What overruling a breaker refuses."""

from mediconnect.errors import DomainError


class ReasonMissing(DomainError):
    """Whoever overrules a breaker says why."""

    code = "reason-missing"
    status = 422
    title = "Say why"
    sentence = "A breaker is forced or reset with a reason, for whoever looks at it next."
