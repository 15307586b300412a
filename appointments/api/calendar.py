"""A visit, or all of a series, as an iCalendar file to download."""

from django.http import HttpResponse

from appointments.models import Appointment, Series
from appointments.queries.calendar import calendar_bytes, calendar_of_many


def calendar_file(visit: Appointment, *, link: str = "") -> HttpResponse:
    """Return the file of this visit, named after it and kept by nobody on the way; `link` as in the query."""
    _, content = calendar_bytes(visit, link=link)
    response = _file(content, f"visit-{visit.pk}.ics")
    response["ETag"] = f'"v{visit.version}"'
    return response


def series_file(series: Series) -> HttpResponse:
    """Return the file of all visits of the series, likewise."""
    visits = Appointment.objects.filter(series=series.pk).select_related("clinic").order_by("occurrence")
    return _file(calendar_of_many(visits), f"series-{series.pk}.ics")


def _file(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
