"""Words of our templates: keys of forms, times and numbers in the clinic's habit."""

import datetime as dt

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from appointments.models import Status
from mediconnect.portal.desk import Desk
from mediconnect.portal.once import new_key

register = template.Library()


@register.simple_tag
def form_key() -> SafeString:
    """Write the key by which a form that is sent twice acts once."""
    return format_html('<input type="hidden" name="key" value="{}">', new_key())


@register.filter
def clock(moment: dt.datetime | None, desk: Desk) -> str:
    """Write a time of day by the clinic's clock."""
    return moment.astimezone(desk.zone).strftime("%H:%M") if moment else ""


@register.filter
def day(moment: dt.date | dt.datetime | None, desk: Desk) -> str:
    """Write a day by the clinic's clock."""
    if isinstance(moment, dt.datetime):
        moment = moment.astimezone(desk.zone).date()
    return moment.isoformat() if moment else ""


@register.filter
def phone(number: str, desk: Desk) -> str:
    """Write a phone number as it is dialled from the clinic."""
    return number


@register.filter
def status_word(status: str) -> str:
    """Return the word for where a visit stands."""
    return _(Status(status).label)


@register.filter
def minutes(count: int) -> str:
    """Write a length of time: 45 min, 1 h 15 min."""
    hours, rest = divmod(int(count), 60)
    parts = [ngettext("%(count)d h", "%(count)d h", hours) % {"count": hours}] if hours else []
    if rest or not hours:
        parts.append(ngettext("%(count)d min", "%(count)d min", rest) % {"count": rest})
    return " ".join(parts)


@register.simple_tag(takes_context=True)
def last_undo(context: template.Context) -> dict[str, object] | None:
    """Return how the step just noticed is taken back, once."""
    undo: dict[str, object] | None = context["request"].session.pop("undo", None)
    return undo
