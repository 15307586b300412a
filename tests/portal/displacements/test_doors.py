"""Entering an absence over visits at the desk: looked at, held, sent, answered, called about, taken back."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Appointment, DisplacedVisit, Displacement, Hold
from appointments.services.booking import Caller
from appointments.services.displacing.answering import accept_proposal
from mediconnect.portal.once import new_key
from providers.models import Closure, TimeOff
from tests.browser.absences_of_a_day import absence_of_a_day
from tests.browser.clinic_day import ClinicDay, clinic_day
from tests.factories import MembershipFactory
from tests.portal.setup.conftest import browser_of, words

State = DisplacedVisit.State


@pytest.fixture
def day(db: None) -> ClinicDay:
    return clinic_day()


@pytest.fixture
def desk(day: ClinicDay) -> Client:
    return browser_of(day.desk)


def tomorrow(day: ClinicDay) -> dt.date:
    """Return tomorrow by the clinic's clock."""
    return day.base.date() + dt.timedelta(days=1)


def form_for(day: ClinicDay, **more: Any) -> dict[str, Any]:
    """Return the form of an absence tomorrow, as a browser sends it."""
    usual = {"key": new_key(), "first_day": tomorrow(day).isoformat(), "same_provider": "on"}
    return usual | {"within_days": "14", "answer_hours": "24"} | more


def sure(page: Any) -> str:
    """Return the mark of what a page showed."""
    found = re.search(r'name="sure" value="(\w+)"', page.content.decode())
    assert found is not None
    return found[1]


def away(day: ClinicDay) -> str:
    """Return the address at which the provider of tomorrow's visit is away."""
    return day.path("displace-provider", provider=day.visits["tomorrow"].provider_id)


def page_of(row: DisplacedVisit, day: ClinicDay) -> str:
    """Return the address of a displacement."""
    return day.path("displacement", displacement=row.displacement_id)


def of_row(name: str, row: DisplacedVisit, day: ClinicDay) -> str:
    """Return an address of a displaced visit."""
    return day.path(name, displacement=row.displacement_id, row=row.pk)


def test_a_sick_morning_takes_two_clicks(day: ClinicDay, desk: Client) -> None:
    board = desk.get(day.path("board")).content.decode()
    booked = day.visits["booked"]
    address = day.path("displace-provider", provider=booked.provider_id)
    assert f'href="{address}?sick=now"' in board
    page = desk.get(f"{address}?sick=now")
    assert page.status_code == 200
    said = words(page)
    assert "This hits" in said
    assert booked.patient.family_name in said


def test_people_who_are_here_are_listed_with_a_way_on(day: ClinicDay, desk: Client) -> None:
    standing = [day.visits[name] for name in ("in_progress", "roomed", "arrived")]
    here = next(visit for visit in standing if visit.ends_at > timezone.now())
    page = desk.get(day.path("displace-provider", provider=here.provider_id) + "?sick=now")
    assert "here already" in words(page)
    assert 'name="sure"' not in page.content.decode()
    begin = re.search(r'name="begin" value="([^"]+)"', page.content.decode())
    assert begin is not None
    form = form_for(day, first_day=day.base.date().isoformat(), begin=begin[1])
    later = desk.post(day.path("displace-provider", provider=here.provider_id), form)
    assert "here already" not in words(later)


def test_the_plan_is_seen_before_anything_is_written_and_then_held(day: ClinicDay, desk: Client) -> None:
    page = desk.post(away(day), form_for(day))
    assert "This hits 1 visit" in words(page)
    assert not TimeOff.objects.exists()
    answer = desk.post(away(day), form_for(day, sure=sure(page)))
    assert answer.status_code == 303
    row = DisplacedVisit.objects.get()
    assert answer.headers["Location"] == page_of(row, day)
    assert row.state == State.PROPOSED
    shown = words(desk.get(answer.headers["Location"]))
    assert "Held, not sent yet (1)" in shown
    assert "Nobody has been told yet" in shown


def test_a_form_that_was_changed_is_looked_at_again(day: ClinicDay, desk: Client) -> None:
    page = desk.post(away(day), form_for(day))
    again = desk.post(away(day), form_for(day, within_days="3", sure=sure(page)))
    assert again.status_code == 200
    assert not TimeOff.objects.exists()


def test_a_form_sent_twice_acts_once(day: ClinicDay, desk: Client) -> None:
    form = form_for(day, sure=sure(desk.post(away(day), form_for(day))))
    first, second = desk.post(away(day), form), desk.post(away(day), form)
    assert first.headers["Location"] == second.headers["Location"]
    assert Displacement.objects.count() == 1


