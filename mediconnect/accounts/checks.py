"""What a deployment may not do without."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.security, deploy=True)
def second_factor_is_asked(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Return an error where superusers and clinic admins could sign in by password alone."""
    if settings.SECOND_FACTOR_REQUIRED:
        return []
    return [
        checks.Error(
            "The second factor is off for clinic admins and superusers.",
            hint="Remove SECOND_FACTOR_REQUIRED from the environment, or set it to true.",
            id="accounts.E001",
        ),
    ]
