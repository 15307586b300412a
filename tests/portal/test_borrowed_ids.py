"""An id of another clinic in a field of one's own form books nothing, moves nothing, gives nothing away."""

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import Value
from django.db.models.functions import Replace
from django.test import Client

from appointments.models import Appointment, Hold
from appointments.services.booking import Caller
from appointments.services.holding import place_hold
from mediconnect.accounts.models import User
from mediconnect.portal.once import new_key
from patients.models import Dependant, Patient
from providers.models import Clinic, PractitionerRole, Provider, WorkingHours
from tests.browser.clinic_day import ClinicDay, clinic_day
from tests.portal.test_isolation import _client


@dataclass
class Two:
    """Two clinics as like as two eggs; `desk` and `admin` are browsers at the first."""

    own: ClinicDay
    other: ClinicDay

    @property
    def desk(self) -> Client:
        """The front desk's browser."""
        return _client(self.own.desk)

    @property
    def admin(self) -> Client:
        """The clinic admin's browser."""
        return _client(self.own.admin)

    def slot(self, day: ClinicDay) -> str:
        """Return a free time of the second provider of a clinic, as the panel sends it."""
        return f"{day.providers[1].pk}@{day.at(26 * 60).isoformat(timespec='minutes')}"


@pytest.fixture
def two(db: None) -> Two:
    own = clinic_day()
    Clinic.objects.filter(pk=own.clinic.pk).update(name="Harbour Street Clinic North")
    User.objects.update(email=Replace("email", Value("example.org"), Value("example.net")))
    return Two(own, clinic_day())


def _sent(client: Client, address: str, fields: dict[str, Any]) -> int:
    return int(client.post(address, {"key": new_key(), **fields}).status_code)


def test_nothing_is_booked_with_anything_of_another_clinic(two: Two) -> None:
    own, other = two.own, two.other
    good = {
        "patient": own.patients["maria"].pk, "type": own.consultation.pk, "when": two.slot(own), "date": f"{own.base:%Y-%m-%d}",
        "act": "book",
    }  # fmt: skip
    borrowed = {
        "patient": other.patients["maria"].pk, "type": other.consultation.pk, "when": two.slot(other),
        "provider": other.providers[1].pk, "take": two.slot(other),
    }  # fmt: skip
    before = Appointment.objects.count()
    for field, value in borrowed.items():
        assert _sent(two.desk, own.path("book"), good | {field: value}) == 404, field
        if field != "take":
            assert _sent(two.desk, own.path("book-hold"), good | {field: value}) == 404, field
    assert (Appointment.objects.count(), Hold.objects.count()) == (before, 0)
    assert _sent(two.desk, own.path("book"), good) == 303, "control: without them it is booked"


def test_a_hold_of_another_desk_is_neither_used_nor_given_back(two: Two) -> None:
    own, other = two.own, two.other
    foreign, _terms = place_hold(
        appointment_type_id=other.consultation.pk,
        provider_id=other.providers[1].pk,
        start=other.at(26 * 60),
        caller=Caller(other.desk.pk, patients_own=False),
    )
    for fields in ({}, {"when": two.slot(own), "type": own.consultation.pk}):
        assert _sent(two.desk, own.path("book-hold"), {"hold": foreign.pk, **fields}) in {200, 204}
    booking = {"patient": own.patients["maria"].pk, "type": own.consultation.pk, "when": two.slot(own), "act": "book"}
    assert _sent(two.desk, own.path("book"), booking | {"hold": foreign.pk}) in {303, 409}
    assert Hold.objects.filter(pk=foreign.pk).exists()


def test_nobody_walks_in_or_moves_to_another_clinic(two: Two) -> None:
    own, other = two.own, two.other
    walk_in = {"patient": own.patients["maria"].pk, "type": own.consultation.pk, "q": "", "found_for": ""}
    borrowed = {
        "patient": other.patients["peter"].pk, "type": other.consultation.pk, "provider": other.providers[0].pk,
    }  # fmt: skip
    before = Appointment.objects.count()
    for field, value in borrowed.items():
        assert _sent(two.desk, own.path("walk-in"), walk_in | {field: value}) == 404, field
    visit = own.fresh("booked")
    move = {
        "version": visit.version,
        "start": own.at(26 * 60).isoformat(timespec="minutes"),
        "provider": other.providers[1].pk,
    }
    assert _sent(two.desk, own.path("visit-move", visit=visit.pk), move) in {404, 422}
    assert own.fresh("booked").provider_id == own.providers[0].pk
    assert Appointment.objects.count() == before


