"""Why a time is not to be had, in sentences that name whom it is about and until when."""

import datetime as dt

from django.utils.translation import gettext as _

from appointments.rules.admission import Blocked

from .desk import Desk


def why_blocked(desk: Desk, blocked: Blocked, provider: str, start: dt.datetime) -> str:
    """Return one rule that blocks a visit from beginning at `start`, as a sentence about the provider of that name."""
    until = moment_beside(desk, blocked.until, start) if blocked.until else ""
    sentences = {
        "patient_overlap": patient_elsewhere(),
        "hours": _("%(provider)s has no hours for this type of visit then."),
        "time_off": _("%(provider)s is away until %(until)s."),
        "closure": _("The clinic is closed until %(until)s.") if until else _("The clinic is closed on that day."),
        "booked": _("%(provider)s is taken until %(until)s.") if until else _("All seats are taken."),
        "buffer": _("The minutes around another visit are kept free, until %(until)s."),
        "room": _("No room or device that this visit needs is free."),
        "daily_limit": _("%(provider)s has as many visits of this type on that day as the clinic allows."),
        "held": _("Somebody is holding this time until %(until)s."),
    }
    other = _("A rule of the clinic does not allow this time.")
    return sentences.get(blocked.rule, other) % {"provider": provider, "until": until}


def patient_elsewhere() -> str:
    """Return why not even a reason helps."""
    return _("The patient has another visit then. Nobody can be in two places.")


def moment_beside(desk: Desk, moment: dt.datetime, other: dt.datetime) -> str:
    """Write a moment by the clinic's clock, with its day where that is not the other's."""
    local, beside = moment.astimezone(desk.zone), other.astimezone(desk.zone)
    time = desk.habits.time(local)
    return time if local.date() == beside.date() else f"{desk.habits.short_day(local.date())}, {time}"
