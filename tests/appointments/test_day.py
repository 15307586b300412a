"""The day as a board reads it: every visit and whatever else takes time, in two statements however full it is."""

import datetime as dt
from typing import Any

import pytest

from appointments.models import Appointment, Claim, Hold, Priority, Status
from appointments.queries import day
from appointments.queries.day import busy_besides, visits_of
from appointments.services.booking import Override, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.holding import place_hold
from appointments.services.noting import note_appointment
from appointments.services.prioritising import prioritise
from mediconnect.api.versions import Expected
from providers.models import AppointmentType, PractitionerRole, TimeOff
from tests.appointments.conftest import SmallClinic, add_room, small_clinic
from tests.appointments.loads import FOUND_BY_START, plan_of, years_of_visits
from tests.concurrency.clinics import second_provider

pytestmark = pytest.mark.django_db

FIRST = Expected(1, by_header=False)


def booked(place: SmallClinic, hour: int, patient: int = 0, **changes: Any) -> Appointment:
    return book_appointment(place.booking(place.at(hour), patient=patient, **changes), caller=place.staff)[0]


def span(place: SmallClinic) -> tuple[dt.datetime, dt.datetime]:
    return place.at(0), place.at(0, days=3)


def test_a_visit_with_all_that_a_board_shows(place: SmallClinic) -> None:
    room = add_room(place)
    AppointmentType.objects.filter(pk=place.kind.pk).update(buffer_after=10)
    visit = booked(place, 9, override=Override(place.desk.pk, "in pain"))
    note_appointment(
        appointment_id=visit.pk, notes={"internal_note": "brings a cane"}, expected=FIRST, caller=place.staff
    )
    prioritise(
        appointment_id=visit.pk,
        priority=Priority.URGENT,
        expected=Expected(2, by_header=False),
        caller=place.staff,
    )
    (shown,) = visits_of(place.clinic.pk, *span(place))
    patient = place.patients[0]
    assert (shown.id, shown.version, shown.status) == (visit.pk, 3, Status.BOOKED)
    assert (shown.start, shown.end, shown.buffer_before, shown.buffer_after) == (place.at(9), place.at(9, 30), 0, 10)
    assert (shown.provider_name, shown.room_id, shown.room_name, shown.type_name) == (
        "Dr. Amara Obi",
        room.pk,
        "Room 1",
        "Consultation",
    )
    assert (shown.patient_id, shown.name, shown.birth_date) == (patient.pk, "Moreau 0, Lena", patient.birth_date)
    assert (shown.has_note, shown.urgent, shown.overridden, shown.claims) == (True, True, True, True)
    assert "cane" not in repr(shown)


def test_what_was_cancelled_or_missed_is_there_and_says_so(place: SmallClinic) -> None:
    first, second, kept = (booked(place, hour) for hour in (9, 10, 11))
    cancel_appointment(appointment_id=first.pk, reason="clinic_other", expected=FIRST, caller=place.staff)
    advance_appointment(appointment_id=second.pk, step="no-show", expected=FIRST, caller=place.staff)
    shown = visits_of(place.clinic.pk, *span(place))
    assert [(visit.id, visit.claims, visit.has_note) for visit in shown] == [
        (first.pk, False, False),
        (second.pk, False, False),
        (kept.pk, True, False),
    ]


def test_who_sits_in_a_group_knows_how_many_may(place: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=place.kind.pk).update(capacity=3)
    one, two = booked(place, 9), booked(place, 9, 1)
    shown = visits_of(place.clinic.pk, *span(place))
    assert {(visit.session_id, visit.capacity) for visit in shown} == {(one.session_id, 3)}
    assert one.session_id == two.session_id


def test_the_day_has_its_edges(place: SmallClinic) -> None:
    start, end = place.at(9), place.at(12)
    long = booked(place, 1, minutes=480)
    at_start = book_appointment(place.booking(place.at(9), patient=1), caller=place.staff)[0]
    booked(place, 12, 1)
    assert [visit.id for visit in visits_of(place.clinic.pk, start, end)] == [at_start.pk]
    assert [visit.id for visit in visits_of(place.clinic.pk, place.at(8, 59), end)] == [long.pk, at_start.pk]


def test_only_the_calendars_that_are_asked_for_and_only_this_clinic(place: SmallClinic) -> None:
    other, elsewhere = second_provider(place), small_clinic()
    booked(place, 9)
    theirs = booked(place, 10, provider_id=other.pk)
    booked(elsewhere, 9)
    assert [visit.id for visit in visits_of(place.clinic.pk, *span(place), providers=[other.pk])] == [theirs.pk]
    assert visits_of(place.clinic.pk, *span(place), providers=[]) == []
    assert len(visits_of(place.clinic.pk, *span(place))) == 2


def test_a_hold_is_there_until_it_runs_out(place: SmallClinic) -> None:
    hold, _ = place_hold(
        appointment_type_id=place.kind.pk, provider_id=place.provider.pk, start=place.at(9), caller=place.staff
    )
    (busy,) = busy_besides(place.clinic.pk, [place.provider.pk], *span(place))
    assert (busy.kind, busy.resource_id, busy.start, busy.until) == (
        "hold",
        place.provider.pk,
        place.at(9),
        hold.expires_at,
    )
    assert busy.words == place.desk.display_name
    ago = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    Hold.objects.update(expires_at=ago)
    Claim.objects.filter(hold=hold).update(expires_at=ago)
    assert busy_besides(place.clinic.pk, [place.provider.pk], *span(place)) == []


def test_what_people_do_at_another_clinic_is_a_time_and_nothing_else(place: SmallClinic) -> None:
    elsewhere = small_clinic()
    PractitionerRole.objects.create(provider=elsewhere.provider, clinic=place.clinic)
    booked(elsewhere, 9)
    (busy,) = busy_besides(place.clinic.pk, [elsewhere.provider.pk], *span(place))
    assert (busy.kind, busy.resource_id, busy.start, busy.end, busy.room_id, busy.words, busy.until) == (
        "elsewhere",
        elsewhere.provider.pk,
        place.at(9),
        place.at(9, 30),
        None,
        "",
        None,
    )
    own = busy_besides(elsewhere.clinic.pk, [elsewhere.provider.pk], *span(place))
    assert own == []


def test_why_somebody_is_away_is_not_told(place: SmallClinic) -> None:
    TimeOff.objects.create(
        resource=place.provider, starts_at=place.at(9), ends_at=place.at(12), reason="surgery of his own"
    )
    (busy,) = busy_besides(place.clinic.pk, [place.provider.pk], *span(place))
    assert (busy.kind, busy.words, busy.takes) == ("away", "", False)


def test_a_full_day_is_two_statements(place: SmallClinic, django_assert_num_queries: Any) -> None:
    for hour in range(8, 18):
        booked(place, hour)
    with django_assert_num_queries(1):
        assert len(visits_of(place.clinic.pk, *span(place))) == 10
    with django_assert_num_queries(1):
        busy_besides(place.clinic.pk, [place.provider.pk], *span(place))


def test_years_of_visits_are_not_walked_through(place: SmallClinic) -> None:
    years_of_visits(booked(place, 9), visits=6_000)
    start, end = span(place)
    words: dict[str, Any] = {"clinic": place.clinic.pk, "start": start, "end": end}
    visits = plan_of(day._VISITS, words | {"providers": None})
    assert FOUND_BY_START.search(visits)
    assert "Seq Scan on appointments_appointment" not in visits
    busy = plan_of(day._BUSY, words | {"things": [place.provider.pk]})
    assert "claims_by_resource_and_start" in busy
    assert "Seq Scan on appointments_claim" not in busy
