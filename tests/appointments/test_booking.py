"""Booking, as the services do it: a time is sold once, and each refusal is a sentence."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from appointments.errors import OutsideAvailability, PatientOverlap, SlotTaken
from appointments.models import Appointment, Claim, Status
from appointments.services.booking import Override, book_appointment
from appointments.services.moving import reschedule_appointment
from mediconnect.api.versions import Expected
from mediconnect.outbox.models import Fact
from mediconnect.records.models import Change
from mediconnect.resilience.transactions import constraint as name_of
from patients.models import Patient
from providers.models import AppointmentType, Opening, PractitionerRole, Provider
from tests.appointments.conftest import SmallClinic, add_room

pytestmark = pytest.mark.django_db


def test_a_visit_claims_its_time_and_says_so(place: SmallClinic) -> None:
    visit, terms = book_appointment(place.booking(place.at(9)), caller=place.staff)
    assert (visit.version, visit.status) == (1, Status.BOOKED)
    assert visit.ends_at - visit.starts_at == dt.timedelta(minutes=30)
    assert terms.timezone == "America/New_York"
    assert Claim.objects.get(appointment=visit).resource_id == place.provider.pk
    assert Fact.objects.filter(name__endswith="AppointmentBooked", aggregate_id=visit.pk).count() == 1
    change = Change.objects.of(visit).get()
    assert (change.operation, change.actor_id) == ("insert", place.desk.pk)


def test_the_second_of_two_is_offered_other_times(place: SmallClinic) -> None:
    book_appointment(place.booking(place.at(9)), caller=place.staff)
    with pytest.raises(SlotTaken) as refused:
        book_appointment(place.booking(place.at(9, 15), patient=1), caller=place.staff)
    starts = [found["start"] for found in refused.value.extra["alternatives"]]
    assert len(starts) == 3
    assert place.at(9).isoformat() not in starts
    assert place.at(9, 30).isoformat() in starts


def test_neighbours_do_not_collide(place: SmallClinic) -> None:
    for minute in (0, 30):
        book_appointment(place.booking(place.at(10, minute), patient=minute // 30), caller=place.staff)
    assert Appointment.objects.count() == 2


def test_a_buffer_keeps_its_distance(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(buffer_after=15)
    book_appointment(place.booking(place.at(10)), caller=place.staff)
    with pytest.raises(SlotTaken):
        book_appointment(place.booking(place.at(10, 30), patient=1), caller=place.staff)
    book_appointment(place.booking(place.at(10, 45), patient=1), caller=place.staff)


def test_a_patient_is_in_one_place(place: SmallClinic) -> None:
    other = Provider.objects.create(name="Dr. Ines Castro")
    PractitionerRole.objects.create(provider=other, clinic=place.clinic)
    Opening.objects.create(resource=other, clinic=place.clinic, during=Opening.objects.get().during)
    first, _ = book_appointment(place.booking(place.at(9)), caller=place.staff)
    with pytest.raises(PatientOverlap) as refused:
        book_appointment(place.booking(place.at(9), provider_id=other.pk), caller=place.staff)
    assert refused.value.extra["appointment"] == str(first.pk)


def test_outside_the_openings_nobody_books_without_an_override(place: SmallClinic) -> None:
    far = place.at(9, days=60)
    with pytest.raises(OutsideAvailability):
        book_appointment(place.booking(far), caller=place.staff)
    visit, _ = book_appointment(
        place.booking(far, override=Override(place.desk.pk, "the only day the interpreter comes")), caller=place.staff
    )
    assert not Claim.objects.get(appointment=visit).exclusive


def test_an_override_lies_over_another_visit_but_not_over_the_patients_own(place: SmallClinic) -> None:
    over = Override(place.desk.pk, "urgent")
    book_appointment(place.booking(place.at(9)), caller=place.staff)
    book_appointment(place.booking(place.at(9), patient=1, override=over), caller=place.staff)
    with pytest.raises(PatientOverlap):
        book_appointment(place.booking(place.at(9, 15), override=over), caller=place.staff)


def test_rooms_are_taken_in_turn_and_then_there_is_none(place: SmallClinic) -> None:
    rooms = [add_room(place, "Room 1"), add_room(place, "Room 2")]
    taken = []
    for number in range(2):
        over = Override(place.desk.pk, "two at once") if number else None
        visit, _ = book_appointment(place.booking(place.at(9), patient=number, override=over), caller=place.staff)
        taken.append(visit.room_id)
    assert taken == [room.pk for room in rooms]


def test_a_group_fills_its_seats_and_is_then_full(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(capacity=2)
    seats = [
        book_appointment(place.booking(place.at(9), patient=number), caller=place.staff)[0].seat for number in range(2)
    ]
    assert seats == [1, 2]
    assert Claim.objects.count() == 1
    with pytest.raises(SlotTaken):
        book_appointment(place.booking(place.at(9), patient=2), caller=place.staff)


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE appointments_appointment SET starts_at = starts_at + interval '2 years', ends_at = ends_at + interval '2 years'",
         "a_visit_lies_inside_the_openings"),
        ("UPDATE appointments_appointment SET version = version + 2", "a_version_rises_by_one"),
        ("UPDATE appointments_appointment SET status = 'completed'", "a_status_takes_a_known_step"),
        ("UPDATE appointments_appointment SET status = 'lost'", "a_status_takes_a_known_step"),
        ("UPDATE appointments_appointment SET ends_at = starts_at", "a_visit_lasts_five_minutes_to_eight_hours"),
        ("DELETE FROM appointments_appointment", "a_visit_is_never_deleted"),
        ("DELETE FROM providers_opening", "openings_cover_their_visits"),
        ("UPDATE records_change SET at = now()", "a_change_is_never_rewritten"),
    ],
)  # fmt: skip
def test_raw_sql_is_refused_by_name(place: SmallClinic, sql: str, constraint: str) -> None:
    book_appointment(place.booking(place.at(9)), caller=place.staff)
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert name_of(refused.value) == constraint


def test_raw_sql_cannot_sell_a_time_twice(place: SmallClinic) -> None:
    book_appointment(place.booking(place.at(9)), caller=place.staff)
    copied = """
        INSERT INTO appointments_appointment (id, created_at, updated_at, version, clinic_id, provider_id, appointment_type_id,
            patient_id, starts_at, ends_at, buffer_before, buffer_after, status, source, reason, patient_note, internal_note,
            cancellation_reason, override_reason)
        SELECT gen_random_uuid(), now(), now(), 1, clinic_id, provider_id, appointment_type_id, %s, starts_at, ends_at, 0, 0,
               'booked', 'staff', '', '', '', '', '' FROM appointments_appointment
    """
    with pytest.raises(IntegrityError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(copied, [place.patients[1].pk])
    assert name_of(refused.value) == "a_resource_is_claimed_once"


def test_a_patient_of_another_clinic_cannot_be_written_into_this_one(place: SmallClinic) -> None:
    stranger = Patient.objects.create(given_name="Tomas", family_name="Berg")
    visit, _ = book_appointment(place.booking(place.at(9)), caller=place.staff)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Appointment.objects.filter(pk=visit.pk).update(patient=stranger)
    assert name_of(refused.value) == "a_visit_is_for_a_patient_of_its_clinic"


def test_the_last_of_a_group_does_not_stand_in_its_own_way(place: SmallClinic) -> None:
    room = add_room(place)
    AppointmentType.objects.filter(pk=place.kind.pk).update(capacity=2)
    other = Provider.objects.create(name="Dr. Ines Castro")
    PractitionerRole.objects.create(provider=other, clinic=place.clinic)
    Opening.objects.create(resource=other, clinic=place.clinic, during=Opening.objects.get().during)
    visit, _ = book_appointment(place.booking(place.at(9)), caller=place.staff)
    moved, _ = reschedule_appointment(
        appointment_id=visit.pk,
        start=place.at(9),
        provider_id=other.pk,
        expected=Expected(visit.version, by_header=False),
        caller=place.staff,
    )
    assert (moved.provider_id, moved.room_id) == (other.pk, room.pk)
    assert set(Claim.objects.values_list("resource", flat=True)) == {other.pk, room.pk}
