"""The doors through which a desk writes down what somebody answered on the phone."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from appointments.errors import OfferOver
from appointments.models import WaitlistOffer
from appointments.queries.waitlist.seeing import wishes_visible_to
from appointments.services.waitlist.answering import accept_offer, decline_offer
from mediconnect.errors import DomainError, NotFound, NotPermitted
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.once import once
from mediconnect.portal.showing import done, refused

from .views import wish_page


@require_POST
@desk_page
def accept(request: DeskRequest, desk: Desk, offer: uuid.UUID) -> HttpResponse:
    """Take the offered time for the person."""

    def work() -> dict[str, Any]:
        try:
            _offer, visit = accept_offer(offer_id=offer, caller=desk.caller)
        except OfferOver as over:
            return {"over": over.extra.get("state", "")}  # committed with it: that the yes came too late
        return {"visit": visit.pk}

    def onward(made: dict[str, Any]) -> HttpResponse:
        if "visit" not in made:
            raise OfferOver(state=made["over"])
        card = reverse("portal:visit", kwargs={"clinic": desk.clinic.pk, "visit": made["visit"]})
        return done(request, _("Said yes: the visit is booked."), to=card)

    return _answered(request, desk, offer, work, onward)


@require_POST
@desk_page
def decline(request: DeskRequest, desk: Desk, offer: uuid.UUID) -> HttpResponse:
    """Let the time go to who is next; the person keeps the place, or leaves the list."""
    leaves = request.POST.get("leave") == "1"

    def work() -> dict[str, Any]:
        decline_offer(offer_id=offer, caller=desk.caller, leave=leaves)
        return {}

    def onward(_made: dict[str, Any]) -> HttpResponse:
        words = _("Said no, and is off the list.") if leaves else _("Said no, and keeps the place on the list.")
        return done(request, words, to=reverse("portal:waitlist", kwargs={"clinic": desk.clinic.pk}))

    return _answered(request, desk, offer, work, onward)


def _answered(
    request: DeskRequest,
    desk: Desk,
    offer_id: uuid.UUID,
    work: Callable[[], dict[str, Any]],
    onward: Callable[[dict[str, Any]], HttpResponse],
) -> HttpResponse:
    """Write an answer down once; a refusal is shown on the page of the wish."""
    offer = _offer_at(desk, offer_id)
    try:
        return onward(once(request, desk, work))
    except DomainError as error:
        return wish_page(request, desk, offer.entry_id, refusal=refused(error), status=error.status)


def _offer_at(desk: Desk, offer_id: uuid.UUID) -> WaitlistOffer:
    offer = WaitlistOffer.objects.filter(pk=offer_id, entry__clinic=desk.clinic.pk).first()
    if offer is None or not wishes_visible_to(desk.principal).filter(pk=offer.entry_id).exists():
        raise NotFound("There is no such offer at this clinic.")
    if not desk.may_book(offer.provider_id):
        raise NotPermitted
    return offer
