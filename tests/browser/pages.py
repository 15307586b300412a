"""Pages of the portal, by the name of their address: who opens each, and what has to be known for it."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from appointments.models import DisplacedVisit
from appointments.services.batches.starting import Asked, Seen, start_batch
from appointments.services.booking import Booking, Caller, book_appointment
from patients.rules.merging import MergeChoices
from patients.services.merging.merging import merge_patients
from providers.models import AppointmentType
from providers.services.absences import enter_closure
from tests.browser.absences_of_a_day import absence_of_a_day
from tests.browser.brought import brought
from tests.browser.clinic_day import ClinicDay
from tests.browser.elsewhere import calls_of_a_day, feed_of_a_day
from tests.browser.messages_of_a_day import Written, messages_of_a_day
from tests.browser.series_of_a_day import series_of_a_day

Reader = Literal["desk", "admin", "doctor"]


def _of_the_clinic(_day: ClinicDay) -> dict[str, Any]:
    return {}


def _closed_for_a_day(day: ClinicDay) -> dict[str, Any]:
    start = day.at(0).replace(hour=0, minute=0) + dt.timedelta(days=9)
    edit = enter_closure(
        clinic_id=day.clinic.pk, starts_at=start, ends_at=start + dt.timedelta(days=1), reason="Staff training"
    )
    return {"closure": edit.record.pk}


def _also_closed(day: ClinicDay) -> dict[str, Any]:
    _closed_for_a_day(day)
    return {}


def _brought(day: ClinicDay) -> dict[str, Any]:
    brought(day)
    return {}


def _written(day: ClinicDay) -> dict[str, Any]:
    messages_of_a_day(day)
    return {}


def _told(what: Callable[[Written], dict[str, Any]]) -> Callable[[ClinicDay], dict[str, Any]]:
    return lambda day: what(messages_of_a_day(day))


def _displaced(what: Callable[[DisplacedVisit], dict[str, Any]]) -> Callable[[ClinicDay], dict[str, Any]]:
    return lambda day: what(absence_of_a_day(day))


def _hooked(day: ClinicDay) -> dict[str, Any]:
    return {"hook": calls_of_a_day(day).pk}


def _also_hooked(day: ClinicDay) -> dict[str, Any]:
    calls_of_a_day(day)
    return {}


def _read_elsewhere(day: ClinicDay) -> dict[str, Any]:
    return {"provider": feed_of_a_day(day).provider_id}


def _merged(day: ClinicDay) -> dict[str, Any]:
    kept, gone = day.patients["max"], day.patients["mei"]
    merge = merge_patients(
        kept_id=kept.pk, gone_id=gone.pk, choices=MergeChoices(sides={}, confirm_birth_date=kept.birth_date), version=kept.version, by_id=day.desk.pk,
        within={day.clinic.pk}, today=day.base.date(),
    )  # fmt: skip
    return {"patient": kept.pk, "merge": merge.pk}


def _many(day: ClinicDay) -> dict[str, Any]:
    visits = [day.fresh("booked"), day.fresh("confirmed")]
    batch = start_batch(
        clinic_id=day.clinic.pk,
        asked=Asked("cancel", reason="provider_unavailable"),
        visits=[Seen(visit.pk, visit.version) for visit in visits],
        caller=Caller(day.desk.pk, patients_own=False),
    )
    return {"batch": batch.pk}


def grouped(day: ClinicDay) -> dict[str, Any]:
    kind = AppointmentType.objects.create(clinic=day.clinic, name="Back class", duration=60, capacity=8)
    words: dict[str, Any] = {"appointment_type_id": kind.pk, "provider_id": day.providers[0].pk, "source": "staff"}
    start, caller = day.at(0).replace(hour=18, minute=0), Caller(day.desk.pk, patients_own=False)
    visits = [
        book_appointment(
            Booking(patient_id=day.patients[name].pk, start=start + dt.timedelta(days=days), **words), caller=caller
        )[0]
        for name, days in (("max", 1), ("layla", 1), ("peter", 2))
    ]
    return {"session": visits[0].session_id}


# Name of the address → who looks at it, and its arguments beside the clinic.
PAGES: Final[Mapping[str, tuple[Reader, Callable[[ClinicDay], dict[str, Any]]]]] = {
    "board": ("desk", _of_the_clinic),
    "visit": ("desk", lambda day: {"visit": day.visits["booked"].pk}),
    "visit-move": ("desk", lambda day: {"visit": day.visits["booked"].pk}),
    "visit-cancel": ("desk", lambda day: {"visit": day.visits["booked"].pk}),
    "batches": ("desk", _of_the_clinic),
    "batch": ("desk", _many),
    "groups": ("desk", _of_the_clinic),
    "group": ("desk", grouped),
    "providers": ("desk", _of_the_clinic),
    "provider": ("admin", lambda day: {"provider": day.providers[0].pk}),
    "hours-new": ("admin", lambda day: {"provider": day.providers[0].pk}),
    "time-off-new": ("admin", lambda day: {"provider": day.providers[0].pk}),
    "displace-provider": ("desk", lambda day: {"provider": day.providers[1].pk}),
    "displace-closure": ("admin", _of_the_clinic),
    "displacements": ("desk", _displaced(lambda _row: {})),
    "displacement": ("desk", _displaced(lambda row: {"displacement": row.displacement_id})),
    "displaced-visit": ("desk", _displaced(lambda row: {"displacement": row.displacement_id, "row": row.pk})),
    "sheet": ("desk", _of_the_clinic),
    "week": ("desk", _of_the_clinic),
    "month": ("desk", _of_the_clinic),
    "reports": ("desk", _of_the_clinic),
    "setup": ("admin", _of_the_clinic),
    "setup-types": ("admin", _of_the_clinic),
    "setup-type-new": ("admin", _of_the_clinic),
    "setup-type": ("admin", lambda day: {"kind": day.procedure.pk}),
    "setup-type-provider": ("admin", lambda day: {"kind": day.procedure.pk, "provider": day.providers[0].pk}),
    "setup-rooms": ("admin", _of_the_clinic),
    "setup-room-new": ("admin", _of_the_clinic),
    "setup-room": ("admin", lambda day: {"resource": day.rooms[0].pk}),
    "setup-closures": ("admin", _also_closed),
    "setup-closure-new": ("admin", _of_the_clinic),
    "setup-closure": ("admin", _closed_for_a_day),
    "setup-policies": ("admin", _of_the_clinic),
    "setup-overbooking": ("admin", _of_the_clinic),
    "setup-waitlist": ("admin", _of_the_clinic),
    "setup-waitlist-type": ("admin", lambda day: {"kind": day.procedure.pk}),
    "waitlist": ("desk", _of_the_clinic),
    "waitlist-new": ("desk", _of_the_clinic),
    "setup-messages": ("admin", _of_the_clinic),
    "setup-messages-type": ("admin", lambda day: {"kind": day.procedure.pk}),
    "setup-messages-words": ("admin", _of_the_clinic),
    "setup-messages-word": ("admin", lambda _day: {"kind": "booked", "channel": "email", "language": "es"}),
    "setup-messages-ours": ("admin", lambda _day: {"kind": "booked", "channel": "sms", "language": "en"}),
    "setup-hooks": ("admin", _also_hooked),
    "setup-hook-new": ("admin", _of_the_clinic),
    "setup-hook": ("admin", _hooked),
    "setup-hook-edit": ("admin", _hooked),
    "setup-hook-remove": ("admin", _hooked),
    "provider-feeds": ("admin", _read_elsewhere),
    "exchange": ("admin", _brought),
    "exchange-kind": ("admin", lambda _day: {"kind": "visits"}),
    "exchange-import": ("admin", lambda day: {"run": brought(day).pk}),
    "setup-people": ("admin", _of_the_clinic),
    "setup-invite": ("admin", _of_the_clinic),
    "setup-member": ("admin", lambda day: {"member": day.desk.pk}),
    "setup-member-remove": ("admin", lambda day: {"member": day.desk.pk}),
    "setup-provider-new": ("admin", _of_the_clinic),
    "setup-provider": ("admin", lambda day: {"provider": day.providers[0].pk}),
    "setup-provider-end": ("admin", lambda day: {"provider": day.providers[0].pk}),
    "book": ("desk", _of_the_clinic),
    "series-new": ("desk", _of_the_clinic),
    "series": ("desk", lambda day: {"series": series_of_a_day(day).pk}),
    "series-cancel": ("desk", lambda day: {"series": series_of_a_day(day).pk}),
    "series-move": ("desk", lambda day: {"series": series_of_a_day(day).pk}),
    "arrivals": ("desk", _of_the_clinic),
    "messages": ("desk", _written),
    "message-log": ("desk", _written),
    "message": ("desk", _told(lambda written: {"message": written.messages["delivered"].pk})),
    "message-discard": ("desk", _told(lambda written: {"message": written.messages["dead"].pk})),
    "reply": ("desk", _told(lambda written: {"reply": written.replies["unclear"].pk})),
    "walk-in": ("desk", _of_the_clinic),
    "waiting-room": ("admin", _of_the_clinic),
    "patients": ("desk", _of_the_clinic),
    "new-patient": ("desk", _of_the_clinic),
    "patient-merge-find": ("desk", lambda day: {"patient": day.patients["max"].pk}),
    "patient-merge": ("desk", lambda day: {"patient": day.patients["max"].pk, "other": day.patients["mei"].pk}),
    "patient-merged": ("desk", _merged),
    "patient": ("desk", lambda day: {"patient": day.patients["max"].pk}),
}
