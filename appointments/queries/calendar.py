"""A visit in iCalendar's words (RFC 5545, 5546): what calendars update instead of doubling."""

import datetime as dt
from collections.abc import Iterable
from email.utils import parseaddr
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext
from icalendar import Calendar, Event

from appointments.models import Appointment, Status

_GIVEN_UP: Final = (Status.CANCELLED, Status.NO_SHOW)


def calendar_bytes(visit: Appointment, *, link: str = "") -> tuple[str, bytes]:
    """Return the method and the content: UID from the visit's id, SEQUENCE from its version, times in UTC.

    METHOD is CANCEL after a cancellation and PUBLISH before: a fact that no calendar asks anybody to accept (docs/messages.md).
    Nobody is named as invited, so whoever gets the file may put the visit into any calendar. `link` is the page where this
    visit is seen and changed, "" for none.
    The words are in the language in force; the summary names the clinic alone, and nothing says why the patient comes: a
    calendar is shared.
    """
    method = "CANCEL" if visit.status in _GIVEN_UP else "PUBLISH"
    return method, _bytes(method, [_event(visit, link)])


def calendar_of_many(visits: Iterable[Appointment]) -> bytes:
    """Return one file with an event for each visit, each as `calendar_bytes` writes it; cancelled ones say so."""
    return _bytes("PUBLISH", [_event(visit, "") for visit in visits])


def _bytes(method: str, events: Iterable[Event]) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//MediConnect//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _event(visit: Appointment, link: str) -> Event:
    cancelled, event = visit.status in _GIVEN_UP, Event()
    event.add("uid", f"{visit.pk}@mediconnect")
    event.add("sequence", visit.version)
    event.add("dtstamp", visit.updated_at.astimezone(dt.UTC))
    event.add("dtstart", visit.starts_at.astimezone(dt.UTC))
    event.add("dtend", visit.ends_at.astimezone(dt.UTC))
    event.add("summary", gettext("Visit at %(clinic)s") % {"clinic": visit.clinic.name})
    if description := _description(cancelled=cancelled, link=link):
        event.add("description", description)
    event.add("location", visit.clinic.address or visit.clinic.name)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    if link:
        event.add("url", link)
    event.add("organizer", f"mailto:{_organizer()}")
    return event


def _description(*, cancelled: bool, link: str) -> str:
    if cancelled:
        return gettext("This visit is cancelled.")
    return gettext("To see your visit or to change it, open this link: %(link)s") % {"link": link} if link else ""


def _organizer() -> str:
    """Return the address that our mail comes from; without one, one below our own name that nobody reads."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return parseaddr(settings.SENDGRID_FROM)[1] or f"no-reply@{host}"
