"""Start of telemetry: log format and error reports."""

from django.apps import AppConfig
from django.conf import settings

from mediconnect.telemetry import logs, reports


class TelemetryConfig(AppConfig):
    """Logs, error reports and request ids."""

    name = "mediconnect.telemetry"
    label = "telemetry"

    def ready(self) -> None:
        """Configure the loggers, and error reports where SENTRY_DSN names a receiver."""
        logs.configure()
        if settings.SENTRY_DSN:
            reports.start(settings.SENTRY_DSN)
