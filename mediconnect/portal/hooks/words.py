"""What codes of webhooks mean, in words for people."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from notifications.models import CallState, HookCall, HookEvent, PausedWhy

EVENTS: Final = {
    HookEvent.BOOKED: gettext_noop("Booked"),
    HookEvent.MOVED: gettext_noop("Moved"),
    HookEvent.CANCELLED: gettext_noop("Cancelled"),
    HookEvent.ARRIVED: gettext_noop("Arrived"),
    HookEvent.UNDONE: gettext_noop("Taken back"),
    HookEvent.PING: gettext_noop("Test"),
}

STATES: Final = {
    CallState.QUEUED: gettext_noop("On its way"),
    CallState.SENDING: gettext_noop("Being sent"),
    CallState.WAITING: gettext_noop("Waits"),
    CallState.DELIVERED: gettext_noop("Delivered"),
    CallState.DEAD: gettext_noop("Given up"),
    CallState.DISCARDED: gettext_noop("Put away"),
}

PAUSED: Final = {
    PausedWhy.BY_HAND: gettext_noop("Paused by hand. What happens meanwhile waits, for a week at most."),
    PausedWhy.UNANSWERED: gettext_noop(
        "Not begun yet: the test was not answered. Put the secret into the receiving program, then test again. "
        "What happens meanwhile waits."
    ),
    PausedWhy.GONE: gettext_noop("Paused by itself: the receiver said that it is gone for good (410)."),
    PausedWhy.FAILING: gettext_noop(
        "Paused by itself: for three days nothing was accepted. Test it, resume it, and send again what was given up."
    ),
}

_REASONS: Final = {
    "retry": gettext_noop("tried again by itself"),
    "resting": gettext_noop("the receiver is left alone for a moment"),
    "attempts-used-up": gettext_noop("eight attempts in a day failed"),
    "gone": gettext_noop("the receiver said that it is gone"),
    "unanswered": gettext_noop("the test was not answered"),
    "worker-lost": gettext_noop("it was interrupted each time"),
    "cannot-be-opened": gettext_noop("address or secret cannot be read"),
    "hook-removed": gettext_noop("the webhook was removed"),
    "by-hand": gettext_noop("put away by hand"),
    "too-old": gettext_noop("waited for more than a week"),
}

# By how a code begins; the longest that fits comes first.
_ERRORS: Final = (
    ("timeout", gettext_noop("no answer in time")),
    ("no-connection", gettext_noop("nobody answers at this address")),
    ("connection-lost", gettext_noop("the connection was lost")),
    ("dns", gettext_noop("the name is not known")),
    ("tls", gettext_noop("the certificate is not valid")),
    ("http-3", gettext_noop("it sends elsewhere, which is not followed")),
    ("http-429", gettext_noop("too many calls for the receiver")),
    ("http-4", gettext_noop("the receiver refused it")),
    ("http-5", gettext_noop("the receiver failed")),
    ("forbidden", gettext_noop("the name leads into a private network")),
    ("not-", gettext_noop("no answer that can be understood")),
    ("resting", gettext_noop("the receiver is left alone for a moment")),
)


def event_word(call: HookCall) -> str:
    """Return what a call is about."""
    return _(EVENTS[HookEvent(call.event)])


def outcome_words(call: HookCall) -> str:
    """Return what became of the last attempt and why it stands as it does; "" where there is nothing to add."""
    error = next((_(words) for start, words in _ERRORS if call.last_error.startswith(start)), "")
    if call.last_error and not error:
        error = _("something went wrong on our side")
    reason = _REASONS.get(call.reason, "")
    return "; ".join(filter(None, (error, _(reason) if reason else "")))


def test_words(call: HookCall | None) -> str:
    """Return what a test found, in a sentence."""
    if call is None:
        return _("There were many tests in the last minute. Test it again in a moment.")
    if call.state == CallState.DELIVERED:
        return _("The test was answered in %(time)d ms (%(status)d).") % {
            "time": call.last_milliseconds or 0,
            "status": call.last_status or 0,
        }
    return _("The test was not answered as it should be. The list below says how.")
