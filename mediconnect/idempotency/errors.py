"""What can be wrong with a key."""

from mediconnect.errors import DomainError


class KeyRequired(DomainError):
    """The write would not be safe to repeat without a key."""

    code, status, title = "idempotency-key-required", 400, "The Idempotency-Key header is missing"
    sentence = "Send an Idempotency-Key header of 16 to 255 characters, new for each booking and the same for each retry of it."
    link = "/api/v1/docs/"


class KeyInvalid(DomainError):
    """The key is malformed, or two different ones were sent."""

    code, status, title = "idempotency-key-invalid", 400, "The Idempotency-Key header cannot be used"
    sentence = "An Idempotency-Key has 16 to 255 characters of A-Z a-z 0-9 . _ : - and is sent once."


class InProgress(DomainError):
    """The twin of this request is being worked on."""

    code, status, title = "idempotency-in-progress", 409, "The same request is being processed"
    sentence = (
        "A request with this key is being processed right now. Wait a second and send it again with the same key."
    )

    def __init__(self) -> None:
        super().__init__()
        self.retry_after = 1


class KeyReused(DomainError):
    """The key was used for something else."""

    code, status, title = "idempotency-key-reused", 422, "The key belongs to another request"
    sentence = "This Idempotency-Key was used for another path or body. Make a new key for a new request."
