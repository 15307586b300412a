"""Logs and error reports: one JSON line per fact, request id in each, no personal data in any."""

from mediconnect import env

SENTRY_DSN = env.url("SENTRY_DSN", "")
OTEL_EXPORTER_OTLP_ENDPOINT = env.url("OTEL_EXPORTER_OTLP_ENDPOINT", "")
LOG_LEVEL = env.text("LOG_LEVEL", "INFO", choices=("DEBUG", "INFO", "WARNING", "ERROR"))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "mediconnect.telemetry.logs.json_formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Django repeats every 4xx as a warning with the full path; paths may hold link tokens, so only 5xx are told.
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "WARNING"},
        # Tells of each task that it started and ended; our own heartbeat and facts say more with less.
        "django-q": {"level": "WARNING"},
        # They would show whole requests: numbers, addresses, words.
        "python_http_client": {"level": "WARNING"},
        "twilio": {"level": "WARNING"},
        "asyncio": {"level": "WARNING"},
        # SQL would show bound values.
        "django.db.backends": {"level": "WARNING"},
    },
}
# Django's own set-up would add a mail-to-admins handler and a second console one.
LOGGING_CONFIG = "logging.config.dictConfig"
