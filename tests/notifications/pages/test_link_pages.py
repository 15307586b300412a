"""The pages of a link, as browsers, scanners of mail and strangers ask for them."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from appointments.models import Appointment
from appointments.services.booking import Caller, book_appointment
from appointments.services.cancelling import cancel_appointment
from mediconnect.api.versions import Expected
from notifications.models import Message, Reply
from notifications.pages.doors import CHECKED_SECONDS, LINK_REQUESTS_PER_MINUTE
from notifications.pages.urls import urlpatterns
from patients.models import Patient
from tests.appointments.conftest import SmallClinic
from tests.notifications.linked import BORN, booked, linked

pytestmark = pytest.mark.django_db

# What no page says before the birth date: the patient, the provider, the type of visit, the reason, the address.
CANARY = re.compile(r"\bLena\b|Moreau|Amara|Consultation|\brash\b|17, 1984|1984-05|mail\.example")
RIGHT = {"day": "17", "month": "5", "year": "1984"}
WRONG = RIGHT | {"year": "1985"}
ROUTES = [str(entry.pattern).replace("<int:number>", "1") for entry in urlpatterns]


@pytest.fixture
def visit(place: SmallClinic) -> Appointment:
    """A visit in three days."""
    return booked(place)


@pytest.fixture
def token(visit: Appointment) -> str:
    """The link of its message."""
    return linked(visit)


def _status(visit: Appointment) -> str:
    return Appointment.objects.get(pk=visit.pk).status


def _text(response: Any) -> str:
    return str(response.content.decode())


def _cancelled_by_clinic(place: SmallClinic, visit: Appointment) -> None:
    expected = Expected(Appointment.objects.get(pk=visit.pk).version, by_header=False)
    cancel_appointment(appointment_id=visit.pk, reason="clinic_other", expected=expected, caller=place.staff)


def checked(token: str, client: Client | None = None) -> Client:
    """Return a browser that gave the birth date."""
    client = client or Client()
    assert client.post(f"/a/{token}/check/", RIGHT).status_code == 303
    return client


def test_the_page_shows_time_and_place_and_nothing_of_the_patient(place: SmallClinic, token: str) -> None:
    text = _text(Client().get(f"/a/{token}/"))
    for said in (place.clinic.name, "(202) 555-0100", "10:00\N{NO-BREAK SPACE}AM", "Yes, I will come"):
        assert said in text
    assert not CANARY.search(text)


def test_no_door_says_anything_of_the_patient_before_the_birth_date(place: SmallClinic, visit: Appointment) -> None:
    places = {"open": linked(visit), "revoked": linked(booked(place, hour=15, patient=1))}
    _cancelled_by_clinic(place, Appointment.objects.get(patient=place.patients[1]))
    for token in places.values():
        for route in ROUTES:
            for response in (Client().get(f"/a/{token}/{route}"), Client().post(f"/a/{token}/{route}", {"on": ""})):
                assert response.status_code < 500, route
                assert not CANARY.search(_text(response)), route
                assert not CANARY.search(str(response.headers)), route


def test_no_page_is_kept_indexed_or_told_to_others(token: str) -> None:
    for address in (f"/a/{token}/", f"/a/{token}/1/cancel/", f"/a/{token}/1/visit.ics", f"/a/{'x' * 22}/"):
        response = Client().get(address)
        assert response["Referrer-Policy"] == "no-referrer"
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        assert "session" not in response.cookies


def test_opening_pages_changes_nothing(visit: Appointment, token: str) -> None:
    before = Appointment.objects.get(pk=visit.pk).version
    for client in (Client(), checked(token)):
        for route in ROUTES:
            client.get(f"/a/{token}/{route}")
            client.head(f"/a/{token}/{route}")
    assert Appointment.objects.get(pk=visit.pk).version == before
    assert not Reply.objects.exists()


def test_one_click_confirms(visit: Appointment, token: str) -> None:
    client = Client(enforce_csrf_checks=True)
    for _ in range(2):
        response = client.post(f"/a/{token}/1/confirm/", headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
        assert (response.status_code, response["Location"]) == (303, f"/a/{token}/")
    assert _status(visit) == "confirmed"
    assert "You said that you will come" in _text(client.get(f"/a/{token}/"))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_form_does_nothing(visit: Appointment, token: str, site: str) -> None:
    response = Client().post(f"/a/{token}/1/confirm/", headers={"Sec-Fetch-Site": site})
    assert response.status_code == 403
    assert _status(visit) == "booked"


@pytest.mark.parametrize("step", ["cancel", "undo", "move", "call"])
def test_what_needs_the_birth_date_does_nothing_without(visit: Appointment, token: str, step: str) -> None:
    before = Appointment.objects.get(pk=visit.pk).version
    start = (visit.starts_at + dt.timedelta(hours=2)).isoformat()
    response = Client().post(f"/a/{token}/1/{step}/", {"reason": "patient_other", "start": start})
    assert "Is it you?" in _text(response)
    assert Appointment.objects.get(pk=visit.pk).version == before
    assert not Reply.objects.exists()


def test_the_birth_date_leads_to_what_it_was_asked_for(token: str) -> None:
    client = Client()
    assert 'value="1/cancel"' in _text(client.get(f"/a/{token}/1/cancel/"))
    response = client.post(f"/a/{token}/check/", RIGHT | {"on": "1/cancel"})
    assert response["Location"] == f"/a/{token}/1/cancel/"
    cookie = response.cookies["link"]
    assert (cookie["path"], cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (
        f"/a/{token}/",
        CHECKED_SECONDS,
        True,
        "Lax",
    )
    text = _text(client.get(f"/a/{token}/"))
    assert "Lena Moreau 0" in text
    assert "Dr. Amara Obi" in text


@pytest.mark.parametrize("on", ["//evil.example/", "https://evil.example", "1/undo", "../../admin", "1/cancel/../x"])
def test_the_way_on_leads_nowhere_else(token: str, on: str) -> None:
    assert Client().post(f"/a/{token}/check/", RIGHT | {"on": on}).status_code == 400


@pytest.mark.parametrize(
    "typed", [{}, {"day": "31", "month": "2", "year": "1984"}, {"day": "x"}, RIGHT | {"year": "0"}]
)
def test_what_is_no_date_costs_no_try(token: str, typed: dict[str, str]) -> None:
    for _ in range(6):
        assert Client().post(f"/a/{token}/check/", typed).status_code == 400
    checked(token)


def test_wrong_dates_are_counted_down_and_then_the_clinic_is_called(token: str) -> None:
    texts = []
    for _ in range(5):
        response = Client().post(f"/a/{token}/check/", WRONG)
        assert response.status_code == 403
        texts.append(_text(response))
    assert "You can try 4 more times." in texts[0]
    assert "You can try 1 more time." in texts[3]
    closed = Client().post(f"/a/{token}/check/", RIGHT)
    assert closed.status_code == 429
    assert int(closed["Retry-After"]) > 3500
    assert "Please call the clinic" in _text(closed)
    assert "a moment" not in _text(closed)
    assert not CANARY.search(_text(closed))


def test_a_cookie_of_one_link_opens_no_other(place: SmallClinic, token: str) -> None:
    other = linked(booked(place, hour=15, patient=1))
    client = checked(token)
    stolen = client.cookies["link"].value
    client.cookies["link"] = stolen  # sent to every path now
    assert not CANARY.search(_text(client.get(f"/a/{other}/")))
    client.cookies["link"] = stolen[:-2] + "xx"
    assert not CANARY.search(_text(client.get(f"/a/{token}/")))


def test_a_birth_date_counts_for_half_an_hour(token: str, time_machine: Any) -> None:
    client = checked(token)
    kept = client.cookies["link"].value
    time_machine.move_to(timezone.now() + dt.timedelta(seconds=CHECKED_SECONDS + 2))
    client.cookies["link"] = kept
    assert not CANARY.search(_text(client.get(f"/a/{token}/")))


def test_unknown_and_expired_links_get_the_same_answer(place: SmallClinic, visit: Appointment, token: str) -> None:
    Message.objects.update(visit_starts_at=visit.starts_at - dt.timedelta(days=30))
    answers = [Client().get(f"/a/{name}/") for name in (token, "y" * 22, "short", uuid.uuid4().hex)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert place.clinic.name not in _text(answers[0])
    for route in set(ROUTES) - {"unsubscribe/"}:  # which works for as long as the message is kept
        assert Client().get(f"/a/{token}/{route}").status_code in {404, 405}


def test_a_revoked_link_says_so_and_gives_the_phone_alone(place: SmallClinic, visit: Appointment, token: str) -> None:
    knowing = checked(token)
    _cancelled_by_clinic(place, visit)
    for client in (Client(), knowing):
        response = client.get(f"/a/{token}/")
        text = _text(response)
        assert response.status_code == 410
        assert "(202) 555-0100" in text
        assert "10:00" not in text
        assert not CANARY.search(text)
    for route in ("1/confirm/", "1/cancel/", "1/move/", "1/call/", "1/undo/"):
        assert knowing.post(f"/a/{token}/{route}", {"reason": "patient_other", "start": "now"}).status_code in {
            400,
            410,
        }
    assert knowing.get(f"/a/{token}/1/visit.ics").status_code == 410


def test_a_revoked_link_is_no_place_to_try_birth_dates(place: SmallClinic, visit: Appointment, token: str) -> None:
    _cancelled_by_clinic(place, visit)
    for typed in (RIGHT, WRONG):
        assert Client().post(f"/a/{token}/check/", typed).status_code == 410
    assert Client().get(f"/a/{token}/1/cancel/").status_code == 410


def test_a_cancellation_is_asked_why_and_offers_to_be_taken_back(visit: Appointment, token: str) -> None:
    client = checked(token)
    assert "I feel better" in _text(client.get(f"/a/{token}/1/cancel/"))
    assert client.post(f"/a/{token}/1/cancel/", {"reason": "clinic_other"}).status_code == 400
    for _ in range(2):
        assert client.post(f"/a/{token}/1/cancel/", {"reason": "patient_feels_better"}).status_code == 303
    assert _status(visit) == "cancelled"
    assert "Take it back" in _text(client.get(f"/a/{token}/"))
    assert "Take it back" not in _text(Client().get(f"/a/{token}/"))
    assert client.post(f"/a/{token}/1/undo/").status_code == 303
    assert _status(visit) == "booked"


def test_past_the_cut_off_the_rule_and_the_phone_are_told(place: SmallClinic, token: str) -> None:
    place.clinic.cancel_cutoff_hours = place.clinic.move_cutoff_hours = 200
    place.clinic.save()
    client = checked(token)
    for step, rule in (("cancel", "until 200 hours before the visit"), ("move", "until 200 hours before")):
        text = _text(client.get(f"/a/{token}/1/{step}/"))
        assert rule in text
        assert "tel:+12025550100" in text
    refused = client.post(f"/a/{token}/1/cancel/", {"reason": "patient_other"})
    assert refused.status_code == 422
    assert "can no longer be cancelled online" in _text(refused)


def test_a_type_s_own_cut_off_is_the_one_that_is_told(place: SmallClinic, token: str) -> None:
    type(place.kind).objects.filter(pk=place.kind.pk).update(cancel_cutoff_hours=150, move_cutoff_hours=170)
    client = checked(token)
    for step, rule in (("cancel", "until 150 hours before the visit"), ("move", "until 170 hours before")):
        assert rule in _text(client.get(f"/a/{token}/1/{step}/"))


def test_who_cancelled_enough_today_is_told_so_with_the_phone(
    visit: Appointment, place: SmallClinic, token: str
) -> None:
    another = book_appointment(place.booking(place.at(15), patient_id=visit.patient_id), caller=place.staff)[0]
    caller = Caller(None, patients_own=True)
    first = Expected(1, by_header=False)
    cancel_appointment(appointment_id=another.pk, reason="patient_other", expected=first, caller=caller)
    place.clinic.cancels_per_day = 1
    place.clinic.save()
    refused = checked(token).post(f"/a/{token}/1/cancel/", {"reason": "patient_other"})
    text = _text(refused)
    assert refused.status_code == 422
    assert "No more visits of this patient can be cancelled online today." in text
    assert "tel:+12025550100" in text
    assert _status(visit) == "booked"


def test_a_free_time_is_chosen_and_the_visit_moves(visit: Appointment, token: str) -> None:
    client = checked(token)
    text = _text(client.get(f"/a/{token}/1/move/"))
    starts = re.findall(r'name="start" value="([^"]+)"', text)
    assert len(starts) > 10
    assert visit.starts_at.isoformat() not in starts
    later = re.search(r'href="\?from=(\d{4}-\d\d-\d\d)"', text)
    assert later is not None
    further = re.findall(r'name="start" value="([^"]+)"', _text(client.get(f"/a/{token}/1/move/?from={later[1]}")))
    assert min(further) > max(starts)
    for _ in range(2):
        assert client.post(f"/a/{token}/1/move/", {"start": further[0]}).status_code == 303
    assert Appointment.objects.get(pk=visit.pk).starts_at == dt.datetime.fromisoformat(further[0])
    assert "The visit is moved" in _text(client.get(f"/a/{token}/"))
    assert not CANARY.search(_text(Client().get(f"/a/{token}/")))


def test_a_form_without_a_time_is_told_to_choose_one(visit: Appointment, token: str) -> None:
    response = checked(token).post(f"/a/{token}/1/move/")
    assert response.status_code == 400
    assert "Please choose a time first." in _text(response)
    assert Appointment.objects.get(pk=visit.pk).starts_at == visit.starts_at


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2026-02-30", "soon", ""])
def test_a_day_from_which_nobody_looks_is_as_if_it_were_not_there(token: str, day: str) -> None:
    response = checked(token).get(f"/a/{token}/1/move/", {"from": day})
    assert response.status_code == 200
    assert 'name="start"' in _text(response)


@pytest.mark.parametrize("start", ["", "tomorrow", "2026-01-01", "2026-12-01T10:00", "2026-12-01T10:00:30+00:00"])
def test_a_time_that_was_not_offered_is_refused_in_words(token: str, start: str) -> None:
    assert checked(token).post(f"/a/{token}/1/move/", {"start": start}).status_code == 400


def test_a_time_that_somebody_took_meanwhile_is_refused_and_others_are_offered(
    place: SmallClinic, visit: Appointment, token: str
) -> None:
    taken = booked(place, hour=16, patient=1)
    response = checked(token).post(f"/a/{token}/1/move/", {"start": taken.starts_at.isoformat()})
    assert response.status_code == 409
    assert 'name="start"' in _text(response)
    assert Appointment.objects.get(pk=visit.pk).starts_at == visit.starts_at


def test_who_wants_to_be_called_is_told_that_it_is_known(visit: Appointment, token: str) -> None:
    client = checked(token)
    for _ in range(2):
        assert client.post(f"/a/{token}/1/call/").status_code == 303
    assert Reply.objects.get().visit == visit
    assert "The clinic will call you." in _text(client.get(f"/a/{token}/"))
    assert "The clinic will call you." not in _text(Client().get(f"/a/{token}/"))


def test_the_calendar_file_names_nobody(token: str) -> None:
    response = Client().get(f"/a/{token}/1/visit.ics")
    assert response["Content-Type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(response.content).walk("VEVENT")
    assert str(event["URL"]).endswith(f"/a/{token}/")
    assert b"METHOD:PUBLISH" in response.content
    assert not CANARY.search(_text(response))


def test_a_message_in_spanish_opens_a_page_in_spanish(visit: Appointment) -> None:
    response = Client(headers={"Accept-Language": "en"}).get(f"/a/{linked(visit, language='es')}/")
    assert response["Content-Language"] == "es"
    assert '<html lang="es"' in _text(response)
    assert "Sí, iré" in _text(response)


def test_several_visits_of_a_family_are_shown_and_opened_apart(place: SmallClinic) -> None:
    mine, childs = booked(place), booked(place, hour=15, patient=1)
    Patient.objects.filter(pk=childs.patient_id).update(birth_date=dt.date(2015, 2, 1))
    token = linked(mine, childs)
    client = checked(token)
    text = _text(client.get(f"/a/{token}/"))
    assert "Moreau 0" in text
    assert "Moreau 1" not in text
    assert "Is it you?" in _text(client.get(f"/a/{token}/2/cancel/"))
    assert client.post(f"/a/{token}/2/confirm/").status_code == 303
    assert (_status(mine), _status(childs)) == ("booked", "confirmed")
    assert BORN.isoformat() not in text


def test_too_many_requests_by_one_link_are_told_to_wait(token: str) -> None:
    client = Client(REMOTE_ADDR="192.0.2.77")
    answers = [client.get(f"/a/{token}/") for _ in range(LINK_REQUESTS_PER_MINUTE + 1)]
    assert [answer.status_code for answer in answers].count(429) == 1
    told = _text(answers[-1])
    assert "One moment, please" in told
    assert "Retry-After" not in told
    assert int(answers[-1]["Retry-After"]) <= 60
    assert "You can try again in" in _text(answers[-1])


def test_stopping_e_mail_is_offered_where_an_e_mail_led(visit: Appointment, token: str) -> None:
    assert "No more e-mail about visits" in _text(Client().get(f"/a/{token}/"))
    texted = linked(visit, channel=Message.Channel.SMS, kind=Message.Kind.MOVED)
    assert "No more e-mail" not in _text(Client().get(f"/a/{texted}/"))
