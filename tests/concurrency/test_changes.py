"""Visits that several people change at once: moves that cross, versions that were read twice, time that was given back."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from appointments.models import Appointment, Claim, Status
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.moving_back import move_back
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.outbox.models import Fact
from mediconnect.records.models import Change
from tests.appointments.conftest import SmallClinic
from tests.concurrency.clinics import second_provider
from tests.concurrency.guards import (
    counted_errors,
    everybody_looks_before_anybody_writes,
    moves_that_lock_in_two_orders,
    without_locks,
)
from tests.concurrency.racing import desk_apis, patient_api, race, refusal_of, sending, tally
from tests.counts import rounds

pytestmark = pytest.mark.race

FIRST = Expected(1, by_header=False)


def booked(place: SmallClinic, hour: int, patient: int = 0, **changes: Any) -> Appointment:
    """Book and return the visit."""
    return book_appointment(place.booking(place.at(hour), patient=patient, **changes), caller=place.staff)[0]


def moving(place: SmallClinic, visit: Appointment, hour: int, **changes: Any) -> Callable[[], str]:
    """Return the desk's move of the visit."""
    words: dict[str, Any] = {"start": place.at(hour), "expected": FIRST, "caller": place.staff} | changes
    return refusal_of(partial(reschedule_appointment, appointment_id=visit.pk, **words))


def taken_back(place: SmallClinic, visit: Appointment) -> Callable[[], str]:
    """Return the desk's taking back of the visit's first move."""
    words: dict[str, Any] = {"expected": Expected(2, by_header=False), "caller": place.staff}
    return refusal_of(partial(move_back, appointment_id=visit.pk, **words))


def crossed(place: SmallClinic) -> list[Callable[[], str]]:
    """Return two moves: each visit, one of each provider, to the other's time and provider."""
    other = second_provider(place)
    one, two = booked(place, 9), booked(place, 10, 1, provider_id=other.pk)
    return [
        moving(place, one, 10, provider_id=other.pk),
        moving(place, two, 9, provider_id=place.provider.pk),
    ]


def test_crossed_moves_are_both_answered_and_neither_visit_is_lost(place: SmallClinic, isolation: str) -> None:
    with counted_errors() as errors:
        for outcome in race(crossed(place)):
            assert outcome in {"done", "slot-taken"}
    assert errors["40P01"] == 0
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 2
    assert Claim.objects.count() == 2


def test_control_in_two_orders_crossed_moves_wait_for_each_other(place: SmallClinic, isolation: str) -> None:
    with moves_that_lock_in_two_orders(), counted_errors() as errors:
        outcomes = race(crossed(place))
    assert errors["40P01"] >= 1
    assert set(outcomes) <= {"done", "slot-taken"}  # the victim began again
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 2


def test_many_move_to_one_time_and_one_arrives(crowd: SmallClinic, isolation: str) -> None:
    visits = [booked(crowd, hour, hour) for hour in range(12)]
    outcomes = Counter(race([moving(crowd, visit, 20) for visit in visits]))
    assert outcomes == {"done": 1, "slot-taken": 11}
    assert Claim.objects.count() == 12


def test_moves_in_a_ring_end(crowd: SmallClinic, isolation: str) -> None:
    visits = [booked(crowd, hour, hour) for hour in range(8)]
    outcomes = Counter(race([moving(crowd, visit, (n + 1) % 8) for n, visit in enumerate(visits)]))
    assert set(outcomes) <= {"done", "slot-taken"}
    assert Claim.objects.count() == 8


def test_of_twenty_who_saw_the_first_version_one_confirms(place: SmallClinic, isolation: str) -> None:
    visit = booked(place, 9)
    body = {"version": 1}
    actions = [sending(api, f"appointments/{visit.pk}/confirm/", body) for api in desk_apis(place.desk, 20)]
    answers = race(actions)
    assert tally(answers) == {"200": 1, "409 version-conflict": 19}
    assert {answer.json()["current"]["version"] for answer in answers if answer.status_code == 409} == {2}
    visit.refresh_from_db()
    assert (visit.version, visit.status) == (2, Status.CONFIRMED)
    assert Change.objects.of(visit).count() == 2


def test_of_twenty_notes_on_the_first_version_one_is_kept(place: SmallClinic, isolation: str) -> None:
    visit = booked(place, 9)
    actions = [
        sending(api, f"appointments/{visit.pk}/", {"version": 1, "internal_note": f"note {n}"}, method="PATCH")
        for n, api in enumerate(desk_apis(place.desk, 20))
    ]
    assert tally(race(actions)) == {"200": 1, "409 version-conflict": 19}


