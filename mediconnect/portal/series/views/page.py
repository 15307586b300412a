"""The doors through which a series is looked at: its page, to read and to print, and its file for a calendar."""

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from appointments.api.calendar import series_file
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.series.reading import series_at, whole
from mediconnect.portal.showing import Refusal, show


@require_safe
@desk_page
def series(request: DeskRequest, desk: Desk, series: uuid.UUID) -> HttpResponse:
    """Show the visits of the series, and what can be done with those still to come."""
    return series_page(request, desk, series)


def series_page(
    request: DeskRequest, desk: Desk, series_id: uuid.UUID, *, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    """Return the page of a series, with what was refused above it."""
    words = {"room": "patients", "whole": whole(desk, series_id), "refusal": refusal}
    return show(request, desk, "portal/series/page.html", words, status=status)


@require_safe
@desk_page
def calendar(_request: DeskRequest, desk: Desk, series: uuid.UUID) -> HttpResponse:
    """Return all visits as one calendar file."""
    return series_file(series_at(desk, series))
