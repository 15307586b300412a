"""Free times come by the dozen, and a time that is not free says why, in words, with what is free near it."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from appointments.models import Appointment, Hold
from appointments.services.booking import book_appointment
from appointments.services.holding import place_hold
from providers.models import AppointmentType, Closure, Opening, Provider, TimeOff, TypeOverride
from tests.appointments.conftest import add_room
from tests.factories import RegistrationFactory, UserFactory
from tests.portal.booking.conftest import Panel, second_provider


def offered(panel: Panel, **query: Any) -> Any:
    return panel.get("times/", target="book-times", **query).context["offered"]


def starts(panel: Panel, **query: Any) -> list[dt.datetime]:
    return [choice.slot.start for day in offered(panel, **query).days for choice in day.choices]


def why(panel: Panel, start: dt.datetime, **query: Any) -> Any:
    words: dict[str, Any] = {"provider": panel.place.provider.pk, "from": f"{start:%Y-%m-%d}", "at": f"{start:%H:%M}"}
    answer = panel.get("why/", target="book-why", **{**words, **query})
    assert answer.status_code == 200
    return answer.context["answer"]


def test_a_dozen_free_starts_come_and_then_the_next_dozen(panel: Panel) -> None:
    day = panel.place.at(0).date().isoformat()
    first = offered(panel, **{"from": day})
    times = [choice.slot.start for each in first.days for choice in each.choices]
    assert times == [panel.place.at(0) + dt.timedelta(minutes=15 * step) for step in range(12)]
    assert first.more == panel.place.at(3)
    again = starts(panel, **{"from": day, "after": first.more.isoformat()})
    assert again[0] == panel.place.at(3)


def test_what_is_taken_is_not_offered(panel: Panel) -> None:
    place = panel.place
    book_appointment(place.booking(place.at(0)), caller=place.staff)
    assert starts(panel, **{"from": place.at(0).date().isoformat()})[0] == place.at(0, 30)


def test_a_time_at_which_the_patient_is_elsewhere_is_not_offered(panel: Panel) -> None:
    place = panel.place
    other = second_provider(place)
    book_appointment(place.booking(place.at(0, 15), provider_id=other.pk), caller=place.staff)
    day = place.at(0).date().isoformat()
    assert place.at(0) in starts(panel, provider=place.provider.pk, **{"from": day})
    busy = starts(panel, provider=place.provider.pk, patient=place.patients[0].pk, **{"from": day})
    assert busy[0] == place.at(0, 45)


def test_when_another_clinics_patient_is_busy_is_not_told(panel: Panel) -> None:
    """Neither by what is offered, nor by why, nor by what is held: an id in a field is not a way to somebody's day."""
    place, stranger = panel.place, RegistrationFactory.create().patient
    fields: dict[str, Any] = {"patient": stranger.pk, "provider": place.provider.pk, "from": f"{place.at(0):%Y-%m-%d}"}
    fields |= {"at": f"{place.at(0):%H:%M}", "type": place.kind.pk}
    for part in ("times/", "why/", "patients/", ""):
        for target in ("book-times", "book-why", "book-patient", "panel", ""):
            assert panel.get(part, target=target, **fields).status_code == 404, (part, target)
    held = panel.post("hold/", target="book-hold", when=f"{place.provider.pk}@{place.at(0).isoformat()}", **fields)
    assert held.status_code == 404
    assert not Hold.objects.exists()


def test_a_time_that_one_holds_oneself_is_free_and_anothers_is_not(panel: Panel) -> None:
    place = panel.place
    slot = {"when": f"{place.provider.pk}@{place.at(0).isoformat()}", "type": place.kind.pk}
    assert panel.post("hold/", target="book-hold", **slot).status_code == 200
    own = Hold.objects.get()
    assert why(panel, place.at(0), hold=own.pk).free
    assert not why(panel, place.at(0)).free, "control: without the form's hold it is somebody's"
    Hold.objects.filter(pk=own.pk).update(held_by=UserFactory.create())
    assert not why(panel, place.at(0), hold=own.pk).free


def test_with_any_provider_a_time_is_offered_once(panel: Panel) -> None:
    second_provider(panel.place)
    times = starts(panel, **{"from": panel.place.at(0).date().isoformat()})
    assert len(times) == len(set(times)) == 12


def test_a_full_calendar_says_so(panel: Panel) -> None:
    Opening.objects.all().delete()
    answer = panel.get("times/", target="book-times")
    assert b"No free time as far ahead" in answer.content


def test_free_time_far_ahead_is_found(panel: Panel) -> None:
    Opening.objects.all().delete()
    far = panel.place.at(9, days=200)
    Opening.objects.create(
        resource=panel.place.provider, clinic=panel.place.clinic, during=(far, far + dt.timedelta(hours=1))
    )
    assert starts(panel) == [far + dt.timedelta(minutes=15 * step) for step in range(3)]


