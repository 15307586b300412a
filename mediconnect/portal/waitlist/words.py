"""The waitlist in words: what somebody wishes for, how an offer ended, and why a time passed somebody by."""

import uuid
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.models import FreedTime, WaitlistEntry, WaitlistOffer
from appointments.rules.waitlist import Passed, Why
from mediconnect.portal.desk import Desk
from mediconnect.portal.setup.forms.messages import lead_words

STATES: Final = {
    WaitlistEntry.State.WAITING: gettext_lazy("waiting"),
    WaitlistEntry.State.OFFERED: gettext_lazy("has an offer"),
    WaitlistEntry.State.ACCEPTED: gettext_lazy("has a visit"),
    WaitlistEntry.State.WITHDRAWN: gettext_lazy("left the list"),
    WaitlistEntry.State.EXPIRED: gettext_lazy("not met in time"),
}
PRIORITIES: Final = {
    WaitlistEntry.Priority.ROUTINE: gettext_lazy("routine"),
    WaitlistEntry.Priority.SOON: gettext_lazy("soon"),
    WaitlistEntry.Priority.URGENT: gettext_lazy("urgent"),
}
OFFERS: Final = {
    WaitlistOffer.State.OFFERED: gettext_lazy("offered, no answer yet"),
    WaitlistOffer.State.ACCEPTED: gettext_lazy("said yes"),
    WaitlistOffer.State.DECLINED: gettext_lazy("said no"),
    WaitlistOffer.State.EXPIRED: gettext_lazy("did not answer in time"),
    WaitlistOffer.State.OVERTAKEN: gettext_lazy("somebody else was first"),
    WaitlistOffer.State.WITHDRAWN: gettext_lazy("taken back"),
}
TAKEN_BACK: Final = {
    Why.UNDONE: gettext_lazy("the visit that gave the time back has it again"),
    Why.LEFT: gettext_lazy("the person left the list"),
    Why.VISIT_OVER: gettext_lazy("the visit that would come sooner is not to be moved any more"),
    Why.CLOSED: gettext_lazy("the time was not to be had any more"),
}
PASSED: Final = {
    Passed.GAVE_BACK: gettext_lazy("It is the time that this person gave back."),
    Passed.HAS_OFFER: gettext_lazy("Another wish of this person had an offer."),
    Passed.NOT_SOONER: gettext_lazy("It is no sooner than the visit that this person has."),
    Passed.NOTICE: gettext_lazy("This person must know earlier before a visit."),
    Passed.OWN_VISIT: gettext_lazy("This person has another visit then."),
    Passed.QUIET_HOURS: gettext_lazy("It was night where this person is."),
    Passed.OTHERS_FIRST: gettext_lazy("Somebody before this person in the order was asked."),
    Passed.TOO_LATE: gettext_lazy("It began too soon to ask anybody."),
    Passed.NO_FIT: gettext_lazy("Too little time was left for a visit of this type."),
    Passed.NO_ROOM: gettext_lazy("No room or device was free."),
    Passed.DAY_FULL: gettext_lazy("The provider sees no more visits of this type on that day."),
}
CAUSES: Final = {
    FreedTime.Cause.CANCELLED: gettext_lazy("a visit was cancelled"),
    FreedTime.Cause.MOVED: gettext_lazy("a visit was moved"),
    FreedTime.Cause.MISSED: gettext_lazy("a patient did not come"),
    FreedTime.Cause.HOURS: gettext_lazy("hours were added"),
    FreedTime.Cause.HOLD: gettext_lazy("a hold ran out"),
}


def wish_in_words(desk: Desk, entry: WaitlistEntry, names: Mapping[uuid.UUID, str]) -> list[str]:
    """Return what would suit, each thing in a few words; `names` are the providers'."""
    habits = desk.habits
    found = [", ".join(names.get(one, "?") for one in entry.providers) or _("any provider")]
    if entry.weekdays and len(entry.weekdays) < 7:
        found.append(", ".join(habits.short_weekday_names[day] for day in habits.week if day in entry.weekdays))
    if entry.earliest_time and entry.latest_time:
        times = {"from": habits.time(entry.earliest_time), "until": habits.time(entry.latest_time)}
        found.append(_("%(from)s to %(until)s") % times)
    elif entry.earliest_time:
        found.append(_("from %(time)s") % {"time": habits.time(entry.earliest_time)})
    elif entry.latest_time:
        found.append(_("done by %(time)s") % {"time": habits.time(entry.latest_time)})
    if entry.from_date > desk.today:
        days = {"first": habits.date(entry.from_date), "last": habits.date(entry.until_date)}
        found.append(_("%(first)s to %(last)s") % days)
    else:
        found.append(_("until %(day)s") % {"day": habits.date(entry.until_date)})
    if entry.notice_minutes:
        found.append(_("told at least %(lead)s ahead") % {"lead": lead_words(entry.notice_minutes)})
    return found
