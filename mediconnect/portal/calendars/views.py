"""The doors of the week and the month."""

import datetime as dt
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.showing import show
from providers.models import Provider

from .month import month_of
from .week import week_of, whose_of

_WEEK = dt.timedelta(days=7)


@require_safe
@desk_page
def week(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show a week of one provider or room: the page, or the columns alone to a page that refreshes itself."""
    found = week_of(desk, desk.day(request.GET.get("date")), whose_of(request.GET))
    address = reverse("portal:week", kwargs={"clinic": desk.clinic.pk})

    def to(day: dt.date) -> str:
        return f"{address}?{urlencode({'date': day.isoformat(), **found.whose.kept})}"

    days = {
        "address": address,
        "day": found.monday,
        "keep": found.whose.kept,
        "previous": to(found.monday - _WEEK),
        "next": to(found.monday + _WEEK),
        "today": to(desk.today),
        "previous_label": desk.habits.date(found.monday - _WEEK),
        "next_label": desk.habits.date(found.monday + _WEEK),
    }
    context = {"room": "week", "board": found, "days": days}
    return show(
        request, desk, "portal/calendars/week.html", context, fragments={"board": "portal/calendars/_week.html"}
    )


@require_safe
@desk_page
def month(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show how full the days of a month are, for the clinic or one provider."""
    wanted = desk.only_provider or whose_of(request.GET).provider
    providers = list(
        Provider.objects.at([desk.clinic.pk]).filter(active=True).order_by("name").values_list("pk", "name")
    )
    if wanted and wanted not in dict(providers) and not desk.only_provider:
        raise NotFound
    context = {
        "room": "month",
        "month": month_of(desk, desk.day(request.GET.get("date")), wanted),
        "providers": [] if desk.only_provider else providers,
    }
    return show(request, desk, "portal/calendars/month.html", context)
