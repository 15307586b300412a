"""A visit as an iCalendar file to download."""

from django.http import HttpResponse

from appointments.models import Appointment
from appointments.queries.calendar import calendar_bytes


def calendar_file(visit: Appointment, *, link: str = "") -> HttpResponse:
    """Return the file of this visit, named after it and kept by nobody on the way; `link` as in the query."""
    _, content = calendar_bytes(visit, link=link)
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="visit-{visit.pk}.ics"',
            "Cache-Control": "no-store",
            "ETag": f'"v{visit.version}"',
        },
    )
