"""Where a visit could go instead: free starts of its type, the nearest first, and what a refusal proposes."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from appointments.errors import NoSecondProvider
from appointments.models import Appointment
from appointments.queries.availability import Wanted, free_time
from mediconnect.errors import NotFound
from mediconnect.portal.booking.reading.times import busy_of, fits
from mediconnect.portal.desk import Desk
from providers.models import Provider, TypeOverride

SHOWN: Final = 12
# Two weeks from the day that is looked at: who wants it later looks at a later day.
_AHEAD: Final = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Offer:
    """A free start, or one reading of a time that the clock shows twice."""

    start: dt.datetime
    provider_id: uuid.UUID
    provider: str

    @property
    def field(self) -> str:
        """The start as forms send it, with its offset: no clock makes it ambiguous."""
        return self.start.isoformat(timespec="minutes")

    @property
    def offset(self) -> str:
        """The clock's distance from UTC, which tells two readings of one time apart."""
        ahead = self.start.strftime("%z")
        return f"UTC{ahead[0].replace('-', '−')}{ahead[1:3]}:{ahead[3:5]}"


def providers_for(desk: Desk, visit: Appointment) -> Mapping[uuid.UUID, str]:
    """Return who could take the visit, by name: those who work here and offer its type, its own one always among them.

    Whoever acts in one calendar alone is offered that one. One statement.
    """
    without = TypeOverride.objects.filter(appointment_type=visit.appointment_type_id, offered=False).values("provider")
    here = Provider.objects.at({desk.clinic.pk}).filter(active=True).exclude(pk__in=without)
    if desk.only_provider:
        here = here.filter(pk=desk.only_provider)
    names = dict(here.order_by("name", "pk").values_list("pk", "name"))
    return names if visit.provider_id in names else {visit.provider_id: visit.provider.name, **names}


def free_near(
    desk: Desk,
    visit: Appointment,
    near: dt.datetime,
    provider: tuple[uuid.UUID, str],
    minutes: int | None,
    *,
    second: uuid.UUID | None = None,
) -> Sequence[Offer]:
    """Return the provider's free starts nearest to a moment, from its day on; none where nothing is offered.

    With a second provider those at which both are free.

    Those at which the patient is in another visit are left out. Two statements.
    """
    day, _ = desk.span(near.astimezone(desk.zone).date())
    begin = max(day, desk.now)
    wanted = Wanted(
        visit.appointment_type_id,
        begin,
        max(day, begin) + _AHEAD,
        [provider[0]],
        minutes=minutes,
        second_provider_id=second,
    )
    try:
        free = free_time(wanted)
    except (NotFound, NoSecondProvider):
        return ()
    own = (_minute(visit.starts_at), _minute(visit.ends_at))
    busy = [times for times in busy_of(visit.patient_id, begin) if times != own]
    fitting = (minute for minute, place, _room in free.starts if fits(busy, minute, free.durations[place]))
    starts = sorted(fitting, key=lambda one: abs(one * 60 - near.timestamp()))
    return [Offer(dt.datetime.fromtimestamp(minute * 60, desk.zone), *provider) for minute in starts[:SHOWN]]


def _minute(moment: dt.datetime) -> int:
    return int(moment.timestamp() // 60)


def proposed(desk: Desk, found: Sequence[Mapping[str, Any]]) -> Sequence[Offer]:
    """Return the alternatives that a refusal carries, in calendars where the person may act; one statement."""
    wanted = {one["provider"] for one in found if desk.may_book(one["provider"])}
    if not wanted:
        return ()
    names = dict(Provider.objects.filter(pk__in=wanted).values_list("pk", "name"))
    return [
        Offer(dt.datetime.fromisoformat(one["start"]).astimezone(desk.zone), one["provider"], names[one["provider"]])
        for one in found
        if one["provider"] in names
    ]
