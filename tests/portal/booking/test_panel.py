"""The panel opens from anywhere, with all that is known already chosen, and shows nobody else's people or times."""

import datetime as dt
import uuid
from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.services.booking import book_appointment
from patients.models import Patient
from providers.models import AppointmentType, Provider
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.factories import ProviderFactory
from tests.portal.booking.conftest import Panel


def test_the_panel_stands_beside_the_day_and_comes_alone_to_htmx(panel: Panel) -> None:
    page, fragment = panel.get(), panel.get(target="panel")
    assert page.status_code == fragment.status_code == 200
    assert b"<!doctype html>" in page.content
    assert b'id="book-q"' in page.content
    assert b"<!doctype html>" not in fragment.content
    assert b'id="book-q"' in fragment.content


def test_the_search_has_the_focus_until_a_patient_is_chosen(panel: Panel) -> None:
    assert b"data-focus" in panel.get(target="panel").content
    chosen = panel.get(target="panel", patient=panel.place.patients[0].pk)
    assert b"data-focus" not in chosen.content
    assert b"Moreau 0" in chosen.content


def test_a_click_on_free_time_brings_provider_and_time(panel: Panel) -> None:
    start = panel.place.at(9, 30)
    answer = panel.get(target="panel", provider=panel.place.provider.pk, start=f"{start:%Y-%m-%dT%H:%M}")
    assert f'value="{panel.slot(start)}" checked'.encode() in answer.content
    assert b"is free." in answer.content
    assert b'value="09:30"' in answer.content
    assert f'<option value="{panel.place.provider.pk}" selected'.encode() in answer.content


def test_the_day_and_the_filter_of_the_board_stay(panel: Panel) -> None:
    answer = panel.get(target="panel", date="2030-03-04", who="x")
    assert b'name="date" value="2030-03-04"' in answer.content
    assert b"?date=2030-03-04&amp;who=x" in answer.content


def test_free_times_begin_on_the_day_that_the_board_shows(panel: Panel) -> None:
    day = panel.place.at(0).date()
    shown = panel.get(target="panel", date=day.isoformat())
    assert shown.context["from"] == day.isoformat()
    assert shown.context["offered"].first.slot.start == panel.place.at(0)
    over = panel.get(target="panel", date="2020-01-01")
    assert over.context["offered"].first.slot.start > panel.place.at(0, days=0)


def test_what_makes_no_sense_in_an_address_is_passed_over(panel: Panel) -> None:
    for words in (
        {"start": "never"},
        {"date": "2026-99-99"},
        {"from": "x"},
        {"after": "0001-01-01T00:00"},
        {"when": "@"},
    ):
        assert panel.get(target="panel", **words).status_code == 200
    assert panel.get(target="panel", type="not-an-id").status_code == 404


def test_the_type_booked_last_is_chosen_first_else_the_commonest(panel: Panel) -> None:
    place = panel.place
    AppointmentType.objects.create(clinic=place.clinic, name="Acupuncture")
    assert _chosen_type(panel) == "Acupuncture"
    for hour in (1, 2):
        book_appointment(place.booking(place.at(hour, days=-1)), caller=place.staff)
    assert _chosen_type(panel) == "Consultation"
    other = AppointmentType.objects.get(name="Acupuncture")
    assert panel.post(**panel.fields(place.at(10), type=other.pk)).status_code == 303
    assert _chosen_type(panel) == "Acupuncture"


def _chosen_type(panel: Panel) -> str:
    chosen: str = panel.get(target="panel").context["choices"].kind.name
    return chosen


def test_a_provider_who_is_nothing_else_books_the_own_calendar_alone(doctor: Panel) -> None:
    place = doctor.place
    other = ProviderFactory.create(clinic=place.clinic)
    answer = doctor.get(target="panel")
    assert b'id="book-provider" name="provider"' in answer.content
    assert other.name.encode() not in answer.content
    assert doctor.get(provider=other.pk).status_code == 404
    theirs = f"{other.pk}@{place.at(9).isoformat()}"
    assert doctor.post(**doctor.fields(place.at(9), provider=other.pk, when=theirs)).status_code == 404
    assert doctor.post(**doctor.fields(place.at(9), provider=place.provider.pk, when=theirs)).status_code == 404
    assert doctor.post("hold/", target="book-hold", **doctor.fields(place.at(9), when=theirs)).status_code == 404
    assert doctor.post(**doctor.fields(place.at(9))).status_code == 303


def test_a_clinic_without_types_or_providers_says_what_to_do(panel: Panel) -> None:
    Provider.objects.all().update(active=False)
    assert b"Nobody to book with yet" in panel.get(target="panel").content
    AppointmentType.objects.all().update(active=False)
    assert b"No types of visit yet" in panel.get(target="panel").content


def test_another_clinic_is_not_there(panel: Panel) -> None:
    theirs = small_clinic()
    where = f"/clinics/{theirs.clinic.pk}/book/"
    for part in ("", "patients/?q=moreau", "times/", "why/", "new-patient/"):
        assert panel.client.get(where + part).status_code == 404
    assert panel.client.post(where + "hold/").status_code == 404


