"""A series at the desk: planned in words, booked with one button, and changed from its page or from a visit's card."""

import datetime as dt
from typing import Any

import pytest

from appointments.models import Appointment, Series
from appointments.services.booking import book_appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from mediconnect.api.versions import Expected
from providers.models import Membership, Provider, Role
from tests.concurrency.clinics import second_provider
from tests.factories import UserFactory

from .conftest import Pages, marked, text

FIRST = Expected(1, by_header=False)


def times(series: Series) -> list[str]:
    visits = Appointment.objects.filter(series=series).order_by("occurrence")
    return [f"{visit.starts_at.astimezone(series.clinic.zone):%H:%M} {visit.status}" for visit in visits]


def test_the_booking_panel_leads_here_with_what_was_chosen_and_typed(pages: Pages) -> None:
    start = pages.place.at(10, 30)
    panel = pages.client.get(f"/clinics/{pages.place.clinic.pk}/book/")
    assert f'formaction="{pages.url("new/")}"' in panel.content.decode()
    slot = f"{pages.place.provider.pk}@{start.isoformat(timespec='minutes')}"
    fields = {
        "patient": pages.place.patients[0].pk,
        "type": pages.place.kind.pk,
        "when": slot,
        "reason": "cough",
        "act": "pattern",
    }
    page = pages.post("new/", **fields).content.decode()
    assert 'value="10:30"' in page
    assert f'value="{start:%Y-%m-%d}"' in page
    assert 'value="cough"' in page


def test_without_a_patient_it_says_where_to_choose_one(pages: Pages) -> None:
    for answer, status in ((pages.get("new/"), 200), (pages.post("new/", act="pattern"), 422)):
        assert answer.status_code == status
        assert "Choose the patient in the booking first." in text(answer)


def test_planned_then_booked_with_one_button(pages: Pages) -> None:
    fields, words = pages.planned()
    assert "All 4 visits are free." in words
    assert not Appointment.objects.exists()
    answer = pages.post("new/", **fields, act="book")
    series = Series.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, pages.url(f"{series.pk}/"))
    assert times(series) == ["09:00 booked"] * 4
    assert {visit.reason for visit in series.visits.all()} == {"physiotherapy"}
    page = text(pages.get(f"{series.pk}/"))
    assert "4 visits booked." in page
    day = pages.place.at(9).strftime("%A")
    assert f"Every {day}, 9:00" in page


def test_a_booking_by_mistake_is_undone_as_a_whole(pages: Pages) -> None:
    series = pages.booked()
    undo = pages.client.session["undo"]
    assert undo["action"] == pages.url(f"{series.pk}/cancel/")
    pages.post(f"{series.pk}/cancel/", **undo["fields"])
    assert times(series) == ["09:00 cancelled"] * 4


def test_conflicts_are_named_and_an_alternative_is_chosen(pages: Pages) -> None:
    book_appointment(pages.place.booking(pages.place.at(9, days=9), patient=1), caller=pages.place.staff)
    fields, words = pages.planned()
    assert "1 of 4 visits is not free then." in words
    assert "Dr. Amara Obi is taken until 9:30" in words
    assert fields["o-2"].endswith(f"{pages.place.at(8, 30, days=9).isoformat(timespec='minutes')}")
    pages.post("new/", **(fields | {"o-4": "out"}), act="book")
    assert times(Series.objects.get()) == ["09:00 booked", "08:30 booked", "09:00 booked"]


def test_what_is_lost_meanwhile_is_shown_again_with_what_is_free_now(pages: Pages) -> None:
    fields, _ = pages.planned()
    book_appointment(pages.place.booking(pages.place.at(9, days=16), patient=1), caller=pages.place.staff)
    answer = pages.post("new/", **fields, act="book")
    assert answer.status_code == 409
    assert "Some times of the series are taken" in text(answer)
    assert not Series.objects.exists()
    again = pages.pattern() | marked(answer.content.decode())
    assert again["o-3"] not in {"as", "out"}
    assert pages.post("new/", **again, act="book").status_code == 303


def test_choices_for_another_pattern_are_not_carried_over(pages: Pages) -> None:
    fields, _ = pages.planned()
    answer = pages.post("new/", **(fields | {"time": "11:00"}), act="book")
    assert answer.status_code == 200
    assert not Series.objects.exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"first": "2020-01-06"}, "A series begins today or later."),
        ({"until": "2099-01-01"}, "The calendar is open until"),
    ],
)
def test_a_pattern_that_cannot_be_is_refused_in_words(pages: Pages, changes: dict[str, Any], says: str) -> None:
    answer = pages.post("new/", **pages.pattern(act="plan", **changes))
    assert answer.status_code == 400
    assert says in text(answer)


@pytest.mark.parametrize(
    ("every", "weekday", "says"),
    [
        ("day", [], "Every day"),
        ("week-2", ["1"], "Every second Tuesday"),
        ("week-1", ["1", "3"], "Every week on Tuesday, Thursday"),
        ("date", [], "Every month on the"),
        ("weekday", [], "Every month on the"),
        ("last-weekday", [], "Every month on the last"),
    ],
)
def test_each_pattern_has_its_words(pages: Pages, every: str, weekday: list[str], says: str) -> None:
    _, words = pages.planned(every=every, weekday=weekday)
    assert says in words


def test_a_visit_s_card_says_its_place_and_offers_the_series(pages: Pages) -> None:
    series = pages.booked()
    visit = series.visits.get(occurrence=3)
    base = f"/clinics/{pages.place.clinic.pk}/visits/{visit.pk}/"
    card = pages.client.get(base)
    assert "3 of 4, every" in text(card)
    assert pages.url(f"{series.pk}/") in card.content.decode()
    assert pages.url(f"{series.pk}/cancel/?occurrence=3") in pages.client.get(f"{base}cancel/").content.decode()
    assert pages.url(f"{series.pk}/move/?occurrence=3") in pages.client.get(f"{base}move/").content.decode()


