"""Words of our templates: keys of forms, times and numbers in the clinic's habit."""

import datetime as dt

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from appointments.models import Status
from mediconnect.habits import Habits
from mediconnect.portal.desk import Desk
from mediconnect.portal.once import new_key
from mediconnect.portal.waits import in_words

register = template.Library()


@register.simple_tag
def form_key() -> SafeString:
    """Write the key by which a form that is sent twice acts once."""
    return format_html('<input type="hidden" name="key" value="{}">', new_key())


@register.filter
def clock(moment: dt.datetime | dt.time | None, desk: Desk) -> str:
    """Write a time of day by the clinic's clock and in its habit: 9:30 AM, 09:30."""
    return desk.habits.time(moment) if moment is not None else ""


@register.filter
def precise(moment: dt.datetime, desk: Desk) -> str:
    """Write a time with its seconds: 9:30:04 AM, 09:30:04."""
    return desk.habits.precise(moment)


@register.filter
def day(moment: dt.date | dt.datetime | None, desk: Desk) -> str:
    """Write a date, an instant's by the clinic's clock: Nov 30, 2026."""
    return desk.habits.date(_local(moment, desk)) if moment else ""


@register.filter
def weekday_and_day(moment: dt.date | dt.datetime | None, desk: Desk) -> str:
    """Write a date with its weekday in full, for headings: Monday, November 30, 2026."""
    return desk.habits.day_and_date(_local(moment, desk)) if moment else ""


@register.filter
def short_day(moment: dt.date | dt.datetime | None, desk: Desk) -> str:
    """Write weekday, day and month, short: Mon, Nov 30."""
    return desk.habits.short_day(_local(moment, desk)) if moment else ""


@register.filter
def month(moment: dt.date | dt.datetime | None, desk: Desk) -> str:
    """Write the month that a date lies in: November 2026."""
    return desk.habits.month(_local(moment, desk)) if moment else ""


@register.filter
def day_and_clock(moment: dt.datetime | None, desk: Desk) -> str:
    """Write a date and a time by the clinic's clock: Nov 30, 2026, 9:30 AM."""
    return desk.habits.moment(moment) if moment else ""


def _local(moment: dt.date | dt.datetime, desk: Desk) -> dt.date:
    return moment.astimezone(desk.zone).date() if isinstance(moment, dt.datetime) else moment


@register.filter
def phone(number: str, desk: Desk) -> str:
    """Write a phone number as it is dialled from the clinic."""
    return desk.habits.phone(number) if number else ""


@register.filter
def status_word(status: str) -> str:
    """Return the word for where a visit stands."""
    return _(Status(status).label)


@register.filter
def minutes(count: int) -> str:
    """Write a length of time: 45 min, 1 h 15 min."""
    return Habits.duration(int(count))


@register.filter
def wait(seconds: int) -> str:
    """Write how long to wait: 7 seconds, 2 minutes."""
    return in_words(int(seconds))


@register.simple_tag(takes_context=True)
def last_undo(context: template.Context) -> dict[str, object] | None:
    """Return how the step just noticed is taken back, once."""
    undo: dict[str, object] | None = context["request"].session.pop("undo", None)
    return undo


@register.filter
def hour(number: int, desk: Desk) -> str:
    """Write a full hour as the edge of a calendar has it: 9 AM, 09:00."""
    return desk.habits.hour(number)


@register.filter
def local(moment: dt.datetime, desk: Desk) -> str:
    """Write a moment by the clinic's clock as addresses and forms carry it: 2026-11-30T09:30."""
    return moment.astimezone(desk.zone).strftime("%Y-%m-%dT%H:%M")


@register.filter
def words(text: str) -> list[str]:
    """Return the words of a text, for a list that a template names itself."""
    return text.split()
