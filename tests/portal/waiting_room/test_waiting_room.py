"""The waiting room: screens that name nobody, numbers that are called, and delays that are told."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.events import ProviderRunsLate
from appointments.models import CallScreen, Ticket
from appointments.services.booking import Caller
from appointments.services.screens import open_screen
from mediconnect.outbox.models import Fact
from mediconnect.outbox.rules import name_of
from mediconnect.portal.once import new_key
from mediconnect.portal.waiting_room import delays, reading
from mediconnect.portal.waiting_room.reading import LateVisit
from providers.models import Clinic
from tests.browser.clinic_day import ClinicDay
from tests.factories import ClinicFactory, MembershipFactory


def said(response: Any) -> str:
    """Return what a page says, without its tags."""
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def alike(response: Any) -> str:
    """Return what a page says without its address and the number of its request."""
    return re.sub(r"/screen/\S+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "", said(response))


def opened(admin: Client, day: ClinicDay, name: str = "By the window") -> str:
    """Open a screen and return its address."""
    page = admin.post(day.path("waiting-room-screen-new"), {"key": new_key(), "name": name})
    assert page.status_code == 200
    found = re.search(r"/screen/[\w-]{22}/", page.content.decode())
    assert found is not None
    return found.group()


def arrive(desk: Client, day: ClinicDay, visit: str) -> Ticket:
    """Let the patient of a visit arrive at the desk."""
    row = day.visits[visit]
    answer = desk.post(
        day.path("visit-step", visit=row.pk) + "?over=arrivals",
        {"key": new_key(), "step": "arrive", "version": row.version, "next": day.path("arrivals")},
    )
    assert answer.status_code in {200, 303}
    return Ticket.objects.get(appointment=row)


def test_without_a_screen_the_page_says_what_to_do(desk: Client, admin: Client, day: ClinicDay) -> None:
    assert "Whoever runs the clinic can add one." in said(desk.get(day.path("waiting-room")))
    assert "Add one below, then open its address" in said(admin.get(day.path("waiting-room")))


def test_a_screen_s_address_is_shown_once_and_to_nobody_again(admin: Client, day: ClinicDay) -> None:
    address = opened(admin, day)
    assert address not in admin.get(day.path("waiting-room")).content.decode()
    assert "By the window" in said(admin.get(day.path("waiting-room")))


def test_a_form_sent_twice_opens_one_screen(admin: Client, day: ClinicDay) -> None:
    form = {"key": new_key(), "name": "By the window"}
    pages = [admin.post(day.path("waiting-room-screen-new"), form).content.decode() for _ in range(2)]
    assert len({re.search(r"/screen/[\w-]{22}/", page).group() for page in pages}) == 1  # type: ignore[union-attr]
    assert CallScreen.objects.count() == 1


def test_a_screen_without_a_name_is_refused_and_says_why(admin: Client, day: ClinicDay) -> None:
    page = admin.post(day.path("waiting-room-screen-new"), {"key": new_key(), "name": " "})
    assert page.status_code == 400
    assert "Say where the screen hangs" in said(page)


def test_the_screen_shows_numbers_and_rooms_and_nothing_else(desk: Client, admin: Client, day: ClinicDay) -> None:
    address = opened(admin, day)
    nobody = said(Client().get(address))
    assert "Your number will be called here." in nobody
    ticket = arrive(desk, day, "booked")
    called = desk.post(day.path("waiting-room-call", visit=day.visits["booked"].pk), {"key": new_key()})
    assert called.status_code == 303
    response = Client().get(address)
    assert f"{ticket.number} Room 1" in said(response)
    person = day.visits["booked"].patient
    for name in (person.family_name, person.given_name, day.providers[0].name):
        assert name not in response.content.decode()
    assert 'http-equiv="refresh"' in response.content.decode()
    assert (response["Referrer-Policy"], response["Cache-Control"].count("no-store")) == ("no-referrer", 1)


def test_a_closed_screen_shows_nothing_any_more(admin: Client, day: ClinicDay) -> None:
    address = opened(admin, day)
    screen = CallScreen.objects.get()
    answer = admin.post(day.path("waiting-room-screen-revoke", screen=screen.pk), {"key": new_key()})
    assert answer.status_code == 303
    gone, never = Client().get(address), Client().get("/screen/AAAAAAAAAAAAAAAAAAAAAA/")
    assert gone.status_code == never.status_code == 404
    assert alike(gone) == alike(never)


def test_the_desk_opens_and_closes_no_screen(desk: Client, admin: Client, day: ClinicDay) -> None:
    opened(admin, day)
    screen = CallScreen.objects.get()
    for path in (day.path("waiting-room-screen-new"), day.path("waiting-room-screen-revoke", screen=screen.pk)):
        assert desk.post(path, {"key": new_key(), "name": "Mine"}).status_code == 403
    assert CallScreen.objects.get().revoked_at is None


def test_a_stranger_s_screen_is_not_closed_from_elsewhere(admin: Client, day: ClinicDay) -> None:
    other = MembershipFactory.create(clinic=ClinicFactory.create())
    caller = Caller(other.user_id, patients_own=False)
    screen, _ = open_screen(clinic_id=other.clinic_id, name="Theirs", caller=caller)
    assert admin.post(day.path("waiting-room-screen-revoke", screen=screen.pk), {"key": new_key()}).status_code == 404
    screen.refresh_from_db()
    assert screen.revoked_at is None


def test_arrivals_show_the_number_and_a_slip_of_paper_names_nobody(desk: Client, admin: Client, day: ClinicDay) -> None:
    opened(admin, day)
    visit = day.visits["booked"]
    ticket = arrive(desk, day, "booked")
    page = desk.get(day.path("arrivals")).content.decode()
    assert day.path("waiting-room-slip", visit=visit.pk) in page
    slip = desk.get(day.path("waiting-room-slip", visit=visit.pk))
    assert f"{ticket.number} Your number." in said(slip)
    assert visit.patient.family_name not in slip.content.decode()
    assert desk.get(day.path("waiting-room-slip", visit=day.visits["confirmed"].pk)).status_code == 404


def test_a_dark_screen_is_told(admin: Client, day: ClinicDay) -> None:
    opened(admin, day)
    assert "not opened yet" in said(admin.get(day.path("waiting-room")))
    CallScreen.objects.update(seen_at=timezone.now())
    assert "is on" in said(admin.get(day.path("waiting-room")))
    CallScreen.objects.update(seen_at=timezone.now() - dt.timedelta(minutes=10))
    assert "dark since" in said(admin.get(day.path("waiting-room")))


@pytest.fixture
def late(day: ClinicDay, monkeypatch: pytest.MonkeyPatch) -> LateVisit:
    """A visit that will begin 25 minutes late."""
    visit = day.visits["booked"]
    found = LateVisit(visit.pk, visit.starts_at, 25, str(visit.patient), day.providers[0].name, told=False)
    for module in (delays, reading):
        monkeypatch.setattr(module, "late_of", lambda _desk: [found])
    return found


def facts() -> list[tuple[Any, int]]:
    found = Fact.objects.filter(name=name_of(ProviderRunsLate))
    return [(fact.aggregate_id, fact.args["minutes"]) for fact in found]


def test_whoever_is_chosen_is_told_the_minutes_that_the_desk_gives(
    desk: Client, day: ClinicDay, late: LateVisit
) -> None:
    form = {"key": new_key(), "visit": str(late.id), f"minutes-{late.id}": "30"}
    answer = desk.post(day.path("waiting-room-tell"), form)
    assert answer.status_code == 303
    assert facts() == [(late.id, 30)]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"visit": ""}, "Choose from the list."),
        ({"visit": "01a20d00-0000-7000-8000-000000000000"}, "Choose at least one person to tell."),
        ({"minutes": "0"}, "A delay is 5 to 240 minutes"),
        ({"minutes": "soon"}, "A delay is 5 to 240 minutes"),
    ],
)
def test_what_cannot_be_told_is_said(
    desk: Client, day: ClinicDay, late: LateVisit, changes: dict[str, str], sentence: str
) -> None:
    form = {"key": new_key(), "visit": changes.get("visit", str(late.id))}
    form[f"minutes-{late.id}"] = changes.get("minutes", "25")
    page = desk.post(day.path("waiting-room-tell"), form)
    assert page.status_code == 400
    assert sentence in said(page)
    assert facts() == []


def test_the_threshold_is_set_by_whoever_runs_the_clinic(desk: Client, admin: Client, day: ClinicDay) -> None:
    path = day.path("waiting-room-threshold")
    version = Clinic.objects.get(pk=day.clinic.pk).version
    assert desk.post(path, {"key": new_key(), "minutes": "20", "version": version}).status_code == 403
    assert admin.post(path, {"key": new_key(), "minutes": "20", "version": version}).status_code == 303
    assert Clinic.objects.get(pk=day.clinic.pk).tells_late_from == 20
    assert admin.post(path, {"key": new_key(), "minutes": "", "version": version}).status_code == 409
    assert admin.post(path, {"key": new_key(), "minutes": "3", "version": version + 1}).status_code == 400
    assert admin.post(path, {"key": new_key(), "minutes": "", "version": version + 1}).status_code == 303
    assert Clinic.objects.get(pk=day.clinic.pk).tells_late_from is None


def test_more_delays_ask_no_more(admin: Client, day: ClinicDay) -> None:
    admin.get(day.path("waiting-room"))
    with CaptureQueriesContext(connection) as asked:
        admin.get(day.path("waiting-room"))
    assert len(asked) <= 10
