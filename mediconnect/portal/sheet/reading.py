"""A clinic's day as it goes onto paper: three statements, however many providers and patients."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection

from appointments.models import Status
from patients.models import ContactPoint, ContactSystem
from providers.rules.clock import days_as_span

# Shorter pieces are left over between visits and buffers; nobody is booked into them.
_SHORTEST_GAP: Final = dt.timedelta(minutes=5)
_GONE: Final = (Status.CANCELLED, Status.NO_SHOW)

# Free is what is open and claimed by nobody, here or at another clinic of the same person. A hold lasts minutes, and
# paper a day: it does not count.
_CALENDARS: Final = """
SELECT provider.id, provider.name, coalesce(hours.open, '{}'),
       coalesce(hours.open, '{}') - coalesce((
           SELECT range_agg(during) FROM appointments_claim
           WHERE resource_id = provider.id AND hold_id IS NULL AND lower(during) > %(from)s::timestamptz - interval '12 hours'
             AND lower(during) < %(until)s AND upper(during) > %(from)s), '{}')
FROM providers_practitionerrole AS role
JOIN providers_resource AS provider ON provider.id = role.provider_id
LEFT JOIN LATERAL (
    SELECT range_agg(during * tstzrange(%(from)s, %(until)s)) AS open FROM providers_opening
    WHERE resource_id = provider.id AND clinic_id = role.clinic_id AND during && tstzrange(%(from)s, %(until)s)) AS hours ON true
WHERE role.clinic_id = %(clinic)s AND (%(provider)s::uuid IS NULL OR provider.id = %(provider)s)
  AND (hours.open IS NOT NULL OR EXISTS (
      SELECT FROM appointments_appointment
      WHERE (provider_id = provider.id OR second_provider_id = provider.id) AND clinic_id = role.clinic_id AND starts_at >= %(from)s AND starts_at < %(until)s))
ORDER BY provider.name, provider.id
"""

# Whether there are notes shows without opening them: what is empty is stored empty.
_VISITS: Final = """
SELECT of_each.provider_id, patient.id, visit.starts_at, visit.ends_at, visit.status, patient.given_name, patient.family_name,
       patient.birth_date, coalesce(registration.record_number, ''), kind.name, coalesce(room.name, ''),
       visit.reason <> '' OR visit.patient_note <> '' OR visit.internal_note <> '' OR patient.notes <> '',
       coalesce(beside.name, '')
FROM appointments_appointment AS visit
CROSS JOIN LATERAL (VALUES (visit.provider_id, visit.second_provider_id), (visit.second_provider_id, visit.provider_id))
    AS of_each(provider_id, beside_id)
LEFT JOIN providers_resource AS beside ON beside.id = of_each.beside_id
JOIN patients_patient AS patient ON patient.id = visit.patient_id
JOIN providers_appointmenttype AS kind ON kind.id = visit.appointment_type_id
LEFT JOIN patients_registration AS registration
    ON registration.patient_id = visit.patient_id AND registration.clinic_id = visit.clinic_id
LEFT JOIN providers_resource AS room ON room.id = visit.room_id
WHERE visit.clinic_id = %(clinic)s AND visit.starts_at >= %(from)s AND visit.starts_at < %(until)s
  AND of_each.provider_id IS NOT NULL AND (%(provider)s::uuid IS NULL OR of_each.provider_id = %(provider)s)
ORDER BY visit.starts_at, patient.family_name, patient.given_name, visit.id
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who is expected, or no longer is. `phone` is E.164, or empty; `beside` is the other of two providers."""

    phone: str
    start: dt.datetime
    end: dt.datetime
    status: str
    given_name: str
    family_name: str
    birth_date: dt.date | None
    record_number: str
    type: str
    room: str
    has_notes: bool
    beside: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether the visit gave its time back."""
        return self.status in _GONE


@dataclass(frozen=True, slots=True)
class Gap:
    """Open time that nobody has."""

    start: dt.datetime
    end: dt.datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """One provider's day: the hours, who is expected and what is free in order of time, and who was expected."""

    provider_id: uuid.UUID
    name: str
    hours: Sequence[Gap]
    entries: Sequence[Visit | Gap]
    gone: Sequence[Visit]


def day_of(
    clinic_id: uuid.UUID, zone: ZoneInfo, day: dt.date, *, provider_id: uuid.UUID | None = None
) -> list[Calendar]:
    """Return the calendars of the clinic's local day, by name: of all who have hours or visits in it, or of one provider."""
    start, end = days_as_span(day, day, zone)
    asked = {"clinic": clinic_id, "from": start, "until": end, "provider": provider_id}
    visits: dict[uuid.UUID, list[Visit]] = {}
    found = _rows(_VISITS, asked)
    phones = _phones({patient for _provider, patient, *_rest in found})
    for provider, patient, *words in found:
        visits.setdefault(provider, []).append(Visit(phones.get(patient, ""), *words))
    return [
        _calendar(provider, name, hours, free, visits.get(provider, []))
        for provider, name, hours, free in _rows(_CALENDARS, asked)
    ]


def _rows(statement: str, asked: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _phones(patients: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the number of each patient that is tried first."""
    points = ContactPoint.objects.active().filter(patient__in=patients, system=ContactSystem.PHONE)
    # The last one of a patient stays, so the first one comes last.
    return dict(points.order_by("-rank", "-id").values_list("patient_id", "value"))


def _calendar(
    provider_id: uuid.UUID, name: str, hours: Iterable[Any], free: Iterable[Any], visits: Sequence[Visit]
) -> Calendar:
    expected = [visit for visit in visits if not visit.is_gone]
    gaps = [gap for gap in _pieces(free) if gap.end - gap.start >= _SHORTEST_GAP]
    return Calendar(
        provider_id,
        name,
        _pieces(hours),
        sorted([*expected, *gaps], key=lambda entry: entry.start),
        [visit for visit in visits if visit.is_gone],
    )


def _pieces(ranges: Iterable[Any]) -> list[Gap]:
    return [Gap(piece.lower, piece.upper) for piece in ranges]
