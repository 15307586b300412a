"""Whose wishes and offers somebody may see, and whose may be written."""

import uuid
from collections.abc import Sequence

from django.db.models import Prefetch, Q, QuerySet

from appointments.models import WaitlistEntry, WaitlistOffer
from mediconnect.api.access import CLINIC_ADMIN, FRONT_DESK, PROVIDER
from mediconnect.api.principal import Principal
from mediconnect.errors import NotFound, NotPermitted
from providers.models import Provider


def wishes_visible_to(principal: Principal) -> QuerySet[WaitlistEntry]:
    """Return the wishes that the caller may see: a patient's own and its dependants', those of a desk's clinics.

    A provider sees the wishes at the own clinics that it could meet: for it by name, or for anybody.
    """
    wishes = WaitlistEntry.objects.all()
    if principal.is_superuser and principal.kind == "staff":
        return wishes
    if principal.kind == "patient":
        return wishes.filter(patient__in=principal.patient_ids)
    if principal.kind == "staff":
        desk = principal.clinics(FRONT_DESK) | principal.clinics(CLINIC_ADMIN)
        own = principal.clinics(PROVIDER) - desk
        words = Q(clinic__in=desk)
        return wishes.filter(words | (Q(clinic__in=own) & _could_be_met_by(principal)) if own else words)
    return wishes.none()


def with_offers(wishes: QuerySet[WaitlistEntry]) -> QuerySet[WaitlistEntry]:
    """Return the wishes with their clinics, and with the offer that stands, if one does, as `standing`. Two statements."""
    live = WaitlistOffer.objects.filter(state=WaitlistOffer.State.OFFERED)
    return wishes.select_related("clinic").prefetch_related(Prefetch("offers", live, to_attr="standing"))


def standing_offer(entry: WaitlistEntry) -> WaitlistOffer | None:
    """Return the offer that stands, of a wish that `with_offers` read."""
    return next(iter(getattr(entry, "standing", ())), None)


def wish_seen(principal: Principal, entry_id: uuid.UUID) -> WaitlistEntry:
    """Return the wish; raises `NotFound` for one that is not the caller's to see."""
    entry = with_offers(wishes_visible_to(principal)).filter(pk=entry_id).first()
    if entry is None:
        raise NotFound
    return entry


def require_offer_writable(principal: Principal, offer_id: uuid.UUID) -> None:
    """Raise `NotFound` unless the caller may see the offer, and `NotPermitted` where it may only see it."""
    offer = WaitlistOffer.objects.select_related("entry").filter(pk=offer_id).first()
    if offer is None or not wishes_visible_to(principal).filter(pk=offer.entry_id).exists():
        raise NotFound
    require_writable(principal, offer.entry.clinic_id, [offer.provider_id])


def require_writable(principal: Principal, clinic_id: uuid.UUID, providers: Sequence[uuid.UUID]) -> None:
    """Raise `NotPermitted` unless the caller may write wishes for these providers (none: for anybody) at the clinic.

    A patient may for whom it speaks, a desk in its clinics, a provider for itself alone.
    """
    if principal.kind == "patient" or principal.is_superuser:
        return
    if principal.may(FRONT_DESK, clinic_id) or principal.may(CLINIC_ADMIN, clinic_id):
        return
    own = set(Provider.objects.filter(user=principal.user_id).values_list("pk", flat=True))
    if not providers or not set(providers) <= own:
        raise NotPermitted("A provider keeps the waitlist of the own calendar alone.")


def _could_be_met_by(principal: Principal) -> Q:
    own = list(Provider.objects.filter(user=principal.user_id).values_list("pk", flat=True))
    return Q(providers=[]) | Q(providers__overlap=own)
