"""Entering an absence finds and holds a new time for each visit that it hits, or enters nothing."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.errors import PeopleAreHere
from appointments.models import Appointment, Claim, DisplacedVisit, Displacement, Hold
from appointments.queries.displacing.search import Ways
from appointments.services.booking import Override, book_appointment
from appointments.services.displacing import entering
from appointments.services.displacing.entering import look_ahead
from appointments.services.flow import advance_appointment
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid
from patients.models import Patient, Registration
from providers.models import AppointmentType, Clinic, Closure, Device, Opening, PractitionerRole, Room, TimeOff
from providers.services.hours import NewWorkingHours, add_working_hours
from tests.appointments.displacing.ward import Ward, rows_of

State = DisplacedVisit.State


def arrive(visit: Appointment, ward: Ward) -> None:
    """Let the patient be here."""
    advance_appointment(
        appointment_id=visit.pk,
        step="arrive",
        expected=Expected(visit.version, by_header=False),
        caller=ward.place.staff,
    )


def test_each_visit_is_marked_and_its_nearest_time_with_the_same_provider_after_the_absence_is_held(ward: Ward) -> None:
    early, late = ward.book(9), ward.book(10, patient=1)
    entered = ward.displace()
    assert isinstance(entered.absence, TimeOff)
    rows = rows_of(ward.one(entered))
    assert [row.appointment_id for row in rows] == [early.pk, late.pk]
    assert [row.state for row in rows] == [State.PROPOSED, State.PROPOSED]
    # Both would go nearest to the old time: the morning after the absence, the first who was booked first.
    assert [row.proposed_starts_at for row in rows] == [ward.at(8, days=3), ward.at(8, 30, days=3)]
    for visit, row in ((early, rows[0]), (late, rows[1])):
        visit.refresh_from_db()
        assert visit.displaced
        hold = Hold.objects.get(displaced_visit=row)
        assert (hold.provider_id, hold.starts_at, hold.patient_id) == (
            ward.ada.pk,
            row.proposed_starts_at,
            visit.patient_id,
        )
        assert row.expires_at is not None
        assert hold.expires_at == row.expires_at + dt.timedelta(seconds=60)


def test_a_time_is_held_for_as_long_as_the_clinic_says_and_an_hour_before_it_begins_at_the_latest(ward: Ward) -> None:
    ward.book(9)
    (row,) = rows_of(ward.one(ward.displace(ways=Ways(answer_hours=24))))
    assert row.expires_at is not None
    assert dt.timedelta(hours=23) < row.expires_at - timezone.now() <= dt.timedelta(hours=24)


def test_a_held_time_ends_an_hour_before_it_begins(ward: Ward) -> None:
    ward.book(9)
    (row,) = rows_of(ward.one(ward.displace(ways=Ways(answer_hours=168))))
    assert row.expires_at == ward.at(8, days=3) - dt.timedelta(hours=1)


def test_substitutes_step_in_by_their_order_at_the_nearest_time(ward: Ward) -> None:
    ward.book(9)
    ward.book(9, 30, patient=1)
    ward.book(9, provider_id=ward.ben.pk, patient=2)
    ways = Ways(same_provider=False, substitutes=(ward.ben.pk,))
    rows = rows_of(ward.one(ward.displace(ways=ways)))
    assert [row.proposed_provider_id for row in rows] == [ward.ben.pk, ward.ben.pk]
    # Half past eight and half past nine are equally near to nine; the earlier one is taken.
    assert [row.proposed_starts_at for row in rows] == [ward.at(8, 30), ward.at(9, 30)]


def test_with_nothing_free_by_the_rules_a_visit_is_for_the_call_list(ward: Ward) -> None:
    ward.book(9)
    (row,) = rows_of(ward.one(ward.displace(ways=Ways(same_provider=False))))
    assert row.state == State.TO_CALL
    assert not Hold.objects.exists()


def test_no_time_is_proposed_beyond_the_days_asked_for(ward: Ward) -> None:
    ward.book(9)
    away = ward.away(until_days=20)
    (row,) = rows_of(ward.one(ward.displace(away, Ways(within_days=1))))
    assert row.proposed_starts_at == ward.at(8, days=21)


def test_a_time_at_which_the_patient_is_elsewhere_is_not_proposed(ward: Ward) -> None:
    ward.book(9)
    ward.book(9, days=3, provider_id=ward.ben.pk)
    ways = Ways(same_provider=False, substitutes=(ward.ben.pk,))
    (row,) = rows_of(ward.one(ward.displace(ways=ways)))
    assert row.proposed_starts_at == ward.at(9)
    ward.book(8, days=4, provider_id=ward.ben.pk, patient=1)
    second = ward.book(8, days=4, provider_id=ward.ada.pk)
    (row,) = rows_of(ward.one(ward.displace(ward.away(days=4))))
    assert row.appointment_id == second.pk
    assert row.proposed_starts_at == ward.at(8, days=5)


def test_two_visits_of_one_patient_are_not_proposed_at_one_time(ward: Ward) -> None:
    ward.book(9)
    ward.book(9, 30, provider_id=ward.ben.pk)
    rows = rows_of(ward.one(ward.displace(ward.closed())))
    one, two = sorted(Hold.objects.filter(displaced_visit__in=rows), key=lambda hold: hold.starts_at)
    assert one.ends_at <= two.starts_at


def test_a_closure_displaces_the_visits_of_everybody(ward: Ward) -> None:
    ward.book(9)
    ward.book(9, provider_id=ward.ben.pk, patient=1)
    entered = ward.displace(ward.closed())
    assert isinstance(entered.absence, Closure)
    rows = rows_of(ward.one(entered))
    assert {row.proposed_provider_id for row in rows} == {ward.ada.pk, ward.ben.pk}
    assert {row.proposed_starts_at for row in rows} == {ward.at(8, days=3)}


def test_rooms_and_devices_are_held_with_the_new_time(ward: Ward) -> None:
    AppointmentType.objects.filter(pk=ward.place.kind.pk).update(room_kind="exam", device_kind="scan")
    rooms = [Room.objects.create(name=f"Room {n}", clinic=ward.place.clinic, category="exam") for n in (1, 2)]
    device = Device.objects.create(name="Scanner", clinic=ward.place.clinic, category="scan")
    ward.book(9)
    ward.book(10, patient=1)
    ward.book(8, days=3, provider_id=ward.ben.pk, patient=2)
    rows = rows_of(ward.one(ward.displace()))
    held = [Hold.objects.get(displaced_visit=row) for row in rows]
    assert all(hold.room_id in {room.pk for room in rooms} and hold.device_id == device.pk for hold in held)
    # The one device is in use at eight and can do one visit at a time.
    assert [hold.starts_at for hold in held] == [ward.at(8, 30, days=3), ward.at(9, days=3)]
    assert Claim.objects.filter(hold__in=held).count() == 6


def test_a_visit_with_two_providers_keeps_the_one_who_is_there(ward: Ward) -> None:
    visit = ward.book(9)
    Appointment.objects.filter(pk=visit.pk).update(second_provider=ward.ben)
    ward.book(8, days=3, provider_id=ward.ben.pk, patient=1)
    (row,) = rows_of(ward.one(ward.displace()))
    hold = Hold.objects.get(displaced_visit=row)
    assert (hold.provider_id, hold.second_provider_id) == (ward.ada.pk, ward.ben.pk)
    assert hold.starts_at == ward.at(8, 30, days=3)


def test_the_second_provider_is_replaced_when_it_is_the_second_who_is_away(ward: Ward) -> None:
    visit = ward.book(9, provider_id=ward.ben.pk)
    Appointment.objects.filter(pk=visit.pk).update(second_provider=ward.ada)
    (row,) = rows_of(ward.one(ward.displace()))
    hold = Hold.objects.get(displaced_visit=row)
    assert (hold.provider_id, hold.second_provider_id) == (ward.ben.pk, ward.ada.pk)
    assert hold.starts_at == ward.at(8, days=3)


def group_of(ward: Ward, seats: int = 3) -> AppointmentType:
    """Let the clinic have a group."""
    kind: AppointmentType = AppointmentType.objects.create(
        clinic=ward.place.clinic, name="Back class", duration=60, capacity=seats
    )
    return kind


def test_participants_of_a_group_go_to_the_next_one_with_a_free_seat_and_the_rest_is_called(ward: Ward) -> None:
    kind = group_of(ward, seats=2)
    visits = [ward.book(9, patient=n, appointment_type_id=kind.pk) for n in (0, 1)]
    ward.book(9, patient=2, appointment_type_id=kind.pk, days=4)
    rows = {row.appointment_id: row for row in rows_of(ward.one(ward.displace()))}
    first, second = rows[visits[0].pk], rows[visits[1].pk]
    assert {first.state, second.state} == {State.PROPOSED, State.TO_CALL}
    (hold,) = Hold.objects.all()
    assert hold.session_id is not None
    assert hold.starts_at == ward.at(9, days=4)


def test_a_days_limit_holds_for_proposals_as_well(ward: Ward) -> None:
    AppointmentType.objects.filter(pk=ward.place.kind.pk).update(daily_limit=2)
    ward.book(9)
    ward.book(10, patient=1)
    ward.book(15, patient=2, days=3)
    rows = rows_of(ward.one(ward.displace()))
    days = [row.proposed_starts_at.astimezone(ward.place.clinic.zone).date() for row in rows if row.proposed_starts_at]
    assert days == [ward.at(8, days=3).date(), ward.at(8, days=4).date()]


def test_a_length_made_by_hand_is_kept(ward: Ward) -> None:
    ward.book(9, minutes=50)
    (row,) = rows_of(ward.one(ward.displace()))
    assert row.proposed_starts_at
    assert row.proposed_ends_at
    assert row.proposed_ends_at - row.proposed_starts_at == dt.timedelta(minutes=50)


def test_a_visit_outside_the_hours_on_purpose_is_hit_as_well(ward: Ward) -> None:
    override = Override(ward.place.desk.pk, "urgent")
    booking = ward.place.booking(ward.at(17, 45), override=override)
    visit, _terms = book_appointment(booking, caller=ward.place.staff)
    (row,) = rows_of(ward.one(ward.displace()))
    assert row.appointment_id == visit.pk


def test_people_who_are_here_stand_in_the_way_and_nothing_is_entered(ward: Ward) -> None:
    ward.book(10, patient=1)
    here = ward.book(9)
    arrive(here, ward)
    with pytest.raises(PeopleAreHere) as refused:
        ward.displace()
    assert [visit.pk for visit in refused.value.here] == [here.pk]
    assert not TimeOff.objects.exists()
    assert not Displacement.objects.exists()
    assert not Appointment.objects.filter(displaced=True).exists()
    preview = look_ahead(ward.away(), Ways())
    assert preview.after == here.ends_at
    ward.displace(ward.away(first=10))
    assert DisplacedVisit.objects.count() == 1


def test_an_absence_that_hits_nobody_is_entered_and_displaces_nothing(ward: Ward) -> None:
    entered = ward.displace()
    assert entered.displacements == []
    assert TimeOff.objects.get() == entered.absence


def test_a_visit_at_another_clinic_is_displaced_there(ward: Ward) -> None:
    other = Clinic.objects.create(name="Hillside", timezone="America/New_York", phone="+12025550111")
    PractitionerRole.objects.create(provider=ward.ada, clinic=other)
    kind = AppointmentType.objects.create(clinic=other, name="Check", duration=30)
    patient = Patient.objects.create(given_name="Ivo", family_name="Brandt")
    Registration.objects.create(patient=patient, clinic=other, record_number="H1")
    Opening.objects.filter(resource=ward.ada).delete()
    work_there = NewWorkingHours(rrule="FREQ=DAILY", start_time=dt.time(6), end_time=dt.time(8))
    add_working_hours(resource_id=ward.ada.pk, clinic_id=other.pk, hours=work_there)
    visit = ward.book(7, appointment_type_id=kind.pk, patient_id=patient.pk)
    entered = ward.displace(ward.away(first=6))
    (displacement,) = entered.displacements
    assert displacement.clinic_id == other.pk
    assert rows_of(displacement)[0].appointment_id == visit.pk


def test_what_somebody_chose_comes_before_what_the_rules_find(ward: Ward) -> None:
    one, two, three = ward.book(9), ward.book(10, patient=1), ward.book(11, patient=2)
    chosen = {two.pk: (ward.ben.pk, ward.at(15)), three.pk: None}
    rows = {row.appointment_id: row for row in rows_of(ward.one(ward.displace(chosen=chosen)))}
    assert rows[one.pk].proposed_starts_at == ward.at(8, days=3)
    assert (rows[two.pk].proposed_provider_id, rows[two.pk].proposed_starts_at) == (ward.ben.pk, ward.at(15))
    assert rows[three.pk].state == State.TO_CALL


def test_a_chosen_time_that_is_taken_gives_way_to_the_rules(ward: Ward) -> None:
    visit = ward.book(9)
    ward.book(15, patient=1, provider_id=ward.ben.pk)
    chosen = {visit.pk: (ward.ben.pk, ward.at(15))}
    (row,) = rows_of(ward.one(ward.displace(chosen=chosen)))
    assert row.proposed_starts_at == ward.at(8, days=3)


@pytest.mark.parametrize(
    "ways", [Ways(within_days=0), Ways(within_days=91), Ways(answer_hours=0), Ways(answer_hours=169)]
)
def test_rules_that_no_table_would_keep_are_refused(ward: Ward, ways: Ways) -> None:
    with pytest.raises(Invalid):
        ward.displace(ways=ways)


def test_a_time_held_for_an_earlier_absence_is_given_up_when_its_provider_is_away_as_well(ward: Ward) -> None:
    visit = ward.book(9)
    ward.displace(ways=Ways(same_provider=False, substitutes=(ward.ben.pk,)))
    away = ward.away()
    entered = ward.displace(replace(away, provider_id=ward.ben.pk))
    assert entered.displacements == []
    row = ward.row(visit)
    assert row.state == State.TO_CALL
    assert not Hold.objects.exists()


def test_a_crash_in_between_leaves_nothing_half_done(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    ward.book(9)

    def crash(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(entering, "hold_for", crash)
    with pytest.raises(RuntimeError), transaction.atomic():
        ward.displace()
    assert not TimeOff.objects.exists()
    assert not Displacement.objects.exists()
    assert not DisplacedVisit.objects.exists()
    assert not Appointment.objects.filter(displaced=True).exists()


def test_looking_ahead_writes_nothing_and_asks_no_more_for_sixty_visits_than_for_six(ward: Ward) -> None:
    people = [Patient.objects.create(given_name="Noor", family_name=f"Haddad {n}") for n in range(60)]
    for person in people:
        Registration.objects.create(
            patient=person, clinic=ward.place.clinic, record_number=f"N{person.family_name[-2:]}"
        )
    counts, preview = [], look_ahead(ward.away(), Ways())
    for number, person in enumerate(people, start=1):
        day, slot = divmod(number - 1, 20)
        ward.book(8 + slot // 2, slot % 2 * 30, days=2 + day, patient_id=person.pk)
        if number in {6, 60}:
            with CaptureQueriesContext(connection) as queries:
                preview = look_ahead(ward.away(until_days=4), Ways(substitutes=(ward.ben.pk,)), others=4)
            counts.append(len(queries))
    assert len(preview.planned) == 60
    assert all(one.found for one in preview.planned)
    assert len({(one.found.provider_id, one.found.starts_at) for one in preview.planned if one.found}) == 60
    assert counts[0] == counts[1]
    assert counts[1] <= 7
    assert not Hold.objects.exists()
    assert not Appointment.objects.filter(displaced=True).exists()
