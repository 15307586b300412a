"""Every code that a message keeps, in words: what it is, where it stands, what happened to it, and why."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from notifications.models import Channel, Kind, Message, Reply, State
from notifications.rules.reasons import Why

KINDS: Final[Mapping[Kind, str]] = {
    Kind.PASSWORD_RESET: gettext_noop("New password"),
    Kind.PASSWORD_CHANGED: gettext_noop("Password changed"),
    Kind.INVITATION: gettext_noop("Invitation to an account"),
    Kind.COLLEAGUE_INVITED: gettext_noop("Invitation of a colleague"),
    Kind.ACCOUNT_CODE: gettext_noop("Code for an account"),
    Kind.EMAIL_CHECK: gettext_noop("Check of an e-mail address"),
    Kind.ADDRESS_IN_USE: gettext_noop("E-mail address has an account"),
    Kind.BOOKED: gettext_noop("Confirmation of the booking"),
    Kind.MOVED: gettext_noop("New time"),
    Kind.CANCELLED: gettext_noop("Cancellation"),
    Kind.REMINDER: gettext_noop("Reminder"),
    Kind.THANKS: gettext_noop("Thanks for confirming"),
    Kind.WILL_CALL: gettext_noop("“We will call you”"),
    Kind.PLEASE_CALL: gettext_noop("“Please call us”"),
    Kind.OFFER: gettext_noop("Offer from the waitlist"),
    Kind.OFFER_OVER: gettext_noop("Offer taken back"),
    Kind.PROPOSAL: gettext_noop("Proposal of a new time"),
    Kind.PROPOSAL_OVER: gettext_noop("Proposal taken back"),
    Kind.LATE: gettext_noop("Running late"),
    Kind.PLACE: gettext_noop("Number and place in line"),
    Kind.NOTE: gettext_noop("Note from the clinic"),
}

STATES: Final[Mapping[State, str]] = {
    State.QUEUED: gettext_noop("about to be sent"),
    State.SENDING: gettext_noop("being sent"),
    State.WAITING: gettext_noop("waits"),
    State.SENT: gettext_noop("handed over"),
    State.DELIVERED: gettext_noop("delivered"),
    State.UNDELIVERED: gettext_noop("not delivered"),
    State.SKIPPED: gettext_noop("not sent"),
    State.DEAD: gettext_noop("given up"),
    State.DISCARDED: gettext_noop("put away"),
}

CHANNELS: Final[Mapping[Channel, str]] = {
    Channel.SMS: gettext_noop("text message"),
    Channel.EMAIL: gettext_noop("e-mail"),
}

# Each follows a colon: “Not sent: the visit was cancelled.”
REASONS: Final[Mapping[str, str]] = {
    Why.QUIET_HOURS: gettext_noop("it is night where the patient is"),
    Why.HOURLY_CAP: gettext_noop("this person already got as many messages in an hour as the clinic allows"),
    Why.UNDO_WINDOW: gettext_noop("the change could still be taken back"),
    Why.RETRY: gettext_noop("the last try failed, and the next one waits a little longer"),
    Why.SERVICE_AWAY: gettext_noop("the service that carries it is out of order"),
    Why.THROTTLED: gettext_noop("messages are sent as fast as the service allows"),
    Why.RETRY_BUDGET: gettext_noop("too many messages were being tried again at once"),
    Why.LOOKING_UP: gettext_noop("nobody knows yet whether the last try was accepted"),
    Why.VISIT_CANCELLED: gettext_noop("the visit was cancelled"),
    Why.VISIT_MOVED: gettext_noop("the visit was moved, and a newer message tells the new time"),
    Why.VISIT_DISPLACED: gettext_noop("time off took the time of the visit, and another one is being found"),
    Why.VISIT_OVER: gettext_noop("the patient is here, or the visit is over"),
    Why.VISIT_BEGUN: gettext_noop("the visit has begun, or is about to"),
    Why.NOT_CANCELLED: gettext_noop("the cancellation was taken back"),
    Why.NOTHING_NEW: gettext_noop("the visit is back at the time that was told last"),
    Why.RECORD_CLOSED: gettext_noop("the patient’s record is closed"),
    Why.NO_CONSENT: gettext_noop("the patient allows no messages"),
    Why.NO_ADDRESS: gettext_noop("there is no phone number and no e-mail address to write to"),
    Why.OPTED_OUT: gettext_noop("whoever has this number or address wants no messages"),
    Why.ADDRESS_FAILS: gettext_noop("nothing arrives at this number or address"),
    Why.PART_OF_A_SERIES: gettext_noop(
        "it is a later visit of a series, of which the first one was confirmed; its reminders go out"
    ),
    Why.BEGINS_NOW: gettext_noop("the visit began too soon after it was booked to be worth a message"),
    Why.EXPIRED: gettext_noop("it came too late to be of use"),
    Why.OVERTAKEN: gettext_noop("a later reminder was due as well"),
    Why.BOOKED_LATER: gettext_noop("its time had passed when the visit was booked"),
    Why.JUST_TOLD: gettext_noop("the visit was booked or moved shortly before"),
    Why.JOINED: gettext_noop("it was told in one message with another visit of the same person"),
    Why.STEP_DROPPED: gettext_noop("the clinic took this reminder out of its plan"),
    Why.CLINIC_SENDS_NONE: gettext_noop("the clinic sends no messages of this kind"),
    Why.OFFER_ANSWERED: gettext_noop("the offer was answered in another way before"),
    Why.OFFER_RAN_OUT: gettext_noop("the time to answer the offer was over"),
    Why.OFFER_TAKEN: gettext_noop("somebody else was first to take the offered time"),
    Why.OFFER_WITHDRAWN: gettext_noop("the offer was taken back"),
    Why.PROPOSAL_ANSWERED: gettext_noop("the proposal was answered in another way before"),
    Why.PROPOSAL_RAN_OUT: gettext_noop("the time to answer the proposal was over"),
    Why.PROPOSAL_WITHDRAWN: gettext_noop("the proposal was taken back, or settled at the desk"),
    Why.NOT_IN_LINE: gettext_noop("the patient does not wait in line, or was called already"),
    Why.ATTEMPTS_USED_UP: gettext_noop("every try failed"),
    Why.REFUSED: gettext_noop("the service does not take it as it is"),
    Why.UNDELIVERABLE: gettext_noop("this number or address cannot receive it"),
    Why.CANNOT_BE_WRITTEN: gettext_noop("its words could not be put together"),
    Why.WORKER_LOST: gettext_noop("sending it broke off again and again"),
    Why.BOUNCED: gettext_noop("it came back from the address"),
    Why.COMPLAINED: gettext_noop("its recipient reported it as spam"),
    Why.DISCARDED: gettext_noop("somebody put it away"),
    Why.ASKED_BY_LINK: gettext_noop("wants to be called: said so on the page of a message’s link"),
    Why.ASKED_BY_REPLY: gettext_noop("wants to be called"),
    Why.UNCLEAR_WORDS: gettext_noop("the words were not understood, so they are left to a person"),
    Why.TWO_VISITS: gettext_noop("could mean either of two visits"),
    Why.NOTHING_ASKED: gettext_noop("answers nothing: no visit ahead was asked about"),
    Why.UNKNOWN_NUMBER: gettext_noop("this number is nobody’s that we know"),
    Why.SAYS_CANCEL: gettext_noop("no messages go there any more, but this may mean the visit: please ask"),
    Why.ASKS_FOR_HELP: gettext_noop("asks for help"),
    Why.CANNOT_BE_TAKEN: gettext_noop("says yes to a time that could not be booked: please call"),
}

MEANINGS: Final[Mapping[Reply.Meaning, str]] = {
    Reply.Meaning.CONFIRM: gettext_noop("confirms the visit"),
    Reply.Meaning.CALL: gettext_noop("wants to be called"),
    Reply.Meaning.ACCEPT: gettext_noop("takes the time"),
    Reply.Meaning.DECLINE: gettext_noop("does not take the time"),
    Reply.Meaning.STOP: gettext_noop("wants no more messages"),
    Reply.Meaning.START: gettext_noop("wants messages again"),
    Reply.Meaning.HELP: gettext_noop("asks for help"),
    Reply.Meaning.UNCLEAR: gettext_noop("not understood"),
}

# By which service a message went, as people know it.
SERVICES: Final[Mapping[str, str]] = {"twilio": "Twilio", "sendgrid": "SendGrid"}

# Begin of an error's code → what it means. The code itself stands beside it, for whoever looks it up.
_ERRORS: Final[tuple[tuple[str, str], ...]] = (
    ("timeout", gettext_noop("the service did not answer in time")),
    ("http-429", gettext_noop("the service asked to be slower")),
    ("http-4", gettext_noop("the service does not take it as it is")),
    ("http-5", gettext_noop("the service was out of order")),
    ("connection-lost", gettext_noop("the connection to the service was lost")),
    ("no-connection", gettext_noop("the service could not be reached")),
    ("dns", gettext_noop("the service could not be reached")),
    ("tls", gettext_noop("the service could not be reached")),
    ("workerlost", gettext_noop("sending it broke off")),
    ("21211", gettext_noop("this is no phone number that exists")),
    ("21610", gettext_noop("whoever has this number or address wants no messages")),
    ("21614", gettext_noop("this phone takes no text messages")),
    ("30003", gettext_noop("the phone is switched off or out of reach")),
    ("30004", gettext_noop("the phone blocks messages")),
    ("30005", gettext_noop("nobody has this number any more")),
    ("30006", gettext_noop("this phone takes no text messages")),
    ("30007", gettext_noop("the phone company held it back")),
    ("30008", gettext_noop("the phone company does not say why")),
    ("twilio", gettext_noop("the service does not take it as it is")),
    ("sendgrid-bounce", gettext_noop("the mail came back: this address does not exist")),
    ("sendgrid-blocked", gettext_noop("the recipient’s mail server did not take it")),
    ("sendgrid-dropped-bounced", gettext_noop("the mail came back: this address does not exist")),
    ("sendgrid-dropped-invalid", gettext_noop("this is no e-mail address that exists")),
    ("sendgrid-bad-address", gettext_noop("this is no e-mail address that exists")),
    ("sendgrid-dropped-spam", gettext_noop("its owner reported an earlier mail as spam")),
    ("sendgrid-dropped-unsubscribed", gettext_noop("whoever has this number or address wants no messages")),
    ("sendgrid", gettext_noop("the service does not take it as it is")),
)

# What came of asking the service about a try that nobody knew the end of.
LOOKED_UP: Final[Mapping[str, str]] = {
    "accepted": gettext_noop("it had been accepted"),
    "not_accepted": gettext_noop("it had not been accepted"),
    "nobody_knows": gettext_noop("nobody can say"),
}

_DAY: Final = 24 * 60


def kind_of(message: Message) -> str:
    """Return what the message is, a reminder with how long before the visit: “Reminder, 2 days before”."""
    word = _(KINDS[Kind(message.kind)])
    if message.lead_minutes is None:
        return word
    return _("%(kind)s, %(lead)s before") % {"kind": word, "lead": lead(message.lead_minutes)}


def lead(minutes: int) -> str:
    """Return how long before a visit: 2 days, 3 hours, 45 minutes."""
    if minutes % _DAY == 0:
        return ngettext("%(count)d day", "%(count)d days", minutes // _DAY) % {"count": minutes // _DAY}
    if minutes % 60 == 0:
        return ngettext("%(count)d hour", "%(count)d hours", minutes // 60) % {"count": minutes // 60}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes}


def state_of(state: str, via: str = "") -> str:
    """Return where a message stands; one that only the sandbox took was delivered to nobody, and that is said."""
    if via == "sandbox" and state in {State.SENT, State.DELIVERED}:
        return _("recorded by the sandbox")
    return _(STATES[State(state)])


def reason(code: str) -> str:
    """Return why, to follow a colon; an error's code is explained as far as it is known, and kept."""
    if code in REASONS:
        return _(REASONS[code])
    bare = code.lower().removeprefix("twilio-") if code[-5:].isdigit() else code.lower()
    meant = next((_(sentence) for begin, sentence in _ERRORS if bare.startswith(begin)), "")
    return _("%(meant)s (%(code)s)") % {"meant": meant, "code": code} if meant else code


def channel_word(channel: str) -> str:
    """Return how a message travels."""
    return _(CHANNELS[Channel(channel)])


def service(via: str, channel: str) -> str:
    """Return who carried it; "" for nobody."""
    return SERVICES.get(via) or {Channel.SMS: "Twilio", Channel.EMAIL: "SendGrid"}.get(Channel(channel), "")