def test_another_time_or_the_call_list_may_be_chosen_in_the_plan(day: ClinicDay, desk: Client) -> None:
    page = desk.post(away(day), form_for(day))
    field = f"visit-{day.visits['tomorrow'].pk}"
    form = form_for(day, sure=sure(page), **{field: "call"})
    desk.post(away(day), form)
    assert DisplacedVisit.objects.get().state == State.TO_CALL
    assert not Hold.objects.filter(displaced_visit__isnull=False).exists()


def test_a_chosen_time_is_held(day: ClinicDay, desk: Client) -> None:
    page = desk.post(away(day), form_for(day))
    options = re.findall(r'<option value="([^"]+\|[^"]+)"', page.content.decode())
    field = f"visit-{day.visits['tomorrow'].pk}"
    looked = desk.post(away(day), form_for(day, **{field: options[1]}))
    assert f'<option value="{options[1]}" selected>' in looked.content.decode()
    desk.post(away(day), form_for(day, sure=sure(page), **{field: options[1]}))
    row = DisplacedVisit.objects.get()
    assert row.proposed_starts_at is not None
    assert f"{row.proposed_starts_at:%Y-%m-%dT%H:%MZ}" == options[1].partition("|")[2]


def test_the_plain_form_of_time_off_leads_here_where_visits_are_hit(day: ClinicDay) -> None:
    admin = browser_of(day.admin)
    address = day.path("time-off-new", provider=day.visits["tomorrow"].provider_id)
    page = admin.post(address, {"key": new_key(), "first_day": tomorrow(day).isoformat()})
    assert "This hits 1 visit" in words(page)
    assert f'action="{away(day)}"' in page.content.decode()


def test_a_closure_over_visits_leads_here_as_well(day: ClinicDay) -> None:
    admin = browser_of(day.admin)
    page = admin.post(day.path("setup-closure-new"), {"key": new_key(), "first_day": tomorrow(day).isoformat()})
    assert "This hits" in words(page)
    address = day.path("displace-closure")
    answer = admin.post(address, form_for(day, sure=sure(page)))
    assert answer.status_code == 303
    assert Closure.objects.count() == 1
    assert browser_of(day.desk).get(address).status_code == 403


def test_the_desk_enters_what_is_upon_it_and_an_admin_the_rest(day: ClinicDay, desk: Client) -> None:
    far = (day.base.date() + dt.timedelta(days=5)).isoformat()
    page = desk.post(away(day), form_for(day, first_day=far))
    assert page.status_code == 422
    assert "A clinic admin enters time off further ahead." in words(page)
    assert browser_of(day.admin).post(away(day), form_for(day, first_day=far)).status_code == 200


def test_a_provider_enters_the_own_absence_alone(day: ClinicDay) -> None:
    doctor = browser_of(day.doctor)
    own, other = (day.path("displace-provider", provider=one.pk) for one in day.providers[:2])
    assert doctor.get(own).status_code == 200
    assert doctor.get(other).status_code == 404


def test_sent_answered_and_live(day: ClinicDay, desk: Client) -> None:
    row = absence_of_a_day(day)
    page = desk.get(page_of(row, day))
    assert "Send 1 proposal" in words(page)
    pulse = day.path("displacement-pulse", displacement=row.displacement_id)
    tag = desk.get(pulse)["ETag"]
    assert desk.get(pulse, headers={"If-None-Match": tag}).status_code == 304
    sent = desk.post(day.path("displacement-send", displacement=row.displacement_id), {"key": new_key()})
    assert sent.status_code == 303
    assert desk.get(pulse, headers={"If-None-Match": tag}).status_code == 200
    assert "Waiting for an answer (1)" in words(desk.get(page_of(row, day)))
    answer = desk.post(of_row("displaced-visit-answer", row, day), {"key": new_key(), "answer": "yes"})
    assert answer.status_code == 303
    fragment = desk.get(page_of(row, day), headers={"HX-Request": "true", "HX-Target": "displaced"})
    assert fragment.content.decode().strip().startswith('<div id="displaced"')
    assert "said yes, moved" in words(fragment)


