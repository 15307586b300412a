"""Words of the account pages."""

import datetime as dt
from typing import Final

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext

register = template.Library()

# In this order: a browser also names those that it wants to be taken for.
_BROWSERS: Final = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "FxiOS/": "Firefox",
    "Firefox/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_MACHINES: Final = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS X": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """Return what people call a browser and its machine: Firefox, Windows. An unknown one is named as it names itself."""
    names = [next((name for mark, name in marks.items() if mark in user_agent), "") for marks in (_BROWSERS, _MACHINES)]
    return ", ".join(filter(None, names)) or user_agent[:40] or gettext("unknown")


@register.filter
def ago(moment: dt.datetime) -> str:
    """Write how long ago something was, in one unit: just now, 5 minutes ago. It needs nobody's time zone."""
    if timezone.now() - moment < dt.timedelta(minutes=1):
        return gettext("just now")
    return gettext("%(time)s ago") % {"time": timesince(moment, depth=1)}
