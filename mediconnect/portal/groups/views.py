"""The doors of groups: a day of them, and one group's roster. What is done there goes through the doors of visits."""

import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import show
from mediconnect.portal.visits.views.cancelling import reasons

from .reading import day_of, days_around, roster_of


@require_safe
@desk_page
def groups(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show the groups of a day, with the seats taken, held and free."""
    day = desk.day(request.GET.get("date"))
    context = {"room": "board", "groups": day_of(desk, day), "day": day, "days": days_around(desk, day)}
    return show(request, desk, "portal/groups/day.html", context)


@require_safe
@desk_page
def group(request: DeskRequest, desk: Desk, session: uuid.UUID) -> HttpResponse:
    """Show who comes to a group, with what can be done for each and for all."""
    context = {
        "room": "board",
        "roster": roster_of(desk, session),
        "address": reverse("portal:group", kwargs={"clinic": desk.clinic.pk, "session": session}),
        "reasons": reasons(),
    }
    return show(request, desk, "portal/groups/roster.html", context)
