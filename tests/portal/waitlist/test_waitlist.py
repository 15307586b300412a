"""The waitlist at the desk: who waits, who is asked, what they answer, and why a time passed somebody by."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Appointment, WaitlistEntry, WaitlistOffer
from mediconnect.portal.once import new_key
from providers.models import Membership, PractitionerRole, Provider, Role
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.appointments.waitlist.line import Line
from tests.factories import UserFactory
from tests.portal.people.conftest import client_of


def path(place: SmallClinic, name: str, **ids: uuid.UUID) -> str:
    return reverse(f"portal:{name}", kwargs={"clinic": place.clinic.pk, **ids})


def said(response: Any) -> str:
    """Return what a page says, without its tags."""
    text = re.sub(r"<(script|style|select)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace("\N{NO-BREAK SPACE}", " ")


def wish(place: SmallClinic, **changes: Any) -> dict[str, Any]:
    """Return what the form of a new wish sends."""
    form = {
        "key": new_key(),
        "patient": place.patients[0].pk,
        "type": place.kind.pk,
        "from_date": place.at(9, days=0).date().isoformat(),
        "until_date": place.at(9, days=20).date().isoformat(),
        "notice_minutes": "120",
        "priority": "0",
    }
    return {name: value for name, value in (form | changes).items() if value is not None}


def test_an_empty_list_says_what_it_is_for(desk: Client, place: SmallClinic) -> None:
    page = desk.get(path(place, "waitlist"))
    assert page.status_code == 200
    assert "Nobody waits" in said(page)


def test_somebody_is_found_and_put_on_the_list(desk: Client, place: SmallClinic) -> None:
    form = wish(place, patient=None, q="Moreau 0", find="1")
    found = desk.post(path(place, "waitlist-new"), form)
    assert str(place.patients[0].pk) in found.content.decode()
    answer = desk.post(path(place, "waitlist-new"), wish(place, weekdays=["0", "3"], earliest_time="09:30"))
    entry = WaitlistEntry.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, path(place, "wish", entry=entry.pk))
    assert (entry.weekdays, entry.source) == ([0, 3], "staff")
    page = said(desk.get(path(place, "waitlist")))
    assert "Moreau 0, Lena" in page
    assert "any provider" in page


def test_whoever_could_have_a_time_at_once_is_told_so(desk: Client, place: SmallClinic) -> None:
    desk.post(path(place, "waitlist-new"), wish(place))
    entry = WaitlistEntry.objects.get()
    assert "There are free times already" in said(desk.get(path(place, "wish", entry=entry.pk)))


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"patient": None}, 400, "Choose who waits."),
        ({"type": str(uuid.uuid4())}, 400, "Choose a type of visit."),
        ({"until_date": ""}, 422, "This field is required."),
        ({"earliest_time": "15:00", "latest_time": "14:00"}, 400, "A visit is over after it begins."),
        ({"weekdays": ["9"]}, 422, "Select a valid choice"),
    ],
)
def test_what_cannot_be_kept_is_said_and_stays_typed(
    desk: Client, place: SmallClinic, changes: dict[str, Any], status: int, sentence: str
) -> None:
    page = desk.post(path(place, "waitlist-new"), wish(place, note="rings after six", **changes))
    assert page.status_code == status
    assert sentence in said(page)
    assert "rings after six" in page.content.decode()
    assert not WaitlistEntry.objects.exists()


def test_whoever_waits_already_is_led_to_the_wish(desk: Client, line: Line) -> None:
    entry = line.wait(0)
    page = desk.post(path(line.place, "waitlist-new"), wish(line.place))
    assert page.status_code == 409
    assert path(line.place, "wish", entry=entry.pk) in page.content.decode()


def test_a_visit_is_wished_sooner(desk: Client, line: Line) -> None:
    visit = line.visit(line.place.at(15, days=6))
    page = desk.get(path(line.place, "waitlist-new"), {"visit": str(visit.pk)})
    assert "a yes moves that visit" in said(page)
    desk.post(path(line.place, "waitlist-new"), wish(line.place, visit=visit.pk, patient=None, type=None))
    assert WaitlistEntry.objects.get().appointment_id == visit.pk


def test_a_wish_is_changed_and_its_place_stays(desk: Client, line: Line) -> None:
    entry = line.wait(0)
    address = path(line.place, "wish-change", entry=entry.pk)
    assert desk.get(address).status_code == 200
    answer = desk.post(address, wish(line.place, version="1", priority="2", note="sooner is better"))
    assert answer.status_code == 303
    changed = WaitlistEntry.objects.get()
    assert (changed.priority, changed.note, changed.joined_at) == (2, "sooner is better", entry.joined_at)
    stale = desk.post(address, wish(line.place, version="1", priority="1"))
    assert stale.status_code == 409
    assert WaitlistEntry.objects.get().priority == 2


def test_somebody_is_taken_off_the_list(desk: Client, line: Line) -> None:
    entry = line.wait(0)
    answer = desk.post(path(line.place, "wish-leave", entry=entry.pk), {"key": new_key()})
    assert answer.status_code == 303
    assert WaitlistEntry.objects.get().state == "withdrawn"
    closed = said(desk.get(path(line.place, "waitlist"), {"closed": "1"}))
    assert "Moreau 0, Lena" in closed
    assert "left the list" in closed


@pytest.fixture
def offer(line: Line) -> WaitlistOffer:
    """A time that the first patient gave back, offered to the second; the third waits as well."""
    for patient in (1, 2):
        line.wait(patient)
    (made,) = line.offered(line.freed(line.place.at(13)))
    return made


def test_a_yes_on_the_phone_books_and_leads_to_the_visit(desk: Client, line: Line, offer: WaitlistOffer) -> None:
    page = said(desk.get(path(line.place, "waitlist")))
    assert "Moreau 1, Lena is asked for" in page
    answer = desk.post(path(line.place, "offer-accept", offer=offer.pk), {"key": new_key()})
    visit = Appointment.objects.get(patient=line.place.patients[1])
    assert (answer.status_code, answer["Location"]) == (303, path(line.place, "visit", visit=visit.pk))
    assert visit.starts_at == line.place.at(13)


def test_a_no_on_the_phone_asks_the_next(desk: Client, line: Line, offer: WaitlistOffer) -> None:
    answer = desk.post(path(line.place, "offer-decline", offer=offer.pk), {"key": new_key()})
    assert answer.status_code == 303
    assert line.asked(offer.freed_time) == [1, 2]
    assert "Moreau 2, Lena is asked for" in said(desk.get(path(line.place, "waitlist")))


def test_a_no_may_leave_the_list_as_well(desk: Client, line: Line, offer: WaitlistOffer) -> None:
    desk.post(path(line.place, "offer-decline", offer=offer.pk), {"key": new_key(), "leave": "1"})
    assert WaitlistEntry.objects.get(patient=line.place.patients[1]).state == "withdrawn"


def test_a_yes_that_comes_too_late_is_said_and_counted(desk: Client, line: Line, offer: WaitlistOffer) -> None:
    desk.post(path(line.place, "offer-decline", offer=offer.pk), {"key": new_key()})
    page = desk.post(path(line.place, "offer-accept", offer=offer.pk), {"key": new_key()})
    assert page.status_code == 409
    assert "This offer does not stand any more." in said(page)
    offer.refresh_from_db()
    assert offer.too_late_at is not None


def test_each_freed_time_says_what_it_was_for_somebody(desk: Client, line: Line) -> None:
    asked = line.wait(1)
    others_first = line.wait(2)
    elsewhere = Provider.objects.create(name="Dr. Samuel Lind")
    PractitionerRole.objects.create(provider=elsewhere, clinic=line.place.clinic)
    another = line.wait(3, providers=[elsewhere.pk])
    line.offered(line.freed(line.place.at(13)))

    def told(entry: WaitlistEntry) -> str:
        return said(desk.get(path(line.place, "wish", entry=entry.pk)))

    assert "offered, no answer yet" in told(asked)
    assert "Somebody before this person in the order was asked." in told(others_first)
    assert "It is with another provider than wished for." in told(another)


def test_longer_lists_ask_no_more(desk: Client, line: Line) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get(path(line.place, "waitlist"))
        return len(queries)

    line.wait(1)
    line.offered(line.freed(line.place.at(13)))
    asked()
    few = asked()
    for patient in (2, 3):
        line.wait(patient, providers=[line.place.provider.pk])
        line.offered(line.freed(line.place.at(13 + patient)))
    assert asked() == few


def test_a_provider_keeps_the_list_of_the_own_calendar(line: Line) -> None:
    place, user = line.place, UserFactory.create()
    Membership.objects.create(user=user, clinic=place.clinic, role=Role.PROVIDER)
    Provider.objects.filter(pk=place.provider.pk).update(user=user)
    doctor = client_of(user)
    anybodys = line.wait(1)
    assert doctor.get(path(place, "wish", entry=anybodys.pk)).status_code == 200
    assert doctor.post(path(place, "wish-leave", entry=anybodys.pk), {"key": new_key()}).status_code == 403
    refused = doctor.post(path(place, "waitlist-new"), wish(place))
    assert refused.status_code == 403
    mine = doctor.post(path(place, "waitlist-new"), wish(place, providers=[str(place.provider.pk)]))
    assert mine.status_code == 303


def test_another_clinic_s_wishes_and_offers_are_not_there(line: Line, offer: WaitlistOffer) -> None:
    strangers = small_clinic()
    desk = client_of(strangers.desk)
    entry = offer.entry
    assert desk.get(path(strangers, "wish", entry=entry.pk)).status_code == 404
    for name, ids in (
        ("offer-accept", {"offer": offer.pk}),
        ("offer-decline", {"offer": offer.pk}),
        ("wish-leave", {"entry": entry.pk}),
    ):
        assert desk.post(path(strangers, name, **ids), {"key": new_key()}).status_code == 404
    form = wish(strangers, patient=line.place.patients[3].pk)
    assert desk.post(path(strangers, "waitlist-new"), form).status_code == 400
    assert not WaitlistEntry.objects.filter(clinic=strangers.clinic).exists()
