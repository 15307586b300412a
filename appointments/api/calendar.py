"""A visit as an iCalendar file to download."""

from django.http import HttpResponse

from appointments.models import Appointment
from appointments.queries.calendar import Method, calendar_bytes


def calendar_file(visit: Appointment, *, holds: Method = "REQUEST", link: str = "") -> HttpResponse:
    """Return the file of this visit, named after it and kept by nobody on the way; `holds` and `link` as in the query."""
    _, content = calendar_bytes(visit, holds=holds, link=link)
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="visit-{visit.pk}.ics"',
            "Cache-Control": "no-store",
            "ETag": f'"v{visit.version}"',
        },
    )
