"""Where an import takes place: the clinic, its clock and habits, and whom its rows may name. Each thing is read once."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext_noop

from mediconnect.errors import DomainError
from mediconnect.habits import Habits
from patients.rules.contacts import country_of
from providers.models import AppointmentType, Clinic, PractitionerRole

from .cells import UnfitCell, order_of, read_date
from .columns import plain
from .findings import Finding, Line, Unfit, findings_of

Value = TypeVar("Value")


@dataclass(frozen=True)
class Scene:
    """A clinic as the rows of a file see it. `orders` says how the dates of each column are proven to be written."""

    clinic: Clinic
    by_id: uuid.UUID | None
    orders: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The clinic's own clock."""
        return self.clinic.zone

    @cached_property
    def now(self) -> dt.datetime:
        """This moment, the same for a batch of rows."""
        return timezone.now().astimezone(self.zone)

    @property
    def today(self) -> dt.date:
        """The clinic's day."""
        return self.now.date()

    @property
    def country(self) -> str | None:
        """By whose rules a phone number without a country code is read."""
        return country_of(self.clinic.region)

    @cached_property
    def date_order(self) -> str:
        """Which number of a date comes first here."""
        return order_of(Habits.of(self.clinic, "en"))

    @cached_property
    def roles(self) -> Sequence[PractitionerRole]:
        """Who works here, or did."""
        roles = PractitionerRole.objects.filter(clinic=self.clinic).select_related("provider")
        return list(roles.order_by("provider__name", "id"))

    @cached_property
    def types(self) -> Sequence[AppointmentType]:
        """What the clinic offers, or did."""
        return list(AppointmentType.objects.filter(clinic=self.clinic).order_by("name", "id"))

    def provider_named(self, text: str) -> PractitionerRole:
        """Return the role of the provider whom a cell names. Raises `UnfitCell` for nobody, or for two of that name."""
        found = [role for role in self.roles if role.active and text in _names(role)]
        found = found or [role for role in self.roles if role.active and plain(role.provider.name) == plain(text)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UnfitCell(
                gettext_noop("Several providers here are called “%(text)s”. Give the identifier instead."), text=text
            )
        raise UnfitCell(gettext_noop("Nobody called “%(text)s” sees patients here."), text=text)

    def type_named(self, text: str, *, also_former: bool = False) -> AppointmentType:
        """Return the type of visit that a cell names; raises `UnfitCell` for one that is not offered, or never was."""
        offered = (kind for kind in self.types if kind.active or also_former)
        found = next((kind for kind in offered if plain(kind.name) == plain(text)), None)
        if found is None:
            raise UnfitCell(gettext_noop("The clinic offers no type of visit called “%(text)s”."), text=text)
        return found


def _names(role: PractitionerRole) -> tuple[str, str]:
    return str(role.provider_id), role.provider.name


class Reading:
    """Reads the cells of one row and gathers everything that is wrong with them, so that a person is told all at once."""

    def __init__(self, line: Line, scene: Scene) -> None:
        self.line = line
        self.scene = scene
        self.findings: list[Finding] = []

    def take(self, column: str, read: Callable[[str], Value]) -> Value | None:
        """Return what a column's cell says, None where it is empty or cannot be used (which is noted)."""
        text = self.line.get(column)
        if not text:
            return None
        try:
            return read(text)
        except UnfitCell as unfit:
            self.wrong(column, unfit.finding.sentence, **unfit.finding.values)
        except DomainError as error:
            for finding in findings_of(error):
                self.wrong(column, finding.sentence)
        return None

    def date(self, column: str) -> dt.date | None:
        """Return the date in a column."""
        proven = self.scene.orders.get(column, "")
        return self.take(column, lambda text: read_date(text, order=self.scene.date_order, proven=proven))

    def require(self, *columns: str) -> None:
        """Note each of the columns whose cell is empty."""
        for column in columns:
            if not self.line.get(column):
                self.wrong(column, gettext_noop("This is empty, and the row needs it."))

    def wrong(self, column: str, sentence: str, **values: str) -> None:
        """Note something that is wrong with a cell."""
        self.findings.append(Finding(sentence, column, values))

    def finish(self) -> None:
        """Raise `Unfit` if anything was wrong."""
        if self.findings:
            raise Unfit(*self.findings)