def test_a_group_says_how_many_seats_are_left(panel: Panel) -> None:
    place = panel.place
    AppointmentType.objects.filter(pk=place.kind.pk).update(capacity=3)
    book_appointment(place.booking(place.at(0)), caller=place.staff)
    day = offered(panel, provider=place.provider.pk, **{"from": place.at(0).date().isoformat()}).days[0]
    assert [(choice.slot.start, choice.seats) for choice in day.choices][:2] == [(place.at(0), 2), (place.at(0, 30), 3)]
    place_hold(appointment_type_id=place.kind.pk, provider_id=place.provider.pk, start=place.at(0), caller=place.staff)
    assert why(panel, place.at(0)).choice.seats == 1
    assert (
        b"1 seat left" in panel.get("times/", target="book-times", **{"from": place.at(0).date().isoformat()}).content
    )


def test_a_free_wish_is_picked(panel: Panel) -> None:
    said = why(panel, panel.place.at(9, 30))
    assert said.free
    assert said.choice.slot.start == panel.place.at(9, 30)
    anybody = why(panel, panel.place.at(9, 30), provider="")
    assert anybody.free
    assert anybody.choice.provider == "Dr. Amara Obi"


def test_a_wish_that_has_passed_says_so(panel: Panel) -> None:
    said = why(panel, panel.place.at(9, days=-1))
    assert said.free
    assert said.past


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("hours", "has no hours for this type"),
        ("time_off", "is away until"),
        ("closure", "The clinic is closed until"),
        ("booked", "is taken until 10:00\xa0AM"),
        ("buffer", "kept free, until 9:40\xa0AM"),
        ("room", "No room or device"),
        ("daily_limit", "as many visits of this type"),
        ("held", "Somebody is holding this time until"),
        ("patient_overlap", "Nobody can be in two places"),
        ("offered", "does not offer this type"),
    ],
)
def test_each_rule_that_blocks_has_its_words(panel: Panel, rule: str, words: str) -> None:
    start = panel.place.at(9, 30)
    _block(panel, rule, start)
    said = why(panel, start, patient=panel.place.patients[0].pk)
    assert not said.free
    assert any(words in reason for reason in said.reasons), said.reasons
    assert said.overlap == (rule == "patient_overlap")
    assert said.may_override == (rule not in {"patient_overlap", "offered"})


def _block(panel: Panel, rule: str, start: dt.datetime) -> None:
    """Put something in the way of the time, by the rule's name."""
    place, hour = panel.place, dt.timedelta(hours=1)
    if rule in {"hours", "time_off", "closure"}:
        Opening.objects.all().delete()
    absence = {"starts_at": start - hour, "ends_at": start + hour}
    blocks: dict[str, Callable[[], Any]] = {
        "hours": lambda: None,
        "time_off": lambda: TimeOff.objects.create(resource=place.provider, **absence),
        "closure": lambda: Closure.objects.create(clinic=place.clinic, reason="Snow", **absence),
        "booked": lambda: _book(panel, start),
        "buffer": lambda: (_book(panel, start - hour), Appointment.objects.update(buffer_after=40)),
        "room": lambda: (add_room(place), _book(panel, start, provider_id=second_provider(place).pk)),
        "daily_limit": lambda: (AppointmentType.objects.update(daily_limit=1), _book(panel, start + 3 * hour)),
        "held": lambda: _hold_by_another(panel, start),
        "patient_overlap": lambda: _book(panel, start, patient=0, provider_id=second_provider(place).pk),
        "offered": lambda: TypeOverride.objects.create(
            provider=place.provider, appointment_type=place.kind, offered=False
        ),
    }
    blocks[rule]()


def _book(panel: Panel, start: dt.datetime, patient: int = 1, **changes: Any) -> object:
    return book_appointment(panel.place.booking(start, patient=patient, **changes), caller=panel.place.staff)


def _hold_by_another(panel: Panel, start: dt.datetime) -> None:
    place = panel.place
    place_hold(
        appointment_type_id=place.kind.pk,
        provider_id=place.provider.pk,
        start=start,
        caller=place.patient_caller(1),
    )


def test_a_refused_wish_comes_with_the_nearest_free_times(panel: Panel) -> None:
    place = panel.place
    book_appointment(place.booking(place.at(9, 30), patient=1), caller=place.staff)
    said = why(panel, place.at(9, 30))
    assert {choice.slot.start for choice in said.near} == {place.at(9), place.at(10), place.at(8, 45)} or len(
        said.near
    ) == 3
    nobody = why(panel, place.at(9, 30), provider="")
    assert nobody.reasons == ["Nobody is free then. Choose a provider to see why."]
    assert place.at(9) in {choice.slot.start for choice in nobody.near}


def test_any_provider_and_a_patient_who_is_elsewhere_says_so(panel: Panel) -> None:
    place = panel.place
    book_appointment(place.booking(place.at(9, 30)), caller=place.staff)
    said = why(panel, place.at(9, 30), provider="", patient=place.patients[0].pk)
    assert said.reasons == ["The patient has another visit then. Nobody can be in two places."]


def test_nobody_who_offers_the_type_is_said(panel: Panel) -> None:
    TypeOverride.objects.create(provider=panel.place.provider, appointment_type=panel.place.kind, offered=False)
    assert why(panel, panel.place.at(9), provider="").reasons == ["Nobody offers this type of visit."]
    assert starts(panel) == []


def test_times_and_why_are_the_whole_panel_without_a_script(panel: Panel) -> None:
    assert Provider.objects.exists()
    for part in ("times/", "why/"):
        answer = panel.get(part)
        assert b"<!doctype html>" in answer.content
        assert b'id="book-times"' in answer.content