def test_nobody_acts_for_a_patient_of_another_clinic(two: Two) -> None:
    own, other = two.own, two.other
    address = own.path("patient-dependants", patient=own.patients["maria"].pk)
    for as_what in ("guardian", "dependant"):
        fields = {"other": other.patients["peter"].pk, "relationship": "parent", "as": as_what}
        assert _sent(two.desk, address, fields) == 404
    assert not Dependant.objects.exists()
    fields = {"other": own.patients["peter"].pk, "relationship": "parent", "as": "guardian"}
    assert _sent(two.desk, address, fields) == 303, "control: one's own patient may"


def test_setup_takes_nothing_of_another_clinic(two: Two) -> None:
    own, other = two.own, two.other
    providers, hours = Provider.objects.count(), WorkingHours.objects.count()
    new = {"name": "Dr. Lee Novak", "specialty": ""}
    assert _sent(two.admin, own.path("setup-provider-new"), new | {"user": other.doctor.pk}) == 422
    assert _sent(two.admin, own.path("setup-provider-new"), {"known": other.providers[0].pk, "specialty": ""}) == 422
    row = own.providers[1]
    edit = {"name": row.name, "specialty": "", "version": row.version, "user": other.doctor.pk}
    assert _sent(two.admin, own.path("setup-provider", provider=row.pk), edit) == 422
    week = {
        "repeats": "weekly", "weekdays": "0", "start_time": "21:00", "end_time": "22:00", "types": other.consultation.pk,
    }  # fmt: skip
    assert _sent(two.admin, own.path("hours-new", provider=row.pk), week) == 422
    assert not PractitionerRole.objects.filter(clinic=own.clinic, provider=other.providers[0]).exists()
    assert (Provider.objects.count(), WorkingHours.objects.count()) == (providers, hours)


def test_roles_decide_what_each_form_does(two: Two) -> None:
    """The front desk sets nothing up, a provider alone books and moves in the own calendar only and registers nobody."""
    own, doctor = two.own, _client(two.own.doctor)
    for name, ids in (
        ("setup-type-new", {}), ("setup-room-new", {}), ("setup-closure-new", {}), ("setup-policies", {}), ("setup-invite", {}),
        ("setup-member", {"member": own.desk.pk}), ("setup-member-remove", {"member": own.other_desk.pk}),
        ("setup-member-link", {"member": own.other_desk.pk}), ("setup-provider-new", {}),
        ("setup-provider-end", {"provider": own.providers[0].pk}), ("hours-new", {"provider": own.providers[1].pk}),
        ("time-off-new", {"provider": own.providers[1].pk}),
    ):  # fmt: skip
        for client in (two.desk, doctor):
            assert _sent(client, own.path(name, **ids), {"roles": "clinic_admin"}) in {403, 404}, name
    theirs, people = own.fresh("confirmed"), Patient.objects.count()
    for name in ("visit-step", "visit-undo", "visit-move", "visit-cancel", "visit-notes", "arrivals-priority"):
        fields = {"version": theirs.version, "step": "arrive", "reason": "patient_request", "priority": "urgent"}
        assert _sent(doctor, own.path(name, visit=theirs.pk), fields) == 404, name
    booking = {"patient": own.patients["maria"].pk, "type": own.consultation.pk, "when": two.slot(own), "act": "book"}
    assert _sent(doctor, own.path("book"), booking) == 404
    someone = {"given_name": "Nora", "family_name": "Lindgren", "patient": "new", "type": own.consultation.pk}
    for name in ("new-patient", "book-new-patient", "walk-in"):
        assert _sent(doctor, own.path(name), someone) in {403, 404}, name
    assert (own.fresh("confirmed").version, Patient.objects.count()) == (theirs.version, people)


@pytest.mark.parametrize("key", [None, "", "x", "page-" + "z" * 300, str(uuid.UUID(int=0))])
def test_a_form_without_a_key_of_its_own_is_carried_out_once_or_not_at_all(two: Two, key: str | None) -> None:
    visit, client = two.own.fresh("booked"), two.desk
    fields = {"version": visit.version, "step": "confirm"} | ({} if key is None else {"key": key})
    for _ in range(2):
        client.post(two.own.path("visit-step", visit=visit.pk), fields)
    assert two.own.fresh("booked").version <= visit.version + 1
