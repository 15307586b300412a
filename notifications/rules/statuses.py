"""What the services say of a message after they took it: how far it got, and what that says of the address."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .reasons import Why


class Got(enum.IntEnum):
    """How far a message got. The furthest that was ever told stands, in whatever order it is told.

    A failure is furthest of all: mail that was delivered may come back hours later, and never the other way round.
    """

    NOWHERE = 0
    TAKEN = 1  # the service has it
    ON_ITS_WAY = 2  # handed over to the carrier, or put off by the other side
    DELIVERED = 3
    FAILED = 4


class Says(enum.StrEnum):
    """What a status says of the address, whatever became of the message."""

    NOTHING = "nothing"
    FAILS = "fails"  # nothing will arrive there
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    OPTED_OUT = "opted_out"  # by the carrier's own list
    OPTED_IN = "opted_in"


@dataclass(frozen=True, slots=True)
class Status:
    """A status in our words. `word` is the service's own; `code`, of a failure, is fit for a row: `twilio-30005`."""

    got: Got
    word: str
    code: str = ""
    why: Why | None = None
    says: Says = Says.NOTHING


# https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
_TWILIO: Final[Mapping[str, Got]] = {
    "accepted": Got.TAKEN,
    "scheduled": Got.TAKEN,
    "queued": Got.TAKEN,
    "sending": Got.TAKEN,
    "sent": Got.ON_ITS_WAY,
    "delivered": Got.DELIVERED,
    "read": Got.DELIVERED,
    "undelivered": Got.FAILED,
    "failed": Got.FAILED,
    "canceled": Got.FAILED,
}

# Of the codes in https://www.twilio.com/docs/api/errors only these are about the number itself, for good: no such number
# (21211), no mobile (21614, 21635; 30006: a landline), unknown or out of service (30005), blocked by owner or carrier
# (30004). A phone that is off or away (30003), a filter that caught the message (30007), an unknown error (30008) are not.
TWILIO_FAILING: Final = frozenset({"21211", "21614", "21635", "30004", "30005", "30006"})
TWILIO_OPTED_OUT: Final = "21610"

SENDGRID_BAD_ADDRESS: Final = "sendgrid-bad-address"

# https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
_SENDGRID: Final[Mapping[str, Status]] = {
    "processed": Status(Got.TAKEN, "processed"),
    "deferred": Status(Got.ON_ITS_WAY, "deferred"),
    "delivered": Status(Got.DELIVERED, "delivered"),
    # Who reports a mail as spam has got it; nobody writes there again.
    "spamreport": Status(Got.DELIVERED, "spamreport", says=Says.COMPLAINED),
    "unsubscribe": Status(Got.DELIVERED, "unsubscribe", says=Says.UNSUBSCRIBED),
    "group_unsubscribe": Status(Got.DELIVERED, "unsubscribe", says=Says.UNSUBSCRIBED),
    "group_resubscribe": Status(Got.NOWHERE, "resubscribe", says=Says.OPTED_IN),
}

# Why SendGrid does not even try: the words with which its documentation names its own lists.
_DROPPED: Final[Mapping[str, Status]] = {
    "bounced address": Status(Got.FAILED, "dropped", "sendgrid-dropped-bounced", Why.BOUNCED, Says.FAILS),
    "invalid": Status(Got.FAILED, "dropped", "sendgrid-dropped-invalid", Why.UNDELIVERABLE, Says.FAILS),
    "spam reporting address": Status(
        Got.FAILED, "dropped", "sendgrid-dropped-spam-report", Why.COMPLAINED, Says.COMPLAINED
    ),
    "unsubscribed address": Status(
        Got.FAILED, "dropped", "sendgrid-dropped-unsubscribed", Why.OPTED_OUT, Says.UNSUBSCRIBED
    ),
}
_DROPPED_OTHERWISE: Final = Status(Got.FAILED, "dropped", "sendgrid-dropped", Why.UNDELIVERABLE)
_BOUNCED: Final = Status(Got.FAILED, "bounce", "sendgrid-bounce", Why.BOUNCED, Says.FAILS)
_BLOCKED: Final = Status(Got.FAILED, "blocked", "sendgrid-blocked", Why.BOUNCED)

_GOT: Final[Mapping[str, Got]] = {
    **_TWILIO,
    **{status.word: status.got for status in (*_SENDGRID.values(), _DROPPED_OTHERWISE, _BOUNCED, _BLOCKED)},
}


def twilio_status(status: str, error_code: str = "") -> Status | None:
    """Return what a text's `MessageStatus` and `ErrorCode` mean; None for a status that we do not know."""
    word, number = status.strip().lower(), error_code.strip()
    got = _TWILIO.get(word)
    if got is None or got is not Got.FAILED:
        return None if got is None else Status(got, word)
    known = number.isascii() and number.isdecimal() and len(number) <= 6
    code = f"twilio-{number if known else word}"
    if number == TWILIO_OPTED_OUT:
        return Status(got, word, code, Why.OPTED_OUT, Says.OPTED_OUT)
    return Status(got, word, code, Why.UNDELIVERABLE, Says.FAILS if number in TWILIO_FAILING else Says.NOTHING)


def sendgrid_status(event: str, kind: str = "", reason: str = "") -> Status | None:
    """Return what an event of a mail means, with its `type` and `reason`; None for one that says nothing of the kind.

    A bounce of type “blocked” is the other server's no to us or to this mail (a filter, a full mailbox): it says nothing
    of the address.
    """
    word = event.strip().lower()
    if word == "bounce":
        return _BLOCKED if kind.strip().lower() == "blocked" else _BOUNCED
    if word == "dropped":
        return _DROPPED.get(reason.strip().lower(), _DROPPED_OTHERWISE)
    return _SENDGRID.get(word)


def fails_for_good(code: str) -> bool:
    """Return whether a refusal at the moment of sending is about the address itself, for good.

    A region that our account may not write to, or a phone that is off, is nothing that the address must be marked for.
    """
    service, _, word = code.partition("-")
    return (service == "twilio" and word in TWILIO_FAILING) or code == SENDGRID_BAD_ADDRESS


def got_by(provider_status: str) -> Got:
    """Return how far a message got by the word that its row keeps of either service."""
    return _GOT.get(provider_status.strip().lower(), Got.NOWHERE)
