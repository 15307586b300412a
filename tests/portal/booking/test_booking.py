"""A form books once; what stands in the way is said, nothing typed is lost, and who may goes on all the same."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment, Hold
from appointments.services.booking import book_appointment
from appointments.services.holding import place_hold
from mediconnect.idempotency.errors import InProgress
from mediconnect.portal.booking import writing
from providers.models import AppointmentType, Opening, OverbookingBudget, Role
from tests.portal.booking.conftest import Panel, second_provider


def test_a_form_books_and_leads_to_the_visits_card_with_a_way_back(panel: Panel) -> None:
    start = panel.place.at(9, 30)
    answer = panel.post(target="panel", **panel.fields(start, reason="cough"))
    visit = Appointment.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == f"/clinics/{panel.place.clinic.pk}/visits/{visit.pk}/"
    assert (visit.patient_id, visit.starts_at, visit.reason) == (panel.place.patients[0].pk, start, "cough")
    assert visit.source == "staff"
    assert visit.override_reason == ""
    undo = panel.client.session["undo"]
    assert undo["action"] == f"/clinics/{panel.place.clinic.pk}/visits/{visit.pk}/cancel/"
    assert undo["version"] == visit.version
    assert undo["fields"] == {"reason": "clinic_error"}


def test_the_notice_names_day_and_time_and_nobody(panel: Panel) -> None:
    panel.post(**panel.fields(panel.place.at(9, 30)))
    shown = panel.get(target="panel").content.decode()
    assert "9:30\xa0AM." in shown
    assert "Booked for" in shown
    assert "Moreau" not in shown


def test_the_form_goes_on_where_it_was_told_if_that_is_ours(panel: Panel) -> None:
    ours = f"/clinics/{panel.place.clinic.pk}/arrivals/"
    assert panel.post(**panel.fields(panel.place.at(9), next=ours))["Location"] == ours
    away = panel.post(**panel.fields(panel.place.at(10), next="https://evil.example/"))
    assert away["Location"].startswith(f"/clinics/{panel.place.clinic.pk}/visits/")


def test_a_double_click_books_once(panel: Panel) -> None:
    fields = {**panel.fields(panel.place.at(9, 30)), "key": f"page-{uuid.uuid4()}"}
    first, second = panel.post(**fields), panel.post(**fields)
    assert first.status_code == second.status_code == 303
    assert first["Location"] == second["Location"]
    assert Appointment.objects.count() == 1
    # The control: another key is another wish, and that time is gone.
    assert panel.post(**panel.fields(panel.place.at(9, 30), patient=1)).status_code == 409
    assert Appointment.objects.count() == 1


def test_a_form_sent_again_with_other_fields_books_nothing(panel: Panel) -> None:
    key = f"page-{uuid.uuid4()}"
    panel.post(**{**panel.fields(panel.place.at(9, 30)), "key": key})
    answer = panel.post(**{**panel.fields(panel.place.at(10, 30)), "key": key})
    assert answer.status_code == 422
    assert b"This form was sent already" in answer.content
    assert key.encode() not in answer.content
    assert Appointment.objects.count() == 1


def test_a_twin_that_is_still_at_work_is_said_and_the_key_stays(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_args: Any) -> None:
        raise InProgress

    monkeypatch.setattr(writing, "book", busy)
    key = f"page-{uuid.uuid4()}"
    answer = panel.post(**{**panel.fields(panel.place.at(9, 30)), "key": key})
    assert answer.status_code == 409
    assert b"being booked right now" in answer.content
    assert f'name="key" value="{key}"'.encode() in answer.content


def test_what_is_missing_is_asked_for(panel: Panel) -> None:
    fields = panel.fields(panel.place.at(9))
    nobody = panel.post(**{**fields, "patient": ""})
    assert nobody.status_code == 422
    assert b"Choose the patient first." in nobody.content
    never = panel.post(**{**fields, "when": ""})
    assert never.status_code == 422
    assert b"Choose a time." in never.content
    assert not Appointment.objects.exists()


def test_a_lost_time_keeps_the_form_and_offers_others_by_one_click(panel: Panel) -> None:
    place, start = panel.place, panel.place.at(9, 30)
    book_appointment(place.booking(start, patient=1), caller=place.staff)
    answer = panel.post(target="panel", **panel.fields(start, reason="cough"))
    assert answer.status_code == 409
    assert b"taken a moment ago" in answer.content
    assert b'name="reason" value="cough"' in answer.content
    near = answer.context["answer"].near
    assert len(near) == 3
    assert f'name="take" value="{near[0].slot}"'.encode() in answer.content
    taken = panel.post(**panel.fields(start, when="", reason="cough", take=str(near[0].slot)))
    assert taken.status_code == 303
    assert Appointment.objects.get(patient=place.patients[0]).starts_at == near[0].slot.start


def test_a_patient_who_is_elsewhere_cannot_be_booked_by_any_right(panel: Panel) -> None:
    place, start = panel.place, panel.place.at(9, 30)
    other = second_provider(place)
    book_appointment(place.booking(start, provider_id=other.pk), caller=place.staff)
    fields = panel.fields(start, **wished(start), override="yes", override_reason="asked to")
    answer = panel.post(target="panel", **fields)
    assert answer.status_code == 409
    assert b"Nobody can be in two places" in answer.content
    assert b'name="override"' not in answer.content
    assert Appointment.objects.count() == 1


def wished(start: dt.datetime) -> dict[str, Any]:
    return {"from": f"{start:%Y-%m-%d}", "at": f"{start:%H:%M}"}


def test_a_time_outside_the_hours_is_refused_and_may_be_booked_all_the_same_with_a_reason(panel: Panel) -> None:
    place, start = panel.place, panel.place.at(9, 30)
    Opening.objects.all().delete()
    refused = panel.post(target="panel", **panel.fields(start))
    assert refused.status_code == 422
    assert b'name="override"' in refused.content
    fields = panel.fields(start, **wished(start), when="", override="yes")
    silent = panel.post(target="panel", **fields)
    assert silent.status_code == 400
    assert b"Say in a few words why" in silent.content
    assert b'name="override" value="yes" checked' in silent.content
    wordy = panel.post(target="panel", **fields, override_reason="x" * 201)
    assert wordy.status_code == 400
    assert not Appointment.objects.exists()
    assert panel.post(**fields, override_reason="Emergency").status_code == 303
    visit = Appointment.objects.get()
    assert (visit.override_reason, visit.overridden_by_id, visit.starts_at) == ("Emergency", place.desk.pk, start)


def test_the_budget_for_overriding_is_told_and_kept(panel: Panel) -> None:
    place, start = panel.place, panel.place.at(9, 30)
    Opening.objects.all().delete()
    OverbookingBudget.objects.create(clinic=place.clinic, role=Role.FRONT_DESK, per_day=1)
    asked = panel.post(target="panel", **panel.fields(start))
    assert b"Left of that day's budget: 1 of 1." in asked.content
    fields = panel.fields(start, **wished(start), when="", override="yes", override_reason="Emergency")
    assert panel.post(**fields).status_code == 303
    later = panel.place.at(11)
    again = panel.fields(later, patient=1, **wished(later), when="", override="yes", override_reason="Emergency")
    refused = panel.post(target="panel", **again)
    assert refused.status_code == 422
    assert b"budget for overbooking on that day (1) is used up" in refused.content
    assert b'name="override"' not in refused.content
    assert Appointment.objects.count() == 1


def test_an_override_that_nothing_needs_is_none(panel: Panel) -> None:
    start = panel.place.at(9, 30)
    fields = panel.fields(start, **wished(start), override="yes", override_reason="Emergency")
    assert panel.post(**fields).status_code == 303
    assert Appointment.objects.get().override_reason == ""


def test_a_provider_may_override_in_the_own_calendar(doctor: Panel) -> None:
    start = doctor.place.at(9, 30)
    Opening.objects.all().delete()
    fields = doctor.fields(start, **wished(start), override="yes", override_reason="My own time")
    assert doctor.post(**fields).status_code == 303
    assert Appointment.objects.get().overridden_by_id == doctor.user.pk


@pytest.mark.parametrize(("rule", "title"), [("limit", b"The day is full"), ("hours", b"This time is not open")])
def test_each_refusal_of_a_rule_is_in_words(panel: Panel, rule: str, title: bytes) -> None:
    place, start = panel.place, panel.place.at(9, 30)
    if rule == "limit":
        AppointmentType.objects.update(daily_limit=1)
        book_appointment(place.booking(place.at(12), patient=1), caller=place.staff)
    else:
        Opening.objects.all().delete()
    answer = panel.post(target="panel", **panel.fields(start))
    assert answer.status_code == 422
    assert title in answer.content


def test_a_reason_that_is_too_long_is_kept_and_said(panel: Panel) -> None:
    answer = panel.post(**panel.fields(panel.place.at(9), reason="x" * 1001))
    assert answer.status_code == 400
    assert b"1000 characters at most" in answer.content


def hold(panel: Panel, start: dt.datetime, **fields: Any) -> Any:
    return panel.post("hold/", target="book-hold", **{**panel.fields(start), **fields})


def test_a_picked_time_is_held_with_its_countdown_and_used_up_by_the_booking(panel: Panel) -> None:
    start = panel.place.at(9, 30)
    answer = hold(panel, start)
    kept = Hold.objects.get()
    assert answer.status_code == 200
    assert f'name="hold" value="{kept.pk}"'.encode() in answer.content
    assert b"Kept for you until" in answer.content
    assert 590 <= answer.context["seconds"] <= 600
    assert panel.post(**panel.fields(start, hold=kept.pk)).status_code == 303
    assert not Hold.objects.exists()


def test_another_time_gives_the_first_one_back(panel: Panel) -> None:
    hold(panel, panel.place.at(9, 30))
    first = Hold.objects.get()
    hold(panel, panel.place.at(10, 30), hold=first.pk)
    assert [kept.starts_at for kept in Hold.objects.all()] == [panel.place.at(10, 30)]


def test_closing_the_panel_gives_the_time_back_and_asking_twice_is_no_harm(panel: Panel) -> None:
    hold(panel, panel.place.at(9, 30))
    kept = Hold.objects.get()
    for _ in range(2):
        assert panel.post("hold/", hold=kept.pk).status_code == 204
    assert not Hold.objects.exists()


def test_somebody_elses_hold_is_not_given_back(panel: Panel, doctor: Panel) -> None:
    hold(panel, panel.place.at(9, 30))
    kept = Hold.objects.get()
    assert doctor.post("hold/", hold=kept.pk).status_code == 204
    assert Hold.objects.filter(pk=kept.pk).exists()


def test_a_time_that_cannot_be_held_says_why(panel: Panel) -> None:
    place, start = panel.place, panel.place.at(9, 30)
    book_appointment(place.booking(start, patient=1), caller=place.staff)
    answer = hold(panel, start)
    assert answer.status_code == 409
    assert b"is taken until" in answer.content
    assert b'name="when"' in answer.content
    assert b'name="override"' not in answer.content


def test_whoever_holds_too_many_books_without(panel: Panel) -> None:
    place = panel.place
    for number in range(10):
        place_hold(
            appointment_type_id=place.kind.pk, provider_id=place.provider.pk, start=place.at(number), caller=place.staff
        )
    answer = hold(panel, place.at(12))
    assert answer.status_code == 409
    assert b"not kept for you, but you can book it" in answer.content
    assert panel.post(**panel.fields(place.at(12))).status_code == 303


def test_a_lapsed_hold_lets_the_booking_compete(panel: Panel) -> None:
    start = panel.place.at(9, 30)
    hold(panel, start)
    kept = Hold.objects.get()
    Hold.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert panel.post(**panel.fields(start, hold=kept.pk)).status_code == 303


def test_a_hold_for_another_time_is_given_back_when_this_one_is_booked(panel: Panel) -> None:
    hold(panel, panel.place.at(9, 30))
    kept = Hold.objects.get()
    assert panel.post(**panel.fields(panel.place.at(11), hold=kept.pk)).status_code == 303
    assert not Hold.objects.exists()


def test_holding_is_a_post(panel: Panel) -> None:
    assert panel.get("hold/").status_code == 405
