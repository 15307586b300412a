"""Many wishes read at once are what each would be alone."""

import datetime as dt
from typing import Any

import pytest

from appointments.models import Session
from appointments.queries.situation import Wish, situation_of
from appointments.queries.situations import situations_of
from appointments.queries.terms import terms_of
from appointments.services.booking import book_appointment
from appointments.services.holding import place_hold
from providers.models import AppointmentType, Device
from tests.appointments.conftest import SmallClinic, add_room

pytestmark = pytest.mark.django_db


def wishes(place: SmallClinic, kind: AppointmentType) -> list[Wish]:
    terms = terms_of(appointment_type_id=kind.pk, provider_id=place.provider.pk)
    starts = [place.at(8, days=2) + dt.timedelta(minutes=20 * step) for step in range(18)]
    return [Wish(terms, terms.span(start), place.patients[0].pk, by_patient=False) for start in starts]


def filled(place: SmallClinic) -> None:
    add_room(place)
    Device.objects.create(name="Scanner", clinic=place.clinic, category="ultrasound")
    AppointmentType.objects.filter(pk=place.kind.pk).update(
        daily_limit=2, device_kind="ultrasound", buffer_before=5, buffer_after=10
    )
    book_appointment(place.booking(place.at(9)), caller=place.staff)
    book_appointment(place.booking(place.at(11), patient=1), caller=place.staff)
    place_hold(
        appointment_type_id=AppointmentType.objects.create(clinic=place.clinic, name="Talk").pk,
        provider_id=place.provider.pk,
        start=place.at(12, 30),
        caller=place.staff,
    )


def test_each_is_what_it_is_alone(place: SmallClinic) -> None:
    filled(place)
    asked = wishes(place, place.kind)
    alone = [situation_of(wish) for wish in asked]
    together = situations_of(asked)
    assert [one.__class__ for one in together] == [one.__class__ for one in alone]
    for one, other in zip(together, alone, strict=True):
        assert (one.open, one.conflicts, one.closed_things) == (other.open, other.conflicts, other.closed_things)
        assert (one.patient_visit, one.visits_that_day) == (other.patient_visit, other.visits_that_day)
    assert any(one.conflicts for one in together)
    assert any(one.patient_visit for one in together)


def test_groups_too(place: SmallClinic) -> None:
    group = AppointmentType.objects.create(clinic=place.clinic, name="Group", capacity=3)
    for patient in range(2):
        book_appointment(place.booking(place.at(10), patient, appointment_type_id=group.pk), caller=place.staff)
    asked = wishes(place, group)
    for one, other in zip(situations_of(asked), [situation_of(wish) for wish in asked], strict=True):
        assert (one.session_id, one.seats_taken, one.seats_held) == (
            other.session_id,
            other.seats_taken,
            other.seats_held,
        )
        assert one.conflicts == other.conflicts
    assert {one.session_id for one in situations_of(asked)} == {None, Session.objects.get().pk}


def test_visits_of_one_s_own_stand_in_no_way(place: SmallClinic) -> None:
    filled(place)
    visit, _ = book_appointment(place.booking(place.at(14, days=3)), caller=place.staff)
    terms = terms_of(appointment_type_id=place.kind.pk, provider_id=place.provider.pk)
    wish = Wish(terms, terms.span(place.at(14, days=3)), place.patients[0].pk, by_patient=False)
    (met,), (left,) = situations_of([wish]), situations_of([wish], own=[visit.pk])
    assert (met.patient_visit, bool(met.conflicts), met.visits_that_day) == (visit.pk, True, 1)
    assert (left.patient_visit, bool(left.conflicts), left.visits_that_day) == (None, False, 0)


def test_the_last_of_a_group_takes_its_time_along(place: SmallClinic) -> None:
    group = AppointmentType.objects.create(clinic=place.clinic, name="Group", capacity=3)
    visit, _ = book_appointment(place.booking(place.at(10), appointment_type_id=group.pk), caller=place.staff)
    terms = terms_of(appointment_type_id=group.pk, provider_id=place.provider.pk)
    wish = Wish(terms, terms.span(place.at(10, 15)), place.patients[0].pk, by_patient=False)
    assert situations_of([wish])[0].conflicts
    assert not situations_of([wish], own=[visit.pk])[0].conflicts


def test_fifty_wishes_are_one_statement(place: SmallClinic, django_assert_num_queries: Any) -> None:
    asked = wishes(place, place.kind)
    with django_assert_num_queries(1):
        assert len(situations_of(asked * 3)) == 54
    assert situations_of([]) == []
