"""The doors of what absences displaced: the list, each one's page, and whether anything changed on it."""

import uuid

from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.views.decorators.http import require_safe

from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.displacements.reading import displacement_at, listed, page_of, version_of
from mediconnect.portal.showing import refused, show


@require_safe
@desk_page
def displacements(request: DeskRequest, desk: Desk) -> HttpResponse:
    """List what is open, and what was done with lately."""
    return show(request, desk, "portal/displacements/list.html", {"room": "providers", "displacements": listed(desk)})


@require_safe
@desk_page
def displacement(request: DeskRequest, desk: Desk, displacement: uuid.UUID) -> HttpResponse:
    """Show who was asked, who answered, and who is to be called."""
    return show_displacement(request, desk, displacement)


@require_safe
@desk_page
def pulse(request: DeskRequest, desk: Desk, displacement: uuid.UUID) -> HttpResponse:
    """Say whether anything changed since a page looked: 304 while nothing did."""
    version = version_of(displacement_at(desk, displacement))
    tag = f'"{version}"'
    unchanged = request.headers.get("If-None-Match") == tag
    response: HttpResponse = HttpResponseNotModified() if unchanged else JsonResponse({"version": version})
    response["ETag"] = tag
    return response


def show_displacement(
    request: DeskRequest, desk: Desk, displacement_id: uuid.UUID, error: DomainError | None = None
) -> HttpResponse:
    """Show a displacement as it is now, with a refusal above it where there is one."""
    page = page_of(desk, displacement_at(desk, displacement_id))
    words = {"room": "providers", "page": page, "refusal": refused(error) if error else None}
    fragments = {"displaced": "portal/displacements/_visits.html"}
    status = error.status if error else 200
    return show(request, desk, "portal/displacements/page.html", words, fragments=fragments, status=status)
