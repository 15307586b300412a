"""Look at rows about visits: who comes to whom and when, whether that is booked already, and what is in the way."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext, gettext_noop

from appointments.models import CLAIMING, Appointment, Status
from appointments.services.recording import OVER
from appointments.services.refusing import malformed_length
from mediconnect.operations.exchange.cells import UnfitCell, read_time
from mediconnect.operations.exchange.columns import plain
from mediconnect.operations.exchange.findings import Finding, Judged, Line, Unfit
from mediconnect.operations.exchange.scene import Reading, Scene
from mediconnect.operations.models import Verdict
from patients.models import Registration
from providers.models import AppointmentType, TypeOverride
from providers.rules.clock import instant_of

from .conflicts import Way, Wished, look

_LONGEST_REASON: Final = 1_000
_NO_SUCH_PATIENT: Final = gettext_noop("No patient here has this record number. Import the patients first.")
_MOVED: Final = gettext_noop(
    "This visit is at another time, or with somebody else, by now. Visits are moved in the calendar."
)
_NOT_OVER: Final = gettext_noop("A visit to come is booked; its status is left empty, or is booked or confirmed.")
_HOW_DID_IT_END: Final = gettext_noop("This visit is over. Say how it ended: completed, cancelled or no-show.")
_CLOSED: Final = gettext_noop("The provider has no hours for this type of visit then.")
_TAKEN: Final = gettext_noop("The provider is taken then.")
_ELSEWHERE: Final = gettext_noop("The patient has another visit then. Nobody can be in two places.")
_GROUP: Final = gettext_noop("Visits of groups are not brought along once they are over.")


@dataclass(frozen=True, slots=True)
class _Read:
    """A row whose cells can be used, before it is known who the patient is."""

    line: Line
    plan: dict[str, Any]
    kind: AppointmentType
    provider_id: uuid.UUID
    start: dt.datetime


@dataclass(frozen=True, slots=True)
class _Known:
    """What is there already: patients by number, visits by identifier and by who, with whom and when."""

    patients: Mapping[str, uuid.UUID]
    by_id: Mapping[str, Appointment]
    by_place: Mapping[tuple[uuid.UUID, uuid.UUID, dt.datetime], Sequence[Appointment]]
    own: Mapping[tuple[uuid.UUID, uuid.UUID], TypeOverride]


def judge(scene: Scene, lines: Sequence[Line]) -> list[Judged]:
    """Return what each row would do; six statements at most, however many rows there are."""
    judged, read = list[Judged](), list[_Read]()
    for line in lines:
        try:
            read.append(_read(line, scene))
        except Unfit as unfit:
            judged.append(_refused(line, *unfit.findings))
    known = _known(scene, read)
    wishes = {row.line.number: _wish(row, known) for row in read if row.plan["record_number"].upper() in known.patients}
    ways = look(scene.clinic.pk, list(wishes.values()))
    for row in read:
        wish = wishes.get(row.line.number)
        if wish is None:
            judged.append(_refused(row.line, Finding(_NO_SUCH_PATIENT, "record_number")))
        else:
            judged.append(_judged(scene, row, known, wish, ways[row.line.number]))
    return judged


def _refused(line: Line, *findings: Finding) -> Judged:
    return Judged(number=line.number, verdict=Verdict.REFUSED, findings=findings)


def _read(line: Line, scene: Scene) -> _Read:
    reading = Reading(line, scene)
    reading.require("record_number", "type", "provider", "date", "time")
    kind, role = reading.take("type", scene.type_named), reading.take("provider", scene.provider_named)
    day, time = reading.date("date"), reading.take("time", read_time)
    minutes, status = reading.take("minutes", _minutes), reading.take("status", _status)
    if len(line.get("reason")) > _LONGEST_REASON:
        reading.wrong("reason", gettext_noop("A reason has 1,000 characters at most."))
    if day is not None and not 1990 <= day.year <= 2100:
        reading.wrong("date", gettext_noop("Days run from 1990 to 2100."))
    reading.finish()
    if kind is None or role is None or day is None or time is None:
        raise Unfit
    wall = dt.datetime.combine(day, time)
    start = instant_of(wall, scene.zone)
    if start.astimezone(scene.zone).replace(tzinfo=None) != wall:
        raise Unfit(Finding(gettext_noop("The clock jumps over this time on that day."), "time"))
    plan = {
        "record_number": line.get("record_number"),
        "type": str(kind.pk),
        "provider": str(role.provider_id),
        "start": start.isoformat(),
        "minutes": minutes,
        "status": status or "",
        "reason": line.get("reason"),
    }
    return _Read(line, plan, kind, role.provider_id, start)


def _minutes(text: str) -> int:
    if not text.isdecimal() or len(text) > 4:
        raise UnfitCell(gettext_noop("“%(text)s” is no number of minutes."), text=text)
    malformed_length(int(text))
    return int(text)


def _status(text: str) -> str:
    for status in Status:
        if plain(text) in {plain(status.value), plain(str(status.label)), plain(gettext(str(status.label)))}:
            return str(status.value)
    raise UnfitCell(gettext_noop("“%(text)s” is no status of a visit."), text=text)


def _known(scene: Scene, read: Sequence[_Read]) -> _Known:
    numbers = {row.plan["record_number"].upper() for row in read}
    registered = Registration.objects.annotate(upper=Upper("record_number"))
    found = registered.filter(clinic=scene.clinic, upper__in=numbers).values_list("upper", "patient_id")
    patients = dict(found) if numbers else {}
    identified = [row.line.get("id").lower() for row in read if _is_identifier(row.line.get("id"))]
    starts = [row.start for row in read]
    visits = Appointment.objects.filter(clinic=scene.clinic).filter(
        Q(pk__in=identified) | Q(starts_at__in=starts, patient__in=set(patients.values()))
    )
    by_place: dict[tuple[uuid.UUID, uuid.UUID, dt.datetime], list[Appointment]] = {}
    by_id: dict[str, Appointment] = {}
    for visit in visits.defer("reason", "patient_note", "internal_note") if read else ():
        by_id[str(visit.pk)] = visit
        by_place.setdefault((visit.patient_id, visit.provider_id, visit.starts_at), []).append(visit)
    kinds = {row.kind.pk for row in read}
    own = TypeOverride.objects.filter(appointment_type__in=kinds) if kinds else ()
    return _Known(patients, by_id, by_place, {(one.provider_id, one.appointment_type_id): one for one in own})


def _is_identifier(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _wish(row: _Read, known: _Known) -> Wished:
    kind, own = row.kind, known.own.get((row.provider_id, row.kind.pk))
    minutes = row.plan["minutes"] or _first(own.duration if own else None, kind.duration)
    return Wished(
        number=row.line.number,
        provider_id=row.provider_id,
        appointment_type_id=kind.pk,
        patient_id=known.patients[row.plan["record_number"].upper()],
        start=row.start,
        end=row.start + dt.timedelta(minutes=minutes),
        buffer_before=_first(own.buffer_before if own else None, kind.buffer_before),
        buffer_after=_first(own.buffer_after if own else None, kind.buffer_after),
    )


def _first(own: int | None, usual: int) -> int:
    return usual if own is None else own


def _judged(scene: Scene, row: _Read, known: _Known, wish: Wished, way: Way) -> Judged:
    plan = {**row.plan, "patient": str(wish.patient_id)}
    place = (wish.patient_id, wish.provider_id, wish.start)
    there = known.by_id.get(row.line.get("id").lower())
    if there is not None and (there.patient_id, there.provider_id, there.starts_at) != place:
        return _refused(row.line, Finding(_MOVED, "id"))
    same = there or next((visit for visit in known.by_place.get(place, ()) if _is_told(visit, plan["status"])), None)
    key = f"visit {place}"
    if same is not None:
        return Judged(
            number=row.line.number, verdict=Verdict.SAME, plan=plan, target=same.pk, seen=same.version, key=key
        )
    findings = list(_in_the_way(scene, row, wish, way))
    if findings:
        return _refused(row.line, *findings)
    return Judged(number=row.line.number, verdict=Verdict.NEW, plan=plan, key=key)


def _is_told(visit: Appointment, status: str) -> bool:
    """Return whether a visit that is there is the one that a row tells of: it stands, or it ended as the row says."""
    return visit.status in CLAIMING or visit.status == status


def _in_the_way(scene: Scene, row: _Read, wish: Wished, way: Way) -> Iterator[Finding]:
    status, over = row.plan["status"], wish.end <= scene.now
    if over and status not in OVER:
        yield Finding(_HOW_DID_IT_END, "status")
        return
    if not over and status not in {"", Status.BOOKED, Status.CONFIRMED}:
        yield Finding(_NOT_OVER, "status")
        return
    if over and row.kind.capacity > 1:
        yield Finding(_GROUP, "type")
    if not over and not way.open:
        yield Finding(_CLOSED, "time")
    if over and status != Status.COMPLETED:
        return
    if way.taken:
        yield Finding(_TAKEN, "time")
    if way.elsewhere:
        yield Finding(_ELSEWHERE, "time")
