"""What a deployment should not do without."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.files, deploy=True)
def sheets_are_kept(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Return a warning where an outage would find the clinics without their day on paper."""
    if settings.DAY_SHEETS_DIR:
        return []
    return [
        checks.Warning(
            "No day sheets are kept for an outage.",
            hint="Set DAY_SHEETS_DIR to a folder that the front desk can reach without this system.",
            id="portal.W001",
        ),
    ]
