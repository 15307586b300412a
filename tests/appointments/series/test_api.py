"""The doors of series: the plan, the booking, the conflict with its plan, each change, and who may."""

import uuid
from typing import Any

import pytest
from icalendar import Calendar

from appointments.models import Appointment, Series
from appointments.services.booking import book_appointment
from providers.models import Membership, Provider, Role
from tests.appointments.conftest import SmallClinic
from tests.concurrency.clinics import second_provider
from tests.factories import UserFactory
from tests.http import Api

pytestmark = pytest.mark.django_db


def body(place: SmallClinic, **changes: Any) -> dict[str, Any]:
    return {
        "appointment_type": str(place.kind.pk),
        "provider": str(place.provider.pk),
        "patient": str(place.patients[0].pk),
        "rrule": "FREQ=WEEKLY;COUNT=4",
        "starts_on": place.at(9).date().isoformat(),
        "start_time": "09:00",
    } | changes


def desk(place: SmallClinic) -> Api:
    return Api.staff(place.desk)


def made(place: SmallClinic) -> dict[str, Any]:
    answer = desk(place).send("POST", "series/", body(place), key=f"key-{uuid.uuid4()}")
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def versions(series: dict[str, Any]) -> dict[str, int]:
    return {visit["id"]: visit["version"] for visit in series["visits"]}


def post(place: SmallClinic, path: str, words: dict[str, Any]) -> Any:
    return desk(place).send("POST", path, words)


def test_a_dry_run_plans_and_writes_nothing(year: SmallClinic) -> None:
    book_appointment(year.booking(year.at(9, days=9), patient=1), caller=year.staff)
    answer = desk(year).send("POST", "series/?dry_run=true", body(year), key=f"key-{uuid.uuid4()}")
    assert answer.status_code == 200
    plan = answer.json()
    assert (plan["free"], plan["conflicts"], plan["rrule"]) == (False, 1, "FREQ=WEEKLY;COUNT=4")
    second = plan["occurrences"][1]
    assert (second["free"], second["rule"], len(second["alternatives"])) == (False, "booked", 3)
    assert second["start"] == year.at(9, days=9).isoformat()
    assert not Series.objects.exists()


def test_booking_conflicting_choosing(year: SmallClinic) -> None:
    book_appointment(year.booking(year.at(9, days=9), patient=1), caller=year.staff)
    refused = desk(year).send("POST", "series/", body(year), key=f"key-{uuid.uuid4()}")
    assert (refused.status_code, refused.json()["code"]) == (409, "series-conflicts")
    alternative = refused.json()["plan"]["occurrences"][1]["alternatives"][0]
    choices = [{"occurrence": 2, "start": alternative["start"]}, {"occurrence": 4, "leave_out": True}]
    key = f"key-{uuid.uuid4()}"
    answer = desk(year).send("POST", "series/", body(year, choices=choices), key=key)
    assert answer.status_code == 201
    assert [visit["start"] for visit in answer.json()["visits"]][1] == alternative["start"]
    assert answer.json()["visits"][2]["series"] == {"id": answer.json()["id"], "occurrence": 3, "of": 3}
    again = desk(year).send("POST", "series/", body(year, choices=choices), key=key)
    assert (again.headers["Idempotent-Replayed"], again.content) == ("true", answer.content)
    assert Appointment.objects.filter(series__isnull=False).count() == 3


def test_a_patient_reads_the_place_of_a_visit_in_its_series_and_nothing_of_the_series(year: SmallClinic) -> None:
    series = made(year)
    api = Api.patient(year.users[0])
    visit = api.send("GET", f"appointments/{series['visits'][1]['id']}/").json()
    assert visit["series"] == {"id": series["id"], "occurrence": 2, "of": 4}
    assert api.send("GET", f"series/{series['id']}/").status_code == 403


def test_reading_and_listing(year: SmallClinic) -> None:
    series = made(year)
    one = desk(year).send("GET", f"series/{series['id']}/")
    assert (one.json(), one.headers["ETag"]) == (series, '"v1"')
    listed = desk(year).send("GET", f"series/?patient={year.patients[0].pk}").json()["results"]
    assert [row["id"] for row in listed] == [series["id"]]
    assert desk(year).send("GET", f"series/?patient={year.patients[1].pk}").json()["results"] == []


