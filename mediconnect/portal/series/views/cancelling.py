"""The doors through which visits of a series are cancelled: this one, what follows, or all; and come back for two minutes."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext
from django.views.decorators.http import require_POST

from appointments.errors import SeriesOver
from appointments.models import CancellationReason
from appointments.rules.series import Scope
from appointments.services.series.cancelling import cancel_series, restore_series
from mediconnect.errors import DomainError, Invalid
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.series.leaving import done_on_page
from mediconnect.portal.series.reading import packed, series_at, unpacked, whole
from mediconnect.portal.series.scopes import scope_in, scopes_of, seen_from_in
from mediconnect.portal.showing import Refusal, Undo, refused, show
from mediconnect.portal.visits.views.cancelling import reasons

from .page import series_page


@desk_page
def cancel(request: DeskRequest, desk: Desk, series: uuid.UUID) -> HttpResponse:
    """Ask which visits and why, then cancel them."""
    series_at(desk, series)
    if request.method == "POST":
        return _cancelled(request, desk, series)
    return _ask(request, desk, series)


def _cancelled(request: DeskRequest, desk: Desk, series_id: uuid.UUID) -> HttpResponse:
    reason, fields = request.POST.get("reason", ""), request.POST

    def work() -> dict[str, Any]:
        if reason not in CancellationReason:
            raise Invalid.field("reason", gettext_noop("Choose why it is cancelled."))
        change = cancel_series(
            series_id=series_id,
            scope=scope_in(fields),
            seen_from=seen_from_in(fields),
            reason=reason,
            versions=unpacked(fields.get("versions", "")),
            caller=desk.caller,
        )
        return {"versions": packed({visit.pk: visit.version for visit in change.changed})}

    try:
        made = once(request, desk, work)
    except SeriesOver as error:
        return series_page(request, desk, series_id, refusal=refused(error), status=error.status)
    except DomainError as error:
        return _ask(request, desk, series_id, refusal=refused(error), status=error.status)
    count, where = made["versions"].count(":"), (desk.clinic.pk, series_id)
    words = ngettext(
        "%(count)d visit cancelled. Its time is free again.",
        "%(count)d visits cancelled. Their times are free again.",
        count,
    )
    undo = Undo(reverse("portal:series-restore", args=where), 1, {"versions": made["versions"]})
    return done_on_page(request, words % {"count": count}, to=reverse("portal:series", args=where), undo=undo)


def _ask(
    request: DeskRequest, desk: Desk, series_id: uuid.UUID, *, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    found = whole(desk, series_id)
    fields = request.POST if request.method == "POST" else request.GET
    seen_from, scope = seen_from_in(fields), scope_in(fields, otherwise=Scope.FOLLOWING)
    words = {
        "room": "patients",
        "whole": found,
        "seen_from": seen_from,
        "scopes": scopes_of(desk, found, seen_from, scope),
        "reasons": reasons(),
        "refusal": refusal,
    }
    return show(request, desk, "portal/series/cancel.html", words, status=status)


@require_POST
@desk_page
def restore(request: DeskRequest, desk: Desk, series: uuid.UUID) -> HttpResponse:
    """Take a cancellation back: all of its visits, or none."""
    series_at(desk, series)

    def work() -> dict[str, Any]:
        versions = unpacked(request.POST.get("versions", ""))
        change = restore_series(series_id=series, versions=versions, caller=desk.caller)
        return {"count": len(change.changed)}

    try:
        made = once(request, desk, work)
    except DomainError as error:
        return series_page(request, desk, series, refusal=refused(error), status=error.status)
    notice = _("The cancellation is undone: %(count)d visits are booked again.") % {"count": made["count"]}
    return done_on_page(request, notice, to=reverse("portal:series", args=(desk.clinic.pk, series)))
