"""The waitlist over HTTP: join, look, change, leave; and answer what is offered."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Appointment, FreedTime, Hold, WaitlistEntry, WaitlistOffer
from appointments.services.waitlist.joining import Wishing, join_waitlist
from providers.models import Membership, PractitionerRole, Provider, Role
from tests.factories import UserFactory
from tests.http import Api, code

from .conftest import SmallClinic


def wish(place: SmallClinic, patient: int = 0, **changes: Any) -> dict[str, Any]:
    """Return the body that joins the list for the usual type."""
    body = {
        "appointment_type": str(place.kind.pk),
        "patient": str(place.patients[patient].pk),
        "until_date": place.at(9, days=20).date().isoformat(),
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def joined(place: SmallClinic, patient: int = 0, **changes: Any) -> WaitlistEntry:
    until = place.at(9, days=20).date()
    words: dict[str, Any] = {
        "patient_id": place.patients[patient].pk,
        "appointment_type_id": place.kind.pk,
        "until_date": until,
    }
    return join_waitlist(Wishing(**(words | changes)), caller=place.staff)


def offered(place: SmallClinic, entry: WaitlistEntry, hour: int = 13) -> WaitlistOffer:
    """Hold a freed time for this wish, as the list does."""
    now = timezone.now()
    time = {"provider": place.provider, "starts_at": place.at(hour), "ends_at": place.at(hour, 30)}
    freed = FreedTime.objects.create(clinic=place.clinic, cause="cancelled", offer_from=now, **time)
    expires_at = now + dt.timedelta(hours=1)
    Hold.objects.create(
        clinic=place.clinic, appointment_type=place.kind, freed_time=freed, expires_at=expires_at, **time
    )
    WaitlistEntry.objects.filter(pk=entry.pk).update(state="offered")
    return WaitlistOffer.objects.create(entry=entry, freed_time=freed, made_at=now, expires_at=expires_at, **time)


@pytest.fixture
def patient(place: SmallClinic) -> Api:
    return Api.patient(place.users[0])


@pytest.fixture
def desk(place: SmallClinic) -> Api:
    return Api.staff(place.desk)


def test_a_patient_joins_and_is_told_what_is_free_already(place: SmallClinic, patient: Api) -> None:
    body = wish(place, patient=0, weekdays=[0, 1, 2, 3, 4, 5, 6], earliest_time="09:30", latest_time="12:00")
    answer = patient.post("waitlist/", body)
    assert answer.status_code == 201, answer.content
    data = answer.json()
    assert (data["state"], data["version"], answer["ETag"]) == ("waiting", 1, '"v1"')
    assert answer["Location"] == f"/api/v1/waitlist/{data['id']}/"
    assert (data["earliest_time"], data["latest_time"], data["timezone"]) == ("09:30", "12:00", "America/New_York")
    assert len(data["free_now"]) == 3
    assert data["free_now"][0]["start"][11:16] == "09:30"
    assert not {"note", "priority", "source"} & data.keys()


def test_the_desk_joins_for_a_patient_with_a_note_and_a_priority(place: SmallClinic, desk: Api) -> None:
    data = desk.post("waitlist/", wish(place, priority=2, note="rings after six")).json()
    assert (data["priority"], data["note"], data["source"]) == (2, "rings after six", "staff")


def test_the_same_key_joins_once(place: SmallClinic, patient: Api) -> None:
    key = f"test-{uuid.uuid4()}"
    first, again = (patient.post("waitlist/", wish(place), key=key) for _ in range(2))
    assert first.content == again.content
    assert again["Idempotent-Replayed"] == "true"
    assert WaitlistEntry.objects.count() == 1


def test_a_key_is_needed(place: SmallClinic, patient: Api) -> None:
    assert code(patient.post("waitlist/", wish(place), key=None)) == "idempotency-key-required"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": [7]}, "weekdays"),
        ({"weekdays": "monday"}, "weekdays"),
        ({"earliest_time": "25:00"}, "earliest_time"),
        ({"earliest_time": "14:00", "latest_time": "13:00"}, "latest_time"),
        ({"until_date": "soon"}, "until_date"),
        ({"until_date": None}, "until_date"),
        ({"notice_minutes": -1}, "notice_minutes"),
        ({"providers": ["nobody"]}, "providers"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_what_is_no_wish_is_refused_at_its_field(
    place: SmallClinic, desk: Api, changes: dict[str, Any], field: str
) -> None:
    answer = desk.post("waitlist/", wish(place, **changes))
    assert (answer.status_code, code(answer)) == (400, "invalid")
    assert field in answer.json()["errors"]


def test_days_that_are_over_are_refused(place: SmallClinic, desk: Api) -> None:
    gone = place.at(9, days=-3).date().isoformat()
    answer = desk.post("waitlist/", wish(place, from_date=gone, until_date=gone))
    assert (answer.status_code, code(answer)) == (422, "wish-past")


def test_whoever_waits_already_is_told_so_with_the_wish(place: SmallClinic, desk: Api) -> None:
    entry = joined(place)
    answer = desk.post("waitlist/", wish(place))
    assert (answer.status_code, code(answer), answer.json()["entry"]) == (409, "already-waiting", str(entry.pk))


@pytest.mark.parametrize("changes", [{"priority": 1}, {"note": "please"}])
def test_a_patient_sets_neither_priority_nor_note(place: SmallClinic, patient: Api, changes: dict[str, Any]) -> None:
    assert patient.post("waitlist/", wish(place, **changes)).status_code == 403


def test_a_list_shows_open_wishes_in_the_order_of_joining_and_others_on_demand(place: SmallClinic, desk: Api) -> None:
    entries = [joined(place, number) for number in range(3)]
    desk.delete(f"waitlist/{entries[1].pk}/")
    listed = desk.get("waitlist/").json()["results"]
    assert [row["id"] for row in listed] == [str(entries[0].pk), str(entries[2].pk)]
    gone = desk.get("waitlist/", {"state": "withdrawn"}).json()["results"]
    assert [row["id"] for row in gone] == [str(entries[1].pk)]
    assert desk.get("waitlist/", {"state": "lost"}).status_code == 400


def test_longer_lists_ask_no_more(place: SmallClinic, desk: Api) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get("waitlist/")
        return len(queries)

    joined(place)
    asked()
    few = asked()
    for number in (1, 2):
        offered(place, joined(place, number), hour=14 + number)
    assert asked() == few


def test_a_wish_shows_the_offer_that_stands(place: SmallClinic, patient: Api) -> None:
    entry = joined(place)
    offer = offered(place, entry)
    data = patient.get(f"waitlist/{entry.pk}/").json()
    assert data["state"] == "offered"
    assert data["offer"]["id"] == str(offer.pk)
    assert dt.datetime.fromisoformat(data["offer"]["start"]) == place.at(13)


def test_a_wish_is_changed_against_its_version(place: SmallClinic, patient: Api) -> None:
    entry = joined(place)
    path = f"waitlist/{entry.pk}/"
    assert patient.patch(path, {"notice_minutes": 30}).status_code == 428
    changed = patient.patch(path, {"notice_minutes": 30, "version": 1})
    assert (changed.status_code, changed.json()["notice_minutes"], changed["ETag"]) == (200, 30, '"v2"')
    stale = patient.patch(path, {"notice_minutes": 45, "version": 1})
    assert (stale.status_code, stale.json()["current"]["notice_minutes"]) == (409, 30)
    assert patient.patch(path, {"weekdays": [1]}, **{"If-Match": '"v1"'}).status_code == 412


def test_whoever_leaves_leaves_once_and_for_good(place: SmallClinic, patient: Api) -> None:
    entry = joined(place)
    assert patient.delete(f"waitlist/{entry.pk}/").status_code == 204
    assert patient.delete(f"waitlist/{entry.pk}/").status_code == 204
    changed = patient.patch(f"waitlist/{entry.pk}/", {"notice_minutes": 30, "version": 2})
    assert code(changed) == "wish-closed"


def test_an_offer_is_accepted_once_and_becomes_a_visit(place: SmallClinic, patient: Api) -> None:
    entry = joined(place)
    offer = offered(place, entry)
    path, key = f"waitlist/offers/{offer.pk}/accept/", f"test-{uuid.uuid4()}"
    answer = patient.post(path, key=key)
    assert answer.status_code == 200, answer.content
    data = answer.json()
    visit = Appointment.objects.get()
    assert (data["offer"]["state"], data["appointment"]["id"]) == ("accepted", str(visit.pk))
    assert visit.starts_at == place.at(13)
    assert patient.post(path, key=key).content == answer.content
    assert not Hold.objects.exists()
    entry.refresh_from_db()
    assert entry.state == "accepted"


def test_accepting_needs_a_key(place: SmallClinic, patient: Api) -> None:
    offer = offered(place, joined(place))
    answer = patient.post(f"waitlist/offers/{offer.pk}/accept/", key=None)
    assert code(answer) == "idempotency-key-required"


def test_a_yes_that_comes_too_late_is_refused_and_counted(place: SmallClinic, patient: Api) -> None:
    entry = joined(place)
    offer = offered(place, entry)
    patient.post(f"waitlist/offers/{offer.pk}/decline/")
    answer = patient.post(f"waitlist/offers/{offer.pk}/accept/")
    assert (answer.status_code, code(answer), answer.json()["state"]) == (409, "offer-over", "declined")
    offer.refresh_from_db()
    entry.refresh_from_db()
    assert offer.too_late_at is not None
    assert entry.state == "waiting"


def test_a_no_keeps_the_place_unless_one_leaves(place: SmallClinic, patient: Api) -> None:
    entry = joined(place)
    first = offered(place, entry)
    assert patient.post(f"waitlist/offers/{first.pk}/decline/").json()["state"] == "declined"
    entry.refresh_from_db()
    assert (entry.state, entry.version) == ("waiting", entry.version)
    second = offered(place, entry, hour=15)
    assert patient.post(f"waitlist/offers/{second.pk}/decline/", {"leave": True}).status_code == 200
    entry.refresh_from_db()
    assert entry.state == "withdrawn"


def test_a_provider_keeps_the_list_of_the_own_calendar_alone(place: SmallClinic) -> None:
    user = UserFactory.create()
    Membership.objects.create(user=user, clinic=place.clinic, role=Role.PROVIDER)
    Provider.objects.filter(pk=place.provider.pk).update(user=user)
    other = Provider.objects.create(name="Dr. Samuel Lind")
    PractitionerRole.objects.create(provider=other, clinic=place.clinic)
    mine, theirs = str(place.provider.pk), str(other.pk)
    doctor = Api.staff(user)
    assert doctor.post("waitlist/", wish(place, providers=[mine])).status_code == 201
    for providers in ([], [theirs], [mine, theirs]):
        assert doctor.post("waitlist/", wish(place, patient=1, providers=providers)).status_code == 403
    anybodys, others = joined(place, 1), joined(place, 2, providers=[other.pk])
    assert doctor.get(f"waitlist/{anybodys.pk}/").status_code == 200
    assert doctor.get(f"waitlist/{others.pk}/").status_code == 404
    assert doctor.delete(f"waitlist/{anybodys.pk}/").status_code == 403
