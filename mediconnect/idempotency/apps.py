"""Name the room of idempotency keys."""

from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    """Keys and the answers that were given for them."""

    name = "mediconnect.idempotency"
    label = "idempotency"
    verbose_name = "idempotency"
