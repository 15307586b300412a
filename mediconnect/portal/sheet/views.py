"""The door of the day sheet."""

import datetime as dt
import uuid
from typing import Final

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.models import KeptSheet
from mediconnect.portal.showing import show
from providers.models import Provider

from .reading import Calendar, day_of
from .writing import kept_words, sheet_of

# The task runs every hour; two missed in a row are no accident.
_STALE: Final = dt.timedelta(hours=2, minutes=10)


@desk_page
def sheet(request: DeskRequest, desk: Desk) -> HttpResponse:
    """Show a day as it is printed: a page for each provider, or for the one that the address names."""
    day = desk.day(request.GET.get("date"))
    calendars = day_of(desk.clinic.pk, desk.zone, day, provider_id=desk.only_provider)
    chosen = _chosen(desk, request.GET.get("provider", ""), calendars)
    context = {
        "room": "sheet",
        "sheet": sheet_of(
            desk.clinic, day, [one for one in calendars if chosen in {None, one.provider_id}], now=desk.now
        ),
        "calendars": calendars,
        "chosen": chosen,
        "day": day,
        "days": _days(desk, day),
        **_kept(desk),
    }
    return show(request, desk, "portal/sheet/page.html", context)


def _chosen(desk: Desk, words: str, calendars: list[Calendar]) -> uuid.UUID | None:
    """Return the provider that the address names; whoever does not work at the clinic, or is not one's to see, is not there.

    One who is away that day is found as well, so that a link to somebody's sheet leads to an empty one.
    """
    if not words:
        return None
    try:
        named = uuid.UUID(words)
    except ValueError:
        raise NotFound from None
    if any(one.provider_id == named for one in calendars):
        return named
    if desk.only_provider in {None, named} and Provider.objects.at([desk.clinic.pk]).filter(pk=named).exists():
        return named
    raise NotFound


def _days(desk: Desk, day: dt.date) -> dict[str, object]:
    """Return the way to other days; it leads to everybody, as who works today may be away tomorrow."""
    address = reverse("portal:sheet", kwargs={"clinic": desk.clinic.pk})

    def to(other: dt.date) -> str:
        return f"{address}?{urlencode({'date': other.isoformat()})}"

    return {
        "address": address,
        "day": day,
        "iso": day.isoformat(),
        "keep": {},
        "previous": to(day - dt.timedelta(days=1)),
        "next": to(day + dt.timedelta(days=1)),
        "today": address,
        "previous_label": _("Previous day"),
        "next_label": _("Next day"),
    }


def _kept(desk: Desk) -> dict[str, object]:
    """Return what the page says about the files: when they were last written, and whether that is too long ago."""
    kept_at = KeptSheet.objects.filter(clinic=desk.clinic.pk).values_list("kept_at", flat=True).first()
    stale = kept_at is None or desk.now - kept_at > _STALE
    return {"kept": kept_words(desk.clinic, kept_at), "stale": stale and bool(kept_at or settings.DAY_SHEETS_DIR)}