def test_cancelling_what_follows_and_taking_it_back(pages: Pages) -> None:
    series = pages.booked()
    asked = pages.get(f"{series.pk}/cancel/", occurrence=2)
    assert "This one and all that follow" in text(asked)
    assert "(3 visits)" in text(asked)
    versions = ",".join(f"{visit.pk}:1" for visit in series.visits.all())
    fields = {"scope": "following", "occurrence": "2", "versions": versions}
    missing = pages.post(f"{series.pk}/cancel/", **fields)
    assert (missing.status_code, "Choose why it is cancelled." in text(missing)) == (400, True)
    answer = pages.post(f"{series.pk}/cancel/", htmx=True, **fields, reason="patient_request")
    assert answer["HX-Redirect"] == pages.url(f"{series.pk}/")
    assert times(series) == ["09:00 booked"] + ["09:00 cancelled"] * 3
    undo = pages.client.session["undo"]
    pages.post(f"{series.pk}/restore/", **undo["fields"])
    assert times(series) == ["09:00 booked"] * 4


def test_a_visit_changed_meanwhile_stops_the_cancellation(pages: Pages) -> None:
    series = pages.booked()
    versions = ",".join(f"{visit.pk}:1" for visit in series.visits.all())
    visit = series.visits.get(occurrence=4)
    advance_appointment(appointment_id=visit.pk, step="confirm", expected=FIRST, caller=pages.place.staff)
    answer = pages.post(f"{series.pk}/cancel/", scope="all", versions=versions, reason="patient_request")
    assert (answer.status_code, "Somebody else changed this first" in text(answer)) == (409, True)
    assert "cancelled" not in " ".join(times(series))


def test_moving_all_that_follow_with_a_stray_that_stays(pages: Pages) -> None:
    series = pages.booked()
    third = series.visits.get(occurrence=3)
    reschedule_appointment(
        appointment_id=third.pk, start=pages.place.at(15, days=16), expected=FIRST, caller=pages.place.staff
    )
    asked = pages.get(f"{series.pk}/move/", occurrence=2)
    assert "Take these along, which are not at the usual time" in text(asked)
    fields = {"scope": "following", "occurrence": "2", "time": "10:00"}
    plan = pages.post(f"{series.pk}/move/", **fields, act="plan")
    assert "1 visit stays as it is." in text(plan)
    versions = ",".join(f"{visit.pk}:{visit.version}" for visit in series.visits.all())
    done = pages.post(f"{series.pk}/move/", **fields, **marked(plan.content.decode()), versions=versions, act="move")
    assert done.status_code == 303
    assert [time[:5] for time in times(series)] == ["09:00", "10:00", "15:00", "10:00"]


def test_moving_to_another_weekday_where_one_time_is_lost(pages: Pages) -> None:
    series = pages.booked()
    weekday = str((pages.place.at(9).weekday() + 1) % 7)
    fields = {"scope": "all", "occurrence": "1", "weekday": weekday}
    plan = pages.post(f"{series.pk}/move/", **fields, act="plan")
    days = 1 if weekday != "0" else -6
    wanted = pages.place.at(9, days=9) + dt.timedelta(days=days)
    book_appointment(pages.place.booking(wanted, patient=1), caller=pages.place.staff)
    versions = ",".join(f"{visit.pk}:1" for visit in series.visits.all())
    lost = pages.post(f"{series.pk}/move/", **fields, **marked(plan.content.decode()), versions=versions, act="move")
    assert lost.status_code == 409
    again = pages.post(f"{series.pk}/move/", **fields, **marked(lost.content.decode()), versions=versions, act="move")
    assert again.status_code == 303
    assert {visit.starts_at.astimezone(series.clinic.zone).weekday() for visit in series.visits.all()} == {int(weekday)}


def test_a_move_that_says_nothing_is_refused(pages: Pages) -> None:
    series = pages.booked()
    answer = pages.post(f"{series.pk}/move/", scope="all", act="plan")
    assert (answer.status_code, "Say what changes" in text(answer)) == (400, True)


def test_a_series_without_a_visit_ahead_says_so(pages: Pages) -> None:
    series = pages.booked()
    pages.post(f"{series.pk}/cancel/", **pages.client.session["undo"]["fields"])
    for part in ("cancel/", "move/"):
        assert "Nothing is left to change" in text(pages.get(f"{series.pk}/{part}"))


def test_one_file_for_a_calendar(pages: Pages) -> None:
    series = pages.booked()
    answer = pages.get(f"{series.pk}/calendar.ics")
    assert answer.content.count(b"BEGIN:VEVENT") == 4


def test_a_provider_plans_in_the_own_calendar_alone(pages: Pages) -> None:
    user = UserFactory.create()
    Membership.objects.create(user=user, clinic=pages.place.clinic, role=Role.PROVIDER)
    Provider.objects.filter(pk=pages.place.provider.pk).update(user=user)
    other = second_provider(pages.place)
    theirs = Pages(pages.place, user)
    assert "All 4 visits are free." in theirs.planned()[1]
    answer = theirs.post("new/", **theirs.pattern(**{"with": other.pk}, act="plan"))
    assert answer.status_code == 404


@pytest.mark.parametrize("count", ["4", "40"])
def test_a_plan_costs_no_statement_for_each_visit(pages: Pages, count: str, django_assert_max_num_queries: Any) -> None:
    for week in range(3):
        book_appointment(pages.place.booking(pages.place.at(9, days=2 + 7 * week), patient=1), caller=pages.place.staff)
    with django_assert_max_num_queries(40):
        pages.planned(count=count)