def test_people_types_and_providers_of_another_clinic_are_nobody_here(panel: Panel) -> None:
    theirs: SmallClinic = small_clinic()
    Patient.objects.filter(pk=theirs.patients[0].pk).update(family_name="Secret")
    start = panel.place.at(9)
    assert b"Secret" not in panel.get("patients/", target="book-found", q="secret").content
    for word, value in (
        ("patient", theirs.patients[0].pk),
        ("type", theirs.kind.pk),
        ("provider", theirs.provider.pk),
        ("when", f"{theirs.provider.pk}@{start.isoformat()}"),
    ):
        assert panel.post(**{**panel.fields(start), word: value}).status_code == 404, word
        if word != "when":
            query: dict[str, Any] = {word: value}
            assert panel.get(**query).status_code == 404, word
    assert panel.get("patients/", target="book-patient", patient=theirs.patients[0].pk).status_code == 404
    assert panel.get("times/", target="book-times", type=theirs.kind.pk).status_code == 404


def test_whoever_is_signed_out_is_asked_to_sign_in(place: SmallClinic) -> None:
    where = f"/clinics/{place.clinic.pk}/book/"
    assert Client().get(where).status_code == 302
    assert Client().post(where, {"reason": "cough"}).status_code == 401


def test_the_address_of_a_step_holds_nothing_that_was_typed(panel: Panel) -> None:
    answer = panel.post(target="panel", act="look", q="moreau", reason="cough", type=panel.place.kind.pk)
    address = answer["HX-Replace-Url"]
    assert f"type={panel.place.kind.pk}" in address
    assert "moreau" not in address
    assert "cough" not in address


def test_the_panel_is_a_fixed_number_of_statements(panel: Panel) -> None:
    place = panel.place
    for number in range(3):
        ProviderFactory.create(clinic=place.clinic)
        book_appointment(place.booking(place.at(9 + number)), caller=place.staff)
    words: dict[str, Any] = {
        "patient": place.patients[0].pk,
        "provider": place.provider.pk,
        "start": f"{place.at(9):%Y-%m-%dT%H:%M}",
    }
    nothing = _statements(panel, "patients/", target="book-found", q="x")
    assert _statements(panel, target="panel") - nothing <= 5
    # The same with a patient, and with a time that is taken: two for the patient, one for what is near, five to explain.
    assert _statements(panel, target="panel", **words) - nothing <= 13


def test_a_search_is_at_most_three_statements_beyond_the_session(panel: Panel) -> None:
    nothing = _statements(panel, "patients/", target="book-found", q="x")
    assert _statements(panel, "patients/", target="book-found", q="moreau") - nothing <= 3


def _statements(panel: Panel, part: str = "", *, target: str, **query: object) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert panel.get(part, target=target, **query).status_code == 200
    return len(captured)


def test_the_panel_speaks_the_clinics_time_even_where_the_server_does_not(panel: Panel) -> None:
    start = panel.place.at(23, 30)
    answer = panel.get(target="panel", provider=panel.place.provider.pk, start=f"{start:%Y-%m-%dT%H:%M}")
    assert answer.context["at"] == "23:30"
    assert answer.context["from"] == start.date().isoformat()
    assert b"11:30\xc2\xa0PM" in answer.content


def test_a_moment_that_a_clock_shows_twice_or_never_is_read_as_one(panel: Panel) -> None:
    twice = panel.get(target="panel", provider=panel.place.provider.pk, start="2027-11-07T01:30").context["draft"].wish
    assert twice.astimezone(dt.UTC) == dt.datetime(2027, 11, 7, 5, 30, tzinfo=dt.UTC)
    never = panel.get(target="panel", provider=panel.place.provider.pk, start="2027-03-14T02:30").context["draft"].wish
    assert never.astimezone(dt.UTC) == dt.datetime(2027, 3, 14, 7, tzinfo=dt.UTC)


def test_a_made_up_patient_is_404(panel: Panel) -> None:
    assert panel.get(target="panel", patient=uuid.uuid4()).status_code == 404


class _Nesting(HTMLParser):
    """Notes each element that is closed where another one is open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in {"input", "link", "meta", "br", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.wrong.append(f"{tag} at {self.getpos()} in {self.open[-3:]}")


def test_what_is_opened_is_closed(panel: Panel) -> None:
    place = panel.place
    start = f"{place.at(9):%Y-%m-%dT%H:%M}"
    book_appointment(place.booking(place.at(9), patient=1), caller=place.staff)
    for answer in (
        panel.get(target="panel"),
        panel.get(target="panel", patient=place.patients[1].pk, provider=place.provider.pk, start=start),
        panel.get("patients/", target="book-found", q="moreau"),
        panel.post("new-patient/", target="book-patient", act="new", q="ada berg"),
        panel.post("hold/", target="book-hold", **panel.fields(place.at(9))),
        panel.post(target="panel", **panel.fields(place.at(9))),
    ):
        nesting = _Nesting()
        nesting.feed(answer.content.decode())
        assert not nesting.wrong
        assert not nesting.open


def test_the_time_that_is_held_stays_picked_when_something_else_is_wrong(panel: Panel) -> None:
    start = panel.place.at(9, 30)
    kept = panel.post("hold/", target="book-hold", **panel.fields(start)).context["held"]
    day: dict[str, Any] = {"from": f"{start:%Y-%m-%d}"}
    answer = panel.post(target="panel", **panel.fields(start, reason="x" * 1001, hold=kept.pk, **day))
    assert answer.context["checked"].start == panel.place.at(9, 30)
    assert f'name="hold" value="{kept.pk}"'.encode() in answer.content
