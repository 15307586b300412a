"""What every channel takes and gives, so that who sends need not know by whom."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """All that a channel needs; nothing else is looked up. Printed it tells only whose row it is.

    `recipient` is a number in E.164 or an address. `valid_seconds` is how long it is still worth delivering.
    """

    message_id: uuid.UUID
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    html: str = field(repr=False)
    category: str
    language: str
    valid_seconds: int
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    unsubscribe_url: str = field(default="", repr=False)
    request_id: str = ""
    traceparent: str = ""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Accepted:
    """The service took it, which is not to say that it arrived. `segments` is what a text message was cut into, if told."""

    provider_id: str
    provider_status: str
    segments: int | None = None


class Unknowable:
    """Nobody can say now whether the service took it."""


class Undeliverable(Exception):  # a refusal, for good
    """This address can never be reached on this channel. `code` is fit for a row: `twilio-21614`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OptedOut(Exception):  # a refusal, until they say otherwise
    """The person told the carrier to stop. `code` is fit for a row: `twilio-21610`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Channel(Protocol):
    """A way out of the house. `name` is the service's, and its breaker's."""

    name: str

    def send(self, letter: Letter) -> Accepted:
        """Hand the letter over, once.

        Raises `OutsideError` children and `NotPermitted` as the gateway does, `Undeliverable` and `OptedOut`.
        """
        ...

    def look_up(self, letter: Letter, *, since: dt.datetime) -> Accepted | Unknowable | None:
        """Return what became of a letter that was handed over after `since` with an unclear outcome.

        None: the service has certainly not got it. Raises as `send` does, but for the refusals of an address.
        """
        ...
