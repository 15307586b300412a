"""What can be booked at a clinic, with whom, and what is chosen when nobody said anything yet."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Count

from appointments.models import Appointment
from mediconnect.errors import NotFound
from mediconnect.portal.booking.form import Draft
from mediconnect.portal.desk import Desk
from providers.models import AppointmentType, Provider

# Where the session remembers the type that its owner booked last.
LAST_KIND: Final = "booked_type"
# Days back from today within which the commonest type is counted: the index of a clinic's visits by time keeps it quick.
_LATELY: Final = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of visit: minutes it takes, and patients that it seats at once."""

    id: uuid.UUID
    name: str
    minutes: int
    capacity: int

    @property
    def is_group(self) -> bool:
        """Whether several patients share one visit."""
        return self.capacity > 1


@dataclass(frozen=True, slots=True)
class Choices:
    """Types and providers to choose from, and which are chosen. `provider` None means any; `fixed` that there is no choice.

    `second` is who is to be there as well: for a group, or where it is the provider itself, that is nobody.
    """

    kinds: tuple[Kind, ...]
    providers: Mapping[uuid.UUID, str]
    kind: Kind | None
    provider: uuid.UUID | None
    fixed: bool
    second: uuid.UUID | None = None

    @property
    def seconds(self) -> Mapping[uuid.UUID, str]:
        """Who could be there as well."""
        if self.fixed or self.kind is None or self.kind.is_group:
            return {}
        return {pk: name for pk, name in self.providers.items() if pk != self.provider}

    @property
    def wanted(self) -> list[uuid.UUID]:
        """The providers whose free time is looked for."""
        return [self.provider] if self.provider else list(self.providers)

    def name(self, provider_id: uuid.UUID) -> str:
        """Return the name of a provider of the clinic. Raises `NotFound` for another's."""
        if provider_id not in self.providers:
            raise NotFound
        return self.providers[provider_id]


def choices(desk: Desk, draft: Draft, *, last_kind: str | None) -> Choices:
    """Return what the person may book here. Two statements; a third where no type is known yet.

    Raises `NotFound` for a type or provider of another clinic, and for a calendar that is not one's own.
    """
    kinds = tuple(
        Kind(*row)
        for row in AppointmentType.objects.filter(clinic=desk.clinic.pk, active=True)
        .order_by("name")
        .values_list("pk", "name", "duration", "capacity")
    )
    found: Any = Provider.objects.at([desk.clinic.pk]).filter(active=True).order_by("name", "pk")
    if desk.only_provider is not None:
        found = found.filter(pk=desk.only_provider)
    providers: dict[uuid.UUID, str] = dict(found.values_list("pk", "name"))
    if any(one is not None and one not in providers for one in (draft.provider, draft.second)):
        raise NotFound
    fixed = desk.only_provider is not None
    chosen = next(iter(providers), None) if fixed else draft.provider
    found_so = Choices(kinds, providers, _kind(desk, draft, kinds, last_kind), chosen, fixed)
    return replace(found_so, second=draft.second) if draft.second in found_so.seconds else found_so


def _kind(desk: Desk, draft: Draft, kinds: tuple[Kind, ...], last: str | None) -> Kind | None:
    """Return the type asked for, else the one booked last from this browser, else the clinic's commonest, else the first."""
    known = {str(kind.id): kind for kind in kinds}
    if draft.kind is not None:
        if str(draft.kind) not in known:
            raise NotFound
        return known[str(draft.kind)]
    if last in known:
        return known[last or ""]
    return known.get(_commonest(desk)) or next(iter(kinds), None) if len(kinds) > 1 else next(iter(kinds), None)


def _commonest(desk: Desk) -> str:
    lately = Appointment.objects.filter(
        clinic=desk.clinic.pk, starts_at__gt=desk.now - _LATELY, starts_at__lte=desk.now, appointment_type__active=True
    )
    counted = lately.order_by().values("appointment_type").annotate(times=Count("pk")).order_by("-times")
    row = counted.values_list("appointment_type", flat=True).first()
    return str(row)
