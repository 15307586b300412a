"""A visit in iCalendar's words (RFC 5545): what calendars update instead of doubling."""

import datetime as dt

from django.conf import settings
from icalendar import Calendar, Event

from appointments.models import Appointment, Status


def calendar_bytes(visit: Appointment) -> tuple[str, bytes]:
    """Return the method and the content: UID from the visit's id, SEQUENCE from its version, times in UTC.

    METHOD is CANCEL after a cancellation and REQUEST before. The summary names the clinic alone, and nothing says why the
    patient comes: a calendar is shared.
    """
    cancelled = visit.status in {Status.CANCELLED, Status.NO_SHOW}
    method = "CANCEL" if cancelled else "REQUEST"
    calendar = Calendar()
    calendar.add("prodid", "-//MediConnect//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    event = Event()
    event.add("uid", f"{visit.pk}@mediconnect")
    event.add("sequence", visit.version)
    event.add("dtstamp", visit.updated_at.astimezone(dt.UTC))
    event.add("dtstart", visit.starts_at.astimezone(dt.UTC))
    event.add("dtend", visit.ends_at.astimezone(dt.UTC))
    event.add("summary", f"Visit at {visit.clinic.name}")
    event.add("location", visit.clinic.address or visit.clinic.name)
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("url", settings.PUBLIC_URL)
    event.add("organizer", f"mailto:no-reply@{settings.PUBLIC_URL.split('//')[-1].split('/')[0].split(':')[0]}")
    calendar.add_component(event)
    return method, calendar.to_ical()
