"""The doors of the waitlist."""

import uuid
from typing import Any, ClassVar, Final

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse

from appointments.api.appointments import READ, WRITE
from appointments.api.asking import caller_of
from appointments.api.rendering import columns_of, render
from appointments.models import WaitlistEntry, WaitlistOffer
from appointments.queries.waitlist.free_now import free_for
from appointments.queries.waitlist.seeing import (
    require_offer_writable,
    require_writable,
    wish_seen,
    wishes_visible_to,
    with_offers,
)
from appointments.services.waitlist.answering import accept_offer, decline_offer
from appointments.services.waitlist.changing import change_entry
from appointments.services.waitlist.joining import join_waitlist
from appointments.services.waitlist.leaving import OPEN, withdraw_entry
from mediconnect.api.access import AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_choice, as_uuid, members, query_words
from mediconnect.api.pages import page
from mediconnect.api.requests import ApiRequest
from mediconnect.api.versions import Expected, expected_version
from mediconnect.api.views import ApiView
from mediconnect.errors import VersionConflict
from mediconnect.idempotency import idempotent

from . import schema
from .asking import change_of, leaves, wishing_of
from .rendering import render_entry, render_free, render_offer

_FILTERS: Final = frozenset({"state", "patient", "clinic", "appointment_type", "limit", "cursor"})


class WishView(ApiView):
    """What the doors of one wish share."""

    def may_see(self, request: ApiRequest, resource_id: uuid.UUID) -> bool:
        """Return whether the caller may still see the wish of a stored answer."""
        return wishes_visible_to(request.principal).filter(pk=resource_id).exists()

    def handle_exception(self, exc: Exception) -> Any:
        """Show the wish as it now is beside a version conflict."""
        entry = getattr(exc, "entry", None)
        if isinstance(exc, VersionConflict) and isinstance(entry, WaitlistEntry):
            request: Any = self.request
            exc.extra["current"] = render_entry(wish_seen(request.principal, entry.pk), request.principal)
        return super().handle_exception(exc)


class WaitlistView(WishView):
    """Join the waitlist; list wishes."""

    access: ClassVar[AccessTable] = {"GET": READ, "POST": WRITE}

    @schema.list_wishes
    def get(self, request: ApiRequest) -> HttpResponse:
        """List the caller's wishes by when they joined."""
        return page(
            request,
            with_offers(_filtered(request)),
            lambda entry: render_entry(entry, request.principal),
            order=("joined_at", "id"),
        )

    @schema.join
    @idempotent(required=True)
    def post(self, request: ApiRequest) -> HttpResponse:
        """Keep a wish, and say what is free already."""
        entry = join_waitlist(wishing_of(request), caller=caller_of(request))
        free = free_for(entry, by_patient=request.principal.kind == "patient")
        data = render_entry(entry, request.principal) | {"free_now": render_free(free, entry)}
        location = reverse("waitlist-entry", args=[entry.pk])
        return HttpAnswer(data, status=201, version=entry.version, location=location, resource_id=entry.pk)


def _filtered(request: ApiRequest) -> QuerySet[WaitlistEntry]:
    query = query_words(request, _FILTERS)
    wishes = wishes_visible_to(request.principal)
    if query.get("state"):
        states = [as_choice(word, "state", WaitlistEntry.State.values) for word in str(query["state"]).split(",")]
        wishes = wishes.filter(state__in=states)
    else:
        wishes = wishes.filter(state__in=OPEN)
    for name in ("patient", "clinic", "appointment_type"):
        if query.get(name):
            wishes = wishes.filter(**{name: as_uuid(query[name], name)})
    return wishes


class WaitlistEntryView(WishView):
    """One wish: read it, change it, leave the list."""

    access: ClassVar[AccessTable] = {"GET": READ, "PATCH": WRITE, "DELETE": WRITE}

    @schema.read_wish
    def get(self, request: ApiRequest, entry_id: uuid.UUID) -> HttpResponse:
        """Show the wish."""
        entry = wish_seen(request.principal, entry_id)
        return HttpAnswer(render_entry(entry, request.principal), version=entry.version)

    @schema.change_wish
    @idempotent()
    def patch(self, request: ApiRequest, entry_id: uuid.UUID) -> HttpResponse:
        """Change what would suit; the place in the line stays."""
        seen, change = wish_seen(request.principal, entry_id), change_of(request)
        require_writable(request.principal, seen.clinic_id, change.get("providers", seen.providers))
        change_entry(entry_id=entry_id, expected=expected_version(request), change=change, caller=caller_of(request))
        entry = wish_seen(request.principal, entry_id)
        return HttpAnswer(render_entry(entry, request.principal), version=entry.version, resource_id=entry.pk)

    @schema.leave
    def delete(self, request: ApiRequest, entry_id: uuid.UUID) -> HttpResponse:
        """Leave the waitlist; what is offered goes to who is next."""
        seen = wish_seen(request.principal, entry_id)
        require_writable(request.principal, seen.clinic_id, seen.providers)
        withdraw_entry(entry_id=entry_id, expected=_expected_if_any(request), caller=caller_of(request))
        return HttpAnswer(status=204)


def _expected_if_any(request: ApiRequest) -> Expected | None:
    """Return the version of `If-Match`, which leaving does not need: nothing of anybody else's is overwritten."""
    return expected_version(request) if request.headers.get("If-Match") is not None else None


class OfferView(ApiView):
    """What the answers to an offer share."""

    access: ClassVar[AccessTable] = {"POST": WRITE}

    def may_see(self, request: ApiRequest, resource_id: uuid.UUID) -> bool:
        """Return whether the caller may still see the offer of a stored answer."""
        entry = WaitlistOffer.objects.filter(pk=resource_id).values_list("entry", flat=True).first()
        return entry is not None and wishes_visible_to(request.principal).filter(pk=entry).exists()


class AcceptView(OfferView):
    """Say yes to an offer."""

    @schema.accept
    @idempotent(required=True)
    def post(self, request: ApiRequest, offer_id: uuid.UUID) -> HttpResponse:
        """Take the offered time: the first yes has it."""
        members(request, ())
        require_offer_writable(request.principal, offer_id)
        offer, visit = accept_offer(offer_id=offer_id, caller=caller_of(request))
        entry = wish_seen(request.principal, offer.entry_id)
        visit.refresh_from_db()
        data = {
            "offer": render_offer(offer, entry),
            "appointment": render(columns_of(visit, entry.clinic.timezone), request.principal),
        }
        return HttpAnswer(data, resource_id=offer.pk)


class DeclineView(OfferView):
    """Say no to an offer."""

    @schema.decline
    @idempotent()
    def post(self, request: ApiRequest, offer_id: uuid.UUID) -> HttpResponse:
        """Let the offered time go to who is next; the wish keeps its place, or leaves with `leave`."""
        leave = leaves(request)
        require_offer_writable(request.principal, offer_id)
        offer = decline_offer(offer_id=offer_id, leave=leave, caller=caller_of(request))
        return HttpAnswer(render_offer(offer, wish_seen(request.principal, offer.entry_id)), resource_id=offer.pk)