def test_a_no_and_a_call_are_noted(day: ClinicDay, desk: Client) -> None:
    row = absence_of_a_day(day)
    desk.post(of_row("displaced-visit-answer", row, day), {"key": new_key(), "answer": "no"})
    call = of_row("displaced-visit-call", row, day)
    assert desk.post(call, {"key": new_key(), "outcome": "something else"}).status_code == 400
    assert desk.post(call, {"key": new_key(), "outcome": "no_answer"}).status_code == 303
    said = words(desk.get(page_of(row, day)))
    assert "To call (1)" in said
    assert "no answer" in said


def test_another_time_is_held_from_the_visits_own_page(day: ClinicDay, desk: Client) -> None:
    row = absence_of_a_day(day)
    page = desk.get(of_row("displaced-visit", row, day)).content.decode()
    starts = re.findall(r'<option value="(\d{4}-\d\d-\d\dT[^"]+)"', page)
    provider = re.search(r'name="provider" value="([^"]+)"', page)
    assert provider is not None
    form = {"key": new_key(), "provider": provider[1], "start": starts[-1]}
    assert desk.post(of_row("displaced-visit-choose", row, day), form).status_code == 303
    row.refresh_from_db()
    assert row.proposed_starts_at == dt.datetime.fromisoformat(starts[-1])
    taken = desk.post(of_row("displaced-visit-choose", row, day), form | {"key": new_key(), "start": "nonsense"})
    assert taken.status_code == 400


def test_undone_until_the_first_answer(day: ClinicDay, desk: Client) -> None:
    row = absence_of_a_day(day)
    undo = day.path("displacement-undo", displacement=row.displacement_id)
    assert "Undo all of it" in words(desk.get(page_of(row, day)))
    assert desk.post(undo, {"key": new_key()}).status_code == 303
    assert not Appointment.objects.filter(displaced=True).exists()
    assert "Taken back" in words(desk.get(page_of(row, day)))


def test_after_an_answer_undo_is_refused_with_what_to_do_instead(day: ClinicDay, desk: Client) -> None:
    row = absence_of_a_day(day)
    accept_proposal(displaced_visit_id=row.pk, caller=Caller(day.desk.pk, patients_own=False))
    assert "Undo all of it" not in words(desk.get(page_of(row, day)))
    refused = desk.post(day.path("displacement-undo", displacement=row.displacement_id), {"key": new_key()})
    assert refused.status_code == 409
    assert "Withdraw the time off or the closure instead" in words(refused)


def test_board_and_card_say_that_a_visit_needs_a_new_time(day: ClinicDay, desk: Client) -> None:
    row = absence_of_a_day(day)
    board = desk.get(day.path("board") + f"?date={tomorrow(day)}")
    assert "is-displaced" in board.content.decode()
    assert "1 visit of this day needs a new time" in words(board)
    card = desk.get(day.path("visit", visit=row.appointment_id))
    assert "This visit needs a new time" in words(card)
    assert of_row("displaced-visit", row, day) in card.content.decode()


def test_the_list_is_empty_until_somebody_is_away_and_leads_to_each(day: ClinicDay, desk: Client) -> None:
    assert "has visits in it" in words(desk.get(day.path("displacements")))
    row = absence_of_a_day(day)
    assert page_of(row, day) in desk.get(day.path("displacements")).content.decode()


def test_a_provider_sees_the_own_absences(day: ClinicDay) -> None:
    row = absence_of_a_day(day)
    visible = row.was_provider_id == day.providers[0].pk
    assert browser_of(day.doctor).get(page_of(row, day)).status_code == (200 if visible else 404)


def test_a_stranger_finds_nothing(day: ClinicDay) -> None:
    row = absence_of_a_day(day)
    stranger = browser_of(MembershipFactory.create().user)
    for address in (page_of(row, day), of_row("displaced-visit", row, day), day.path("displacements")):
        assert stranger.get(address).status_code == 404


def test_a_page_costs_no_more_with_more_visits(day: ClinicDay, desk: Client) -> None:
    row = absence_of_a_day(day)
    desk.get(page_of(row, day))
    with CaptureQueriesContext(connection) as few:
        desk.get(page_of(row, day))
    for name in ("booked", "confirmed", "late", "arabic"):
        visit = day.visits[name]
        DisplacedVisit.objects.create(
            displacement=row.displacement,
            appointment=visit,
            was_provider=visit.provider,
            appointment_type=visit.appointment_type,
            was_starts_at=visit.starts_at,
            was_ends_at=visit.ends_at,
            state=State.RESTORED,
        )
    with CaptureQueriesContext(connection) as many:
        desk.get(page_of(row, day))
    assert len(many) == len(few)
