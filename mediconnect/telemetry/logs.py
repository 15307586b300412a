"""Log lines as JSON: when, how grave, who says it, what, and the request it belongs to."""

import logging
import re
from typing import Final

import structlog

from mediconnect.telemetry.request_id import current_request_id


def _with_request_id(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    identifier = current_request_id()
    if identifier:
        event["request_id"] = identifier
    return event


# What follows /a/ opens somebody's visit (docs/messages.md, "The link in a message"), what follows /calendar/ a provider's
# calendar, and /screen/ a waiting room's numbers.
_LINK: Final = re.compile(r"(/(?:a|calendar|screen)/)[\w-]+")


def without_links(text: str) -> str:
    """Return the text with the token of each message's link left out."""
    return _LINK.sub(r"\1…", text)


def _without_links(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = without_links(value)
    return event


class WithoutLinks(logging.Filter):
    """For loggers that write by themselves, as the server's: leaves out the tokens of links."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let each line pass, without tokens."""
        record.msg, record.args = without_links(record.getMessage()), ()
        return True


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
            _without_links,
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
