"""Why somebody was offered a time, or was not: told from what is kept, and for the rest from the wish itself."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from appointments.models import FreedTime, WaitlistEntry, WaitlistOffer, WaitlistPass
from appointments.rules.waitlist import Passed, Why
from mediconnect.portal.desk import Desk

from .words import CAUSES, OFFERS, PASSED, TAKEN_BACK

# A desk that is asked why looks back a few weeks, not years.
_LOOKED_BACK: Final = 40


@dataclass(frozen=True, slots=True)
class Told:
    """What one freed time was for one wish. `offered` says that the person was asked for it."""

    starts_at: dt.datetime
    provider: str
    cause: str
    sentence: str
    offered: bool
    appointment_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class _Kept:
    offers: Mapping[uuid.UUID, WaitlistOffer]
    passes: Mapping[uuid.UUID, str]


def told_of(desk: Desk, entry: WaitlistEntry) -> list[Told]:
    """Return the freed times since the wish was joined, latest first, each with what it was for this person.

    Four statements. Of another provider's calendar a provider is told nothing.
    """
    rows = FreedTime.objects.filter(clinic=entry.clinic_id, created_at__gte=entry.joined_at)
    if entry.closed_at is not None:
        rows = rows.filter(created_at__lte=entry.closed_at)
    if desk.only_provider is not None:
        rows = rows.filter(provider=desk.only_provider)
    found = list(rows.select_related("provider").order_by("-created_at", "-id")[:_LOOKED_BACK])
    ids = [row.pk for row in found]
    offers = WaitlistOffer.objects.filter(entry=entry.pk, freed_time__in=ids)
    passes = WaitlistPass.objects.filter(entry=entry.pk, freed_time__in=ids).order_by("id")
    kept = _Kept(
        {offer.freed_time_id: offer for offer in offers},
        dict(passes.values_list("freed_time", "why")),
    )
    return [_told(desk, entry, row, kept) for row in found]


def _told(desk: Desk, entry: WaitlistEntry, freed: FreedTime, kept: _Kept) -> Told:
    offer = kept.offers.get(freed.pk)
    return Told(
        starts_at=(offer or freed).starts_at.astimezone(desk.zone),
        provider=freed.provider.name,
        cause=str(CAUSES[FreedTime.Cause(freed.cause)]),
        sentence=_of_offer(desk, offer) if offer else _of_none(entry, freed, kept.passes.get(freed.pk)),
        offered=offer is not None,
        appointment_id=offer.appointment_id if offer else None,
    )


def _of_offer(desk: Desk, offer: WaitlistOffer) -> str:
    words = {
        "made": desk.habits.moment(offer.made_at.astimezone(desk.zone)),
        "became": OFFERS[WaitlistOffer.State(offer.state)],
    }
    said = _("Asked %(made)s: %(became)s.") % words
    if offer.why:
        said += " " + _("That is: %(why)s.") % {"why": TAKEN_BACK.get(Why(offer.why), offer.why)}
    if offer.too_late_at is not None:
        late = desk.habits.moment(offer.too_late_at.astimezone(desk.zone))
        said += " " + _("A yes came too late, %(late)s.") % {"late": late}
    return said


def _of_none(entry: WaitlistEntry, freed: FreedTime, why: str | None) -> str:
    if why is not None:
        return str(PASSED.get(Passed(why), why))
    if mismatches := list(_mismatches(entry, freed)):
        return " ".join(mismatches)
    if freed.state == FreedTime.State.TAKEN:
        return _("It was taken by somebody else.")
    if freed.state == FreedTime.State.FILLED:
        return str(PASSED[Passed.OTHERS_FIRST])
    return _("It has not come to this person yet.")


def _mismatches(entry: WaitlistEntry, freed: FreedTime) -> Sequence[str]:
    """Return which parts of the wish the time does not meet."""
    zone = entry.clinic.zone
    begins, ends = freed.starts_at.astimezone(zone), freed.ends_at.astimezone(zone)
    said = []
    if entry.providers and freed.provider_id not in entry.providers:
        said.append(_("It is with another provider than wished for."))
    if not entry.from_date <= begins.date() <= entry.until_date:
        said.append(_("It is on a day outside the wish."))
    elif entry.weekdays and begins.weekday() not in entry.weekdays:
        said.append(_("It is on another day of the week."))
    if (entry.earliest_time and ends.time() <= entry.earliest_time and ends.date() == begins.date()) or (
        entry.latest_time and begins.time() >= entry.latest_time
    ):
        said.append(_("It is at another time of the day."))
    return said
