"""A visit as an iCalendar file (RFC 5545) that calendars update instead of doubling."""

import datetime as dt

from django.conf import settings
from django.http import HttpResponse
from icalendar import Calendar, Event

from appointments.models import Appointment, Status


def calendar_file(visit: Appointment) -> HttpResponse:
    """Return the file: UID from the visit's id, SEQUENCE from its version, times in UTC, no word of why the patient comes.

    METHOD is CANCEL after a cancellation and REQUEST before. The summary names the clinic alone: a calendar is shared.
    """
    cancelled = visit.status in {Status.CANCELLED, Status.NO_SHOW}
    calendar = Calendar()
    calendar.add("prodid", "-//MediConnect//Visits//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if cancelled else "REQUEST")
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
    return HttpResponse(
        calendar.to_ical(),
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="visit-{visit.pk}.ics"',
            "Cache-Control": "no-store",
            "ETag": f'"v{visit.version}"',
        },
    )
