"""What operations refuse, in sentences."""

from mediconnect.errors import DomainError


class CheckedJustNow(DomainError):
    """The last self-check is minutes old: another one would say the same and cost as much."""

    code, status, title = "checked-just-now", 409, "Checked a moment ago"
    sentence = "The last check is only a few minutes old. Look at what it found, or check again in a while."
