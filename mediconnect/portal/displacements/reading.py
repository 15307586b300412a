"""What the pages of displaced visits show: plans before anything is written, and how each visit stands afterwards."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.models import Appointment, DisplacedVisit, Displacement
from appointments.models.displacement import OPEN, TO_BE_CALLED
from appointments.queries.displacing.search import Found
from appointments.services.displacing.entering import Planned, Preview
from appointments.services.displacing.undoing import has_answers
from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from mediconnect.portal.setup.reading.closures import Closed, closed
from patients.queries import phones_of
from providers.models import Provider

from .forms import CALL, OUTCOMES, field_of, value_of

State = DisplacedVisit.State

# As many other times as one chooses from at a glance, for each visit; any other is chosen later, on its own page.
OTHERS: Final = 5
# Displacements with nothing left to do stay in the list for so long.
_LATELY: Final = dt.timedelta(days=30)

WORDS: Final = {
    State.FOUND: gettext_lazy("to be called"),
    State.PROPOSED: gettext_lazy("new time held"),
    State.ASKED: gettext_lazy("asked, no answer yet"),
    State.ACCEPTED: gettext_lazy("said yes, moved"),
    State.MOVED: gettext_lazy("moved"),
    State.DECLINED: gettext_lazy("said no, to be called"),
    State.LAPSED: gettext_lazy("did not answer, to be called"),
    State.TO_CALL: gettext_lazy("to be called"),
    State.CANCELLED: gettext_lazy("visit is cancelled"),
    State.RESTORED: gettext_lazy("stays as it was"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """A new time that may be chosen for a visit: as the form carries it, and in words."""

    value: str
    words: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A visit that would be hit, with what may be decided for it."""

    visit: Appointment
    field: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Plan:
    """What an absence would do, in words: the visits of this clinic, and how many there are at others."""

    lines: Sequence[PlannedLine]
    here: Sequence[Appointment]
    here_elsewhere: int
    elsewhere: int
    to_call: int
    after: dt.datetime | None

    @property
    def hits(self) -> int:
        """Return how many visits it hits."""
        return len(self.lines) + self.elsewhere

    @property
    def blocked(self) -> int:
        """Return how many people who are here stand in its way."""
        return len(self.here) + self.here_elsewhere


def plan_of(desk: Desk, preview: Preview, typed: Mapping[str, str]) -> Plan:
    """Return the preview for the page; one statement more, for names. Visits at other clinics are counted, not shown."""
    own = [one for one in preview.planned if one.hit.visit.clinic_id == desk.clinic.pk]
    here = [visit for visit in preview.here if visit.clinic_id == desk.clinic.pk]
    names = _names(desk, [found for one in own for found in (one.found, *one.others) if found])
    lines = [_line(desk, one, names, typed.get(field_of(one.hit.visit.pk), "")) for one in own]
    return Plan(
        lines,
        here,
        len(preview.here) - len(here),
        len(preview.planned) - len(own),
        sum(one.found is None for one in own),
        preview.after,
    )


