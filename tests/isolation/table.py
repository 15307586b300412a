"""What each caller meets at each endpoint: the one table to extend when an endpoint comes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from providers.models import AppointmentType

from .world import World

# Let in: the answer is the endpoint's own, a refusal by some rule of it included.
IN = "in"
Expected = dict[str, str | int]

_ANYBODY: Expected = dict.fromkeys(
    (
        "owner", "owner without scopes", "stranger", "desk", "colleague", "manager", "desk elsewhere", "manager elsewhere",
        "provider elsewhere",
    ),
    IN,
)  # fmt: skip
_AWAY: Expected = dict.fromkeys(("desk elsewhere", "manager elsewhere", "provider elsewhere"), 404)
_NO_PATIENTS: Expected = dict.fromkeys(("owner", "owner without scopes", "stranger"), 403)
_SCOPED: Expected = {"owner without scopes": 403}

DIRECTORY = _ANYBODY
ONE_OF_DIRECTORY = _ANYBODY | _AWAY
LISTED = _ANYBODY | _SCOPED
SELF: Expected = {**dict.fromkeys(_ANYBODY, 403), "owner": IN, "stranger": IN}
VISIT = LISTED | _AWAY | {"stranger": 404, "colleague": 404}
VISIT_BY_STAFF = VISIT | _NO_PATIENTS
OWN_HOLD: Expected = {**dict.fromkeys(_ANYBODY, 404), **_SCOPED, "owner": IN}
STAFF_LISTED = _ANYBODY | _NO_PATIENTS
STAFF_READ = STAFF_LISTED | _AWAY
DESK_WRITES = STAFF_READ | {"colleague": 403, "provider elsewhere": 403}
MANAGER_WRITES = DESK_WRITES | {"desk": 403, "desk elsewhere": 403}
# Providers write hours, their own: the role is right and the calendar is a colleague's.
HOURS_WRITES = MANAGER_WRITES | {"provider elsewhere": 404}
ASKS_FOR_PATIENT = VISIT | {"colleague": IN}


@dataclass(frozen=True)
class Row:
    """What callers meet, and a request that would be right for the patient's own records."""

    expected: Expected
    body: Callable[[World], Any] = lambda _world: {}
    query: Callable[[World], dict[str, str]] = field(default=lambda _world: {})


def _of(kind: str, **members: Any) -> Callable[[World], dict[str, Any]]:
    """Return the members with the version of the row of this kind."""
    return lambda world: members | {"version": world.version_of(kind)}


def _fixed(**members: Any) -> Callable[[World], dict[str, Any]]:
    return lambda _world: members


def _range(world: World) -> dict[str, str]:
    return {
        "appointment_type": str(world.place.kind.pk),
        "from": world.place.at(9).isoformat(),
        "to": world.place.at(18).isoformat(),
    }


_VISIT = "appointments/<uuid:appointment_id>/"
_PATIENT = "patients/<uuid:patient_id>/"
_SERIES = "series/<uuid:series_id>/"
_MESSAGE = "messages/<uuid:message_id>/"
_CLINIC = "clinics/<uuid:clinic_id>/"
_PROVIDER = "providers/<uuid:provider_id>/"
_ROW = "<uuid:row_id>/"
_HOURS = {"start_time": "18:00", "end_time": "19:00"}
_WISH = "waitlist/<uuid:entry_id>/"
_OFFER = "waitlist/offers/<uuid:offer_id>/"
_STEPS = ("arrive", "room", "start", "complete", "no-show", "undo")


def _moved(world: World) -> dict[str, Any]:
    return {"start": world.place.at(16).isoformat(), "version": world.visit.version}


def _wish(world: World) -> dict[str, Any]:
    other = AppointmentType.objects.get(clinic=world.place.clinic, name="Check-up")
    wanted = {"appointment_type": str(other.pk), "patient": str(world.patient.pk)}
    return wanted | {"providers": [str(world.place.provider.pk)], "until_date": world.day(30)}


def _series(world: World) -> dict[str, Any]:
    """Return the body of two visits of the patient, a day apart."""
    pattern = {"rrule": "FREQ=DAILY;COUNT=2", "starts_on": world.day(9), "start_time": "11:00"}
    return {name: value for name, value in world.booking(11).items() if name != "start"} | pattern