def test_cancelling_and_restoring(year: SmallClinic) -> None:
    series = made(year)
    words = {"scope": "following", "occurrence": 3, "reason": "clinic_other"}
    missing = post(year, f"series/{series['id']}/cancel/", words)
    assert (missing.status_code, missing.json()["code"]) == (428, "version-required")
    stale = post(year, f"series/{series['id']}/cancel/", words | {"versions": {series["visits"][2]["id"]: 9}})
    assert (stale.status_code, stale.json()["current"]["id"]) == (409, series["id"])
    gone = post(year, f"series/{series['id']}/cancel/", words | {"versions": versions(series)})
    assert (gone.status_code, gone.json()["changed"], gone.json()["left_alone"]) == (200, [3, 4], [])
    took = {visit["id"]: visit["version"] for visit in gone.json()["visits"] if visit["status"] == "cancelled"}
    back = post(year, f"series/{series['id']}/restore/", {"versions": took})
    assert [visit["status"] for visit in back.json()["visits"]] == ["booked"] * 4


def test_moving(year: SmallClinic) -> None:
    series = made(year)
    words = {"scope": "all", "start_time": "10:00"}
    plan = post(year, f"series/{series['id']}/move/?dry_run=true", words).json()
    assert (plan["free"], len(plan["occurrences"]), plan["occurrences"][0]["appointment"]) == (
        True, 4, series["visits"][0]["id"],
    )  # fmt: skip
    moved = post(year, f"series/{series['id']}/move/", words | {"versions": versions(series)})
    assert [visit["start"][11:16] for visit in moved.json()["visits"]] == ["10:00"] * 4
    book_appointment(year.booking(year.at(11, days=2), patient=1), caller=year.staff)
    taken = post(
        year, f"series/{series['id']}/move/", {**words, "start_time": "11:00", "versions": versions(moved.json())}
    )
    assert (taken.status_code, taken.json()["plan"]["conflicts"]) == (409, 1)


def test_one_file_for_a_calendar(year: SmallClinic) -> None:
    series = made(year)
    answer = desk(year).send("GET", f"series/{series['id']}/calendar.ics")
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert {str(event["uid"]) for event in events} == {f"{visit['id']}@mediconnect" for visit in series["visits"]}
    assert "Consultation" not in answer.content.decode()


def test_a_provider_books_series_in_the_own_calendar_alone(year: SmallClinic) -> None:
    user = UserFactory.create()
    Membership.objects.create(user=user, clinic=year.clinic, role=Role.PROVIDER)
    Provider.objects.filter(pk=year.provider.pk).update(user=user)
    other = second_provider(year)
    api = Api.staff(user)
    book_appointment(year.booking(year.at(9, days=9), patient=1), caller=year.staff)
    plan = api.send("POST", "series/?dry_run=true", body(year), key=f"key-{uuid.uuid4()}").json()
    offered = {one["provider"] for row in plan["occurrences"] for one in row["alternatives"]}
    assert offered == {str(year.provider.pk)}
    choices = [{"occurrence": 2, "provider": str(other.pk)}]
    for words in ({"provider": str(other.pk)}, {"choices": choices}):
        assert api.send("POST", "series/", body(year, **words), key=f"key-{uuid.uuid4()}").status_code == 404
    theirs = desk(year).send("POST", "series/", body(year, choices=choices), key=f"key-{uuid.uuid4()}").json()
    assert api.send("GET", f"series/{theirs['id']}/").status_code == 404


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"rrule": "FREQ=WEEKLY"}, "rrule"),
        ({"start_time": "nine"}, "start_time"),
        ({"start_time": "25:00"}, "start_time"),
        ({"choices": [{"occurrence": 1}, {"occurrence": 1}]}, "choices"),
        ({"choices": ["first"]}, "choices"),
        ({"choices": "all"}, "choices"),
        ({"weeks": 3}, "weeks"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(year: SmallClinic, words: dict[str, Any], field: str) -> None:
    answer = desk(year).send("POST", "series/", body(year, **words), key=f"key-{uuid.uuid4()}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