def _names(desk: Desk, found: Iterable[Found]) -> Mapping[uuid.UUID, str]:
    wanted = {one.provider_id for one in found}
    return dict(Provider.objects.at({desk.clinic.pk}).filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _line(desk: Desk, planned: Planned, names: Mapping[uuid.UUID, str], typed: str) -> PlannedLine:
    """Return a visit with its proposal first: left alone, the rules decide again when the absence is entered."""
    visit, found = planned.hit.visit, planned.found
    options = []
    if found is None:
        options.append(Option("" if typed != CALL else CALL, _("to be called"), is_chosen=True))
    else:
        value = value_of(found.provider_id, found.starts_at)
        options.append(Option(value if typed == value else "", _words(desk, visit, found, names), is_chosen=True))
    taken = (found.provider_id, found.starts_at) if found else None
    options += [
        Option(value_of(one.provider_id, one.starts_at), _words(desk, visit, one, names))
        for one in planned.others
        if (one.provider_id, one.starts_at) != taken
    ]
    if found is not None:
        options.append(Option(CALL, _("put on the call list")))
    return PlannedLine(visit, field_of(visit.pk), options)


def _words(desk: Desk, visit: Appointment, found: Found, names: Mapping[uuid.UUID, str]) -> str:
    when = f"{desk.habits.short_day(found.starts_at.astimezone(desk.zone).date())}, {desk.habits.time(found.starts_at)}"
    if found.provider_id == visit.provider_id:
        return when
    return f"{when} · {names.get(found.provider_id, '')}"


@dataclass(frozen=True, slots=True)
class Line:
    """How one displaced visit stands."""

    row: DisplacedVisit
    phone: str

    @property
    def state(self) -> str:
        """Return where it stands, in words."""
        return str(WORDS[State(self.row.state)])

    @property
    def outcome(self) -> str:
        """Return what came of the last call, in words."""
        return str(OUTCOMES.get(self.row.call_outcome, self.row.call_outcome))


@dataclass(frozen=True, slots=True)
class Page:
    """A displacement: whose absence, and its visits by what is to be done about them."""

    displacement: Displacement
    absence: Closed
    provider: Provider | None
    substitutes: Sequence[str]
    to_call: Sequence[Line]
    waiting: Sequence[Line]
    ready: Sequence[Line]
    done: Sequence[Line]
    can_undo: bool
    version: str

    @property
    def title(self) -> str:
        """Return whose absence it is."""
        return self.provider.name if self.provider else _("The clinic is closed")

    @property
    def count(self) -> int:
        """Return how many visits it hit."""
        return len(self.to_call) + len(self.waiting) + len(self.ready) + len(self.done)


def displacements_of(desk: Desk) -> QuerySet[Displacement]:
    """Return what was displaced at this clinic and the person may see: all for a desk, the own absences for a provider."""
    rows = Displacement.objects.filter(clinic=desk.clinic.pk).select_related("time_off__resource", "closure")
    if desk.only_provider is not None:
        rows = rows.filter(time_off__resource=desk.only_provider)
    return rows


def displacement_at(desk: Desk, displacement_id: uuid.UUID) -> Displacement:
    """Return a displacement that the person may see; raises `NotFound`."""
    found = displacements_of(desk).filter(pk=displacement_id).first()
    if found is None:
        raise NotFound
    return found


def row_at(desk: Desk, displacement_id: uuid.UUID, row_id: uuid.UUID) -> DisplacedVisit:
    """Return a displaced visit that the person may see; raises `NotFound`."""
    found = _rows(displacement_at(desk, displacement_id)).filter(pk=row_id).first()
    if found is None:
        raise NotFound
    return found


def _rows(displacement: Displacement) -> QuerySet[DisplacedVisit]:
    return displacement.visits.select_related(
        "appointment__patient",
        "appointment__provider",
        "was_provider",
        "proposed_provider",
        "appointment_type",
        "called_by",
    ).order_by("was_starts_at", "id")


def page_of(desk: Desk, displacement: Displacement) -> Page:
    """Return the page of a displacement; a fixed number of statements."""
    rows = list(_rows(displacement))
    phones = phones_of({row.appointment.patient_id for row in rows})
    lines = [Line(row, phones.get(row.appointment.patient_id, "")) for row in rows]
    away, shut = displacement.time_off, displacement.closure
    absence = away or shut
    assert absence is not None  # noqa: S101  # a constraint says that it has one cause
    names = dict(Provider.objects.filter(pk__in=displacement.substitutes).values_list("pk", "name"))
    return Page(
        displacement,
        closed(desk, absence),
        Provider.objects.filter(pk=away.resource_id).first() if away else None,
        [names[one] for one in displacement.substitutes if one in names],
        [line for line in lines if line.row.state in TO_BE_CALLED],
        [line for line in lines if line.row.state == State.ASKED],
        [line for line in lines if line.row.state == State.PROPOSED],
        [line for line in lines if line.row.state not in OPEN],
        can_undo=displacement.undone_at is None and not has_answers(displacement),
        version=_version(displacement, rows),
    )


def version_of(displacement: Displacement) -> str:
    """Return what changes with any answer, call or decision; two statements."""
    return _version(displacement, displacement.visits.order_by("was_starts_at", "id"))


def _version(displacement: Displacement, rows: Iterable[DisplacedVisit]) -> str:
    told = [f"{row.pk}{row.state}{row.expires_at}{row.called_at}{row.proposed_starts_at}" for row in rows]
    text = "|".join([str(displacement.version), *told])
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True)
class Listed:
    """A displacement in the list, with its visits counted by what is to be done."""

    displacement: Displacement
    absence: Closed
    name: str
    all: int
    to_call: int
    waiting: int
    ready: int

    @property
    def is_open(self) -> bool:
        """Whether anything is left to do."""
        return bool(self.to_call or self.waiting or self.ready)


def listed(desk: Desk) -> list[Listed]:
    """Return what is open, the soonest absence first, and what was done with within a month; one statement."""
    counted = displacements_of(desk).annotate(
        hit=Count("visits"),
        calls=Count("visits", filter=Q(visits__state__in=TO_BE_CALLED)),
        asked=Count("visits", filter=Q(visits__state=State.ASKED)),
        held=Count("visits", filter=Q(visits__state=State.PROPOSED)),
    )
    recent = counted.filter(Q(calls__gt=0) | Q(asked__gt=0) | Q(held__gt=0) | Q(created_at__gt=desk.now - _LATELY))
    rows = [_listed(desk, one) for one in recent.annotate(is_open=F("calls") + F("asked") + F("held"))]
    return sorted(rows, key=lambda one: (not one.is_open, one.absence.row.starts_at))


def _listed(desk: Desk, one: Displacement) -> Listed:
    absence = one.time_off or one.closure
    assert absence is not None  # noqa: S101  # a constraint says that it has one cause
    name = one.time_off.resource.name if one.time_off else _("The clinic is closed")
    counts = (one.hit, one.calls, one.asked, one.held)  # type: ignore[attr-defined]  # annotated by `listed`
    return Listed(one, closed(desk, absence), name, *counts)


def line_of(desk: Desk, visit: Appointment) -> Line | None:
    """Return how a displaced visit stands, for its card; None, without a look, for any other."""
    if not visit.displaced:
        return None
    rows = DisplacedVisit.objects.filter(appointment=visit.pk, displacement__clinic=desk.clinic.pk, state__in=OPEN)
    row = rows.select_related("proposed_provider").first()
    return Line(row, "") if row else None