def test_control_without_the_version_the_last_note_wins_silently(
    place: SmallClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appointments.services.noting.check_version", lambda _visit, _expected: None)
    visit = booked(place, 9)
    actions = [
        sending(api, f"appointments/{visit.pk}/", {"version": 1, "internal_note": f"note {n}"}, method="PATCH")
        for n, api in enumerate(desk_apis(place.desk, 5))
    ]
    assert tally(race(actions)) == {"200": 5}


def test_cancel_confirm_move_and_no_show_of_one_version_have_one_winner(place: SmallClinic, isolation: str) -> None:
    words: dict[str, Any] = {"expected": FIRST, "caller": place.staff}
    for hour in range(rounds(quick=2, full=50)):
        visit = booked(place, hour % 20)
        outcomes = Counter(
            race(
                [
                    refusal_of(partial(cancel_appointment, appointment_id=visit.pk, reason="clinic_other", **words)),
                    refusal_of(partial(advance_appointment, appointment_id=visit.pk, step="confirm", **words)),
                    refusal_of(partial(advance_appointment, appointment_id=visit.pk, step="no-show", **words)),
                    moving(place, visit, 22),
                ]
            )
        )
        assert outcomes == {"done": 1, "version-conflict": 3}
        visit.refresh_from_db()
        if visit.status in {Status.BOOKED, Status.CONFIRMED}:  # the next round wants the time
            cancel_appointment(
                appointment_id=visit.pk,
                reason="clinic_other",
                expected=Expected(visit.version, by_header=False),
                caller=place.staff,
            )


def test_an_undone_cancellation_and_a_new_booking_compete_for_the_time(crowd: SmallClinic, isolation: str) -> None:
    for number in range(rounds(quick=3, full=50)):
        visit = booked(crowd, number % 24, 49)
        cancel_appointment(appointment_id=visit.pk, reason="clinic_other", expected=FIRST, caller=crowd.staff)
        rivals = [crowd.booking(crowd.at(number % 24), patient=n) for n in range(3)]
        outcomes = race(
            [
                refusal_of(
                    partial(
                        undo_last_step,
                        appointment_id=visit.pk,
                        expected=Expected(2, by_header=False),
                        caller=crowd.staff,
                    )
                ),
                *(refusal_of(partial(book_appointment, rival, caller=crowd.staff)) for rival in rivals),
            ]
        )
        assert Counter(outcomes) == {"done": 1, "slot-taken": 3}
        for live in Appointment.objects.filter(status=Status.BOOKED):
            cancel_appointment(
                appointment_id=live.pk,
                reason="clinic_other",
                expected=Expected(live.version, by_header=False),
                caller=crowd.staff,
            )


def test_a_move_taken_back_and_new_bookings_compete_for_the_time(crowd: SmallClinic, isolation: str) -> None:
    for number in range(rounds(quick=3, full=50)):
        hour = number % 20
        visit = booked(crowd, hour, 49)
        assert moving(crowd, visit, 22)() == "done"
        rivals = [crowd.booking(crowd.at(hour), patient=n) for n in range(3)]
        outcomes = race(
            [
                taken_back(crowd, visit),
                *(refusal_of(partial(book_appointment, rival, caller=crowd.staff)) for rival in rivals),
            ]
        )
        assert Counter(outcomes) == {"done": 1, "slot-taken": 3}
        for live in Appointment.objects.filter(status=Status.BOOKED):
            cancel_appointment(
                appointment_id=live.pk,
                reason="clinic_other",
                expected=Expected(live.version, by_header=False),
                caller=crowd.staff,
            )


def test_control_without_the_queue_the_constraint_alone_tells_them_apart(crowd: SmallClinic) -> None:
    visit = booked(crowd, 9, 49)
    assert moving(crowd, visit, 22)() == "done"
    rivals = [
        refusal_of(partial(book_appointment, crowd.booking(crowd.at(9), patient=n), caller=crowd.staff))
        for n in range(3)
    ]
    with without_locks(), everybody_looks_before_anybody_writes(4), counted_errors() as errors:
        outcomes = race([taken_back(crowd, visit), *rivals])
    assert errors["23P01"] + errors["40P01"] >= 1
    assert Counter(outcomes)["done"] == 1


def test_of_two_who_take_a_move_back_one_does(place: SmallClinic, isolation: str) -> None:
    visit = booked(place, 9)
    assert moving(place, visit, 22)() == "done"
    assert Counter(race([taken_back(place, visit), taken_back(place, visit)])) == {"done": 1, "version-conflict": 1}


def test_a_patient_and_the_desk_cancel_one_visit_once(place: SmallClinic, isolation: str) -> None:
    visit = booked(place, 9)
    answers = race(
        [
            sending(
                patient_api(place.users[0]),
                f"appointments/{visit.pk}/cancel/",
                {"reason": "patient_request", "version": 1},
            ),
            sending(
                desk_apis(place.desk, 1)[0],
                f"appointments/{visit.pk}/cancel/",
                {"reason": "clinic_other", "version": 1},
            ),
        ]
    )
    assert tally(answers) == {"200": 1, "409 version-conflict": 1}
    assert Fact.objects.filter(name__endswith="AppointmentCancelled").count() == 1