def _of_all(**words: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: words | {"scope": "all", "versions": world.versions_of_series()}


TABLE: dict[tuple[str, str], Row] = {
    ("GET", "availability/"): Row(LISTED, query=_range),
    ("GET", "availability/explain/"): Row(ASKS_FOR_PATIENT, query=lambda world: world.booking(9)),
    ("POST", "holds/"): Row(VISIT, lambda world: world.booking(11)),
    ("DELETE", "holds/<uuid:hold_id>/"): Row(OWN_HOLD),
    ("GET", "appointments/"): Row(LISTED),
    ("POST", "appointments/"): Row(VISIT, lambda world: world.booking(11)),
    ("GET", _VISIT): Row(VISIT),
    ("PATCH", _VISIT): Row(VISIT, _of("visit", reason="a new reason")),
    ("POST", f"{_VISIT}reschedule/"): Row(VISIT, _moved),
    ("POST", f"{_VISIT}cancel/"): Row(VISIT, _of("visit", reason="patient_request")),
    ("POST", f"{_VISIT}confirm/"): Row(VISIT, _of("visit")),
    **{("POST", f"{_VISIT}{step}/"): Row(VISIT_BY_STAFF, _of("visit")) for step in _STEPS},
    ("GET", f"{_VISIT}calendar.ics"): Row(VISIT),
    ("GET", f"{_VISIT}history/"): Row(VISIT_BY_STAFF),
    ("GET", "waitlist/"): Row(LISTED),
    ("POST", "waitlist/"): Row(VISIT | {"colleague": 403}, _wish),
    ("GET", _WISH): Row(VISIT),
    ("PATCH", _WISH): Row(VISIT, _of("wish", notice_minutes=60)),
    ("DELETE", _WISH): Row(VISIT),
    ("POST", f"{_OFFER}accept/"): Row(VISIT),
    ("POST", f"{_OFFER}decline/"): Row(VISIT),
    ("GET", "series/"): Row(STAFF_LISTED),
    ("POST", "series/"): Row(VISIT_BY_STAFF, _series),
    ("GET", _SERIES): Row(VISIT_BY_STAFF),
    ("POST", f"{_SERIES}cancel/"): Row(VISIT_BY_STAFF, _of_all(reason="clinic_other")),
    ("POST", f"{_SERIES}move/"): Row(VISIT_BY_STAFF, _of_all(start_time="16:30")),
    ("POST", f"{_SERIES}restore/"): Row(VISIT_BY_STAFF, lambda world: {"versions": world.versions_of_series()}),
    ("GET", f"{_SERIES}calendar.ics"): Row(VISIT_BY_STAFF),
    ("GET", "clinics/"): Row(DIRECTORY),
    ("GET", _CLINIC): Row(ONE_OF_DIRECTORY),
    ("PATCH", _CLINIC): Row(MANAGER_WRITES, _of("clinic", phone="+12025550111")),
    ("GET", "providers/"): Row(DIRECTORY),
    ("GET", _PROVIDER): Row(ONE_OF_DIRECTORY),
    ("GET", "appointment-types/"): Row(DIRECTORY),
    ("GET", "appointment-types/<uuid:type_id>/"): Row(ONE_OF_DIRECTORY),
    **{
        ("GET", f"{_CLINIC}{kind}/{row}"): Row(STAFF_READ)
        for kind in ("closures", "rooms", "devices", "appointment-types")
        for row in ("", _ROW)
    },
    ("POST", f"{_CLINIC}closures/"): Row(MANAGER_WRITES, lambda world: {"start": world.day(70), "end": world.day(71)}),
    ("PATCH", f"{_CLINIC}closures/{_ROW}"): Row(MANAGER_WRITES, _of("closures", reason="painters")),
    ("DELETE", f"{_CLINIC}closures/{_ROW}"): Row(MANAGER_WRITES, _of("closures")),
    **{
        ("POST", f"{_CLINIC}{kind}/"): Row(MANAGER_WRITES, _fixed(name="A second one"))
        for kind in ("rooms", "devices", "appointment-types")
    },
    **{
        ("PATCH", f"{_CLINIC}{kind}/{_ROW}"): Row(MANAGER_WRITES, _of(kind, name="By another name"))
        for kind in ("rooms", "devices", "appointment-types")
    },
    **{
        ("GET", f"{_PROVIDER}{kind}/{row}"): Row(STAFF_READ)
        for kind in ("working-hours", "one-off-hours", "time-off")
        for row in ("", _ROW)
    },
    ("POST", f"{_PROVIDER}working-hours/"): Row(
        HOURS_WRITES, lambda world: {"weekday": 5, "valid_from": world.day(70), **_HOURS}
    ),
    ("POST", f"{_PROVIDER}one-off-hours/"): Row(HOURS_WRITES, lambda world: {"date": world.day(70), **_HOURS}),
    ("POST", f"{_PROVIDER}time-off/"): Row(HOURS_WRITES, lambda world: {"start": world.day(70), "end": world.day(71)}),
    ("PATCH", f"{_PROVIDER}working-hours/{_ROW}"): Row(HOURS_WRITES, _of("working-hours", end_time="16:00")),
    ("PATCH", f"{_PROVIDER}one-off-hours/{_ROW}"): Row(HOURS_WRITES, _of("one-off-hours", end_time="11:00")),
    ("PATCH", f"{_PROVIDER}time-off/{_ROW}"): Row(HOURS_WRITES, _of("time-off", reason="a congress")),
    **{
        ("DELETE", f"{_PROVIDER}{kind}/{_ROW}"): Row(HOURS_WRITES, _of(kind))
        for kind in ("working-hours", "one-off-hours", "time-off")
    },
    ("GET", "messages/"): Row(STAFF_LISTED),
    ("GET", _MESSAGE): Row(VISIT_BY_STAFF),
    ("GET", f"{_MESSAGE}events/"): Row(VISIT_BY_STAFF),
    ("POST", f"{_MESSAGE}requeue/"): Row(DESK_WRITES),
    ("POST", f"{_MESSAGE}discard/"): Row(DESK_WRITES, _fixed(reason="called the patient")),
    ("GET", "patients/"): Row(STAFF_LISTED),
    ("POST", "patients/"): Row(
        DESK_WRITES,
        lambda world: {
            "given_name": "Aisha",
            "family_name": "Khan",
            "birth_date": "1990-05-17",
            "clinic": str(world.place.clinic.pk),
        },
    ),
    ("POST", "patients/search/"): Row(STAFF_LISTED, _fixed(q="aldersgate")),
    ("GET", _PATIENT): Row(STAFF_READ),
    ("PATCH", _PATIENT): Row(DESK_WRITES, _of("patient", language="es")),
    ("POST", f"{_PATIENT}registrations/"): Row(DESK_WRITES, lambda world: {"clinic": str(world.place.clinic.pk)}),
    ("POST", f"{_PATIENT}invite/"): Row(DESK_WRITES),
    ("POST", f"{_PATIENT}merge/"): Row(
        DESK_WRITES, lambda world: {"with": str(world.place.patients[1].pk), "version": world.version_of("patient")}
    ),
    ("POST", f"{_PATIENT}merge/undo/"): Row(DESK_WRITES),
    ("GET", f"{_PATIENT}contact-points/"): Row(STAFF_READ),
    ("POST", f"{_PATIENT}contact-points/"): Row(DESK_WRITES, _fixed(system="email", value="second@example.org")),
    ("PATCH", f"{_PATIENT}contact-points/<uuid:contact_point_id>/"): Row(DESK_WRITES, _of("contact-point", rank=3)),
    ("GET", f"{_PATIENT}dependants/"): Row(STAFF_READ),
    ("POST", f"{_PATIENT}dependants/"): Row(
        DESK_WRITES, lambda world: {"patient": str(world.place.patients[1].pk), "relationship": "child"}
    ),
    ("DELETE", f"{_PATIENT}dependants/<uuid:dependant_id>/"): Row(DESK_WRITES),
    ("GET", "me/"): Row(SELF),
    ("PATCH", "me/"): Row(SELF, _of("patient", language="es")),
    ("GET", "me/dashboard/"): Row(SELF),
}
