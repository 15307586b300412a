"""Log lines as JSON: when, how grave, who says it, what, and the request it belongs to."""

from typing import Final

import structlog

from mediconnect.telemetry.request_id import current_request_id


def _with_request_id(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    identifier = current_request_id()
    if identifier:
        event["request_id"] = identifier
    return event


_PROCESSORS: Final[tuple[structlog.typing.Processor, ...]] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _with_request_id,
)


def json_formatter() -> structlog.stdlib.ProcessorFormatter:
    """Return the formatter that settings name: it renders standard library and structlog records alike."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_PROCESSORS,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
    )


def configure() -> None:
    """Make structlog's loggers speak through the standard library, so that one configuration rules both."""
    structlog.configure(
        processors=[*_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
