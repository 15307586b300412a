"""Hours, time off, closures, rooms, devices and types over HTTP: written, rehearsed, refused, kept apart by clinic."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from mediconnect.accounts.models import User
from mediconnect.records.models import Change
from providers.models import (
    AppointmentType,
    Clinic,
    Closure,
    Opening,
    PractitionerRole,
    Provider,
    Role,
    Room,
    TimeOff,
    WorkingHours,
)
from tests.factories import (
    AppointmentTypeFactory,
    ClinicFactory,
    DeviceFactory,
    MembershipFactory,
    OneOffHoursFactory,
    PatientFactory,
    ProviderFactory,
    RoomFactory,
    UserFactory,
    WorkingHoursFactory,
)
from tests.http import Api, code

from .conftest import Diary

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def someone(role: str, *clinics: Clinic) -> User:
    user = UserFactory.create()
    for clinic in clinics:
        MembershipFactory.create(user=user, clinic=clinic, role=role)
    return user


@dataclass
class House:
    """A clinic with one provider who has a sign-in, one row of everything, and another clinic with another admin."""

    clinic: Clinic
    provider: Provider
    hours: WorkingHours
    admin: Api
    desk: Api
    own: Api
    colleague: Api
    foreign_admin: Api
    patient: Api

    def rows(self) -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
        """Return for each collection its path, a body to POST and a body to PATCH."""
        day = (timezone.now() + dt.timedelta(days=20)).date().isoformat()
        p, c = f"providers/{self.provider.pk}", f"clinics/{self.clinic.pk}"
        return {
            "working-hours": (
                f"{p}/working-hours/",
                {"weekday": 2, "start_time": "18:00", "end_time": "20:00"},
                {"end_time": "21:00"},
            ),
            "one-off-hours": (
                f"{p}/one-off-hours/",
                {"date": day, "start_time": "19:00", "end_time": "20:00"},
                {"end_time": "21:00"},
            ),
            "time-off": (f"{p}/time-off/", {"start": day, "end": day, "reason": "training"}, {"reason": "leave"}),
            "closures": (f"{c}/closures/", {"start": day, "end": day, "reason": "paint"}, {"reason": "repairs"}),
            "rooms": (f"{c}/rooms/", {"name": "Room 9", "category": "exam"}, {"name": "Room 10"}),
            "devices": (f"{c}/devices/", {"name": "ECG 9", "category": "ecg"}, {"name": "ECG 10"}),
            "appointment-types": (f"{c}/appointment-types/", {"name": "Travel advice"}, {"duration": 45}),
        }


OF_PROVIDER = {"working-hours", "one-off-hours", "time-off"}
COLLECTIONS = [*sorted(OF_PROVIDER), "closures", "rooms", "devices", "appointment-types"]


@pytest.fixture
def house(clinic: Clinic, diary: Diary) -> House:
    own = someone(Role.PROVIDER, clinic)
    provider = ProviderFactory.create(clinic=clinic, name="Dr. Amara Obi", user=own)
    patient = UserFactory.create()
    PatientFactory.create(user=patient)
    return House(
        clinic=clinic,
        provider=provider,
        hours=WorkingHours.objects.get(resource=provider, weekday=2),
        admin=Api.staff(someone(Role.CLINIC_ADMIN, clinic)),
        desk=Api.staff(someone(Role.FRONT_DESK, clinic)),
        own=Api.staff(own),
        colleague=Api.staff(someone(Role.PROVIDER, clinic)),
        foreign_admin=Api.staff(someone(Role.CLINIC_ADMIN, ClinicFactory.create())),
        patient=Api.patient(patient),
    )


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_row_is_added_read_listed_and_changed(house: House, name: str) -> None:
    path, new, change = house.rows()[name]
    added = house.admin.post(path, new)
    assert added.status_code == 201, added.content
    assert (added.headers["ETag"], added.headers["Location"]) == ('"v1"', f"/api/v1/{path}{added.json()['id']}/")
    row = f"{path}{added.json()['id']}/"
    assert house.admin.get(row).json() == added.json()
    assert added.json() in house.admin.get(path).json()["results"]
    changed = house.admin.patch(row, change | {"version": 1})
    assert changed.status_code == 200, changed.content
    assert (changed.json()["version"], changed.headers["ETag"]) == (2, '"v2"')
    assert Change.objects.filter(record_id=added.json()["id"]).count() == 2
    assert not Change.objects.filter(record_id=added.json()["id"], actor_id=None).exists()


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_change_needs_the_version_that_is(house: House, name: str) -> None:
    path, new, change = house.rows()[name]
    row = f"{path}{house.admin.post(path, new).json()['id']}/"
    missing = house.admin.patch(row, change)
    assert (missing.status_code, code(missing)) == (428, "version-required")
    stale = house.admin.patch(row, change | {"version": 7})
    assert (stale.status_code, code(stale)) == (409, "version-conflict")
    assert stale.json()["current"] == house.admin.get(row).json()
    header = house.admin.patch(row, change, **{"If-Match": '"v7"'})
    assert (header.status_code, code(header)) == (412, "version-conflict")
    assert house.admin.patch(row, change, **{"If-Match": '"v1"'}).status_code == 200


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_rehearsal_changes_nothing(house: House, name: str) -> None:
    path, new, change = house.rows()[name]
    before, openings = house.admin.get(path).json(), Opening.objects.count()
    answer = house.admin.post(f"{path}?dry_run=true", new)
    assert (answer.status_code, answer.json()["dry_run"]) == (200, True)
    assert house.admin.get(path).json() == before
    row = f"{path}{house.admin.post(path, new).json()['id']}/"
    openings = Opening.objects.count()
    answer = house.admin.patch(f"{row}?dry_run=true", change | {"version": 1})
    assert (answer.status_code, answer.json()["dry_run"]) == (200, True)
    assert house.admin.get(row).json()["version"] == 1
    assert Opening.objects.count() == openings


@pytest.mark.parametrize("name", COLLECTIONS)
def test_each_caller_may_what_is_theirs(house: House, name: str) -> None:
    path, new, change = house.rows()[name]
    row = f"{path}{house.admin.post(path, new).json()['id']}/"
    change = change | {"version": 1}
    assert (Api().get(path).status_code, Api().post(path, new).status_code) == (401, 401)
    for api in (house.patient, house.desk, house.colleague):
        assert code(api.post(path, new)) == "not-permitted"
        assert code(api.patch(row, change)) == "not-permitted"
    assert code(house.patient.get(path)) == "not-permitted"
    assert house.desk.get(path).status_code == house.colleague.get(row).status_code == 200
    own = house.own.patch(row, change)
    assert own.status_code == (200 if name in OF_PROVIDER else 403)


@pytest.mark.parametrize("name", COLLECTIONS)
def test_another_clinics_rows_are_not_there(house: House, name: str) -> None:
    path, new, change = house.rows()[name]
    row = f"{path}{house.admin.post(path, new).json()['id']}/"
    for answer in (
        house.foreign_admin.get(path),
        house.foreign_admin.get(row),
        house.foreign_admin.post(path, new),
        house.foreign_admin.patch(row, change | {"version": 1}),
        house.admin.get(f"{path}{uuid.uuid4()}/"),
        house.admin.patch(f"{path}{uuid.uuid4()}/", change | {"version": 1}),
    ):
        assert (answer.status_code, code(answer)) == (404, "not-found")


@pytest.mark.parametrize("name", COLLECTIONS)
def test_the_same_key_adds_one_row(house: House, name: str) -> None:
    path, new, _ = house.rows()[name]
    before = len(house.admin.get(path).json()["results"])
    first, again = (house.admin.post(path, new, key="0123456789abcdef") for _ in range(2))
    assert (first.content, again.headers["Idempotent-Replayed"]) == (again.content, "true")
    assert len(house.admin.get(path).json()["results"]) == before + 1


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_list_costs_at_most_six_statements(
    house: House, name: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    path = house.rows()[name][0]
    for number in range(8):
        match name:
            case "one-off-hours":
                OneOffHoursFactory.create(
                    resource=house.provider, clinic=house.clinic, date=dt.date(2030, 1, 1 + number)
                )
            case "time-off" | "closures":
                start = dt.datetime(2030, 1, 1 + number, tzinfo=dt.UTC)
                owner = {"resource": house.provider} if name == "time-off" else {"clinic": house.clinic}
                model: Any = TimeOff if name == "time-off" else Closure
                model.objects.create(**owner, starts_at=start, ends_at=start + dt.timedelta(hours=1))
            case "rooms":
                RoomFactory.create(clinic=house.clinic)
            case "devices":
                DeviceFactory.create(clinic=house.clinic)
            case "appointment-types":
                AppointmentTypeFactory.create(clinic=house.clinic)
            case _:
                WorkingHoursFactory.create(resource=house.provider, clinic=house.clinic, start_time=dt.time(20))
    with django_assert_max_num_queries(6):
        assert len(house.admin.get(path).json()["results"]) >= 8


@pytest.mark.parametrize("name", COLLECTIONS)
@pytest.mark.parametrize("body", [[], "text", 7, {"colour_of_doors": 1}, {"version": "three"}, "{", "\0"])
def test_nonsense_is_refused_and_writes_nothing(house: House, name: str, body: Any) -> None:
    path, new, _ = house.rows()[name]
    row = f"{path}{house.admin.post(path, new).json()['id']}/"
    before = house.admin.get(path).json()
    for answer in (house.admin.post(path, body), house.admin.patch(row, body)):
        assert 400 <= answer.status_code < 430, answer.content
        assert code(answer) in {"invalid", "version-required"}
    assert house.admin.get(path).json() == before


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("working-hours", {"start_time": "25:00"}),
        ("working-hours", {"start_time": "09:00:30"}),
        ("working-hours", {"start_time": None}),
        ("working-hours", {"weekday": 7}),
        ("working-hours", {"weekday": True}),
        ("working-hours", {"weekday": 1, "rrule": "FREQ=DAILY"}),
        ("working-hours", {"weekday": None, "rrule": "FREQ=SECONDLY"}),
        ("working-hours", {"valid_from": "2026-02-30"}),
        ("working-hours", {"valid_until": "0001-01-01"}),
        ("working-hours", {"types": ["x"]}),
        ("working-hours", {"types": ["018f0000-0000-7000-8000-000000000000"]}),
        ("working-hours", {"clinic": "x"}),
        ("one-off-hours", {"date": "soon"}),
        ("one-off-hours", {"date": "9999-12-31"}),
        ("time-off", {"start": "2026-13-01"}),
        ("time-off", {"start": "9999-12-31"}),
        ("time-off", {"end": "9999-12-31"}),
        ("time-off", {"end": "2020-01-01"}),
        ("time-off", {"reason": "x" * 201}),
        ("time-off", {"reason": "a\0b"}),
        ("closures", {"end": "2020-01-01T00:00:00Z"}),
        ("rooms", {"name": ""}),
        ("rooms", {"name": "x" * 121}),
        ("rooms", {"name": "\ud800"}),
        ("devices", {"category": 7}),
        ("appointment-types", {"duration": 0}),
        ("appointment-types", {"duration": -30}),
        ("appointment-types", {"duration": 481}),
        ("appointment-types", {"duration": 30.5}),
        ("appointment-types", {"start_grid": 7}),
        ("appointment-types", {"colour": "red"}),
        ("appointment-types", {"capacity": 101}),
        ("appointment-types", {"name": "  "}),
        ("appointment-types", {"daily_limit": 0}),
    ],
)
def test_impossible_values_are_refused_by_field(house: House, name: str, change: dict[str, Any]) -> None:
    path, new, _ = house.rows()[name]
    answer = house.admin.post(path, new | change)
    assert (answer.status_code, code(answer)) == (400, "invalid"), answer.content
    assert set(answer.json()["errors"]) & ({*change, "weekday", "end"}), answer.content


def test_a_time_without_an_offset_names_no_instant(house: House) -> None:
    path = house.rows()["time-off"][0]
    answer = house.admin.post(path, {"start": "2026-12-01T09:00:00", "end": "2026-12-02"})
    assert (answer.status_code, code(answer)) == (400, "invalid-local-time")


@pytest.mark.parametrize("name", ["one-off-hours", "time-off", "closures", "working-hours"])
def test_what_ends_is_deleted_with_its_version(house: House, name: str) -> None:
    path, new, _ = house.rows()[name]
    row = f"{path}{house.admin.post(path, new).json()['id']}/"
    assert house.admin.delete(row).status_code == 428
    assert house.admin.delete(f"{row}?dry_run=true", **{"If-Match": '"v1"'}).json()["dry_run"] is True
    assert code(house.admin.delete(row, **{"If-Match": '"v2"'})) == "version-conflict"
    assert house.admin.delete(row, **{"If-Match": '"v1"'}).status_code == 204
    assert row.rsplit("/", 2)[-2] not in [shown["id"] for shown in house.admin.get(path).json()["results"]] or (
        name == "working-hours"
    )


@pytest.mark.parametrize("name", ["rooms", "devices", "appointment-types"])
def test_what_has_no_end_cannot_be_deleted(house: House, name: str) -> None:
    path, new, _ = house.rows()[name]
    row = f"{path}{house.admin.post(path, new).json()['id']}/"
    assert code(house.admin.delete(row, **{"If-Match": '"v1"'})) == "method-not-allowed"


def on(house: House, hour: int) -> dt.datetime:
    """Return an hour of the next Wednesday that lies wholly in the future, by the clinic's clock."""
    day = timezone.now().astimezone(NEW_YORK).date() + dt.timedelta(days=1)
    day += dt.timedelta(days=(2 - day.weekday()) % 7)
    return dt.datetime.combine(day, dt.time(hour), NEW_YORK)


def test_visits_in_the_way_are_listed_by_id_and_time(house: House, diary: Diary) -> None:
    visit = diary.add(house.provider.pk, on(house, 16))
    path = f"providers/{house.provider.pk}/working-hours/{house.hours.pk}/"
    rehearsed = house.admin.patch(f"{path}?dry_run=true", {"end_time": "16:00", "version": 1})
    refused = house.admin.patch(path, {"end_time": "16:00", "version": 1})
    assert (refused.status_code, code(refused)) == (409, "visits-in-the-way")
    assert refused.json()["visits"] == rehearsed.json()["visits"] == [
        {
            "id": str(visit.id),
            "clinic": str(house.clinic.pk),
            "start": visit.start.isoformat(),
            "end": visit.end.isoformat(),
        }
    ]  # fmt: skip
    assert rehearsed.json()["minutes_closed"] > 0
    assert rehearsed.json()["closes"][0]["end"] == on(house, 17).isoformat()
    house.hours.refresh_from_db()
    assert (house.hours.version, house.hours.end_time) == (1, dt.time(17))


def test_a_refused_post_is_replayed_word_for_word(house: House, diary: Diary) -> None:
    diary.add(house.provider.pk, on(house, 16))
    path, day = f"clinics/{house.clinic.pk}/closures/", on(house, 16).date().isoformat()
    first, again = (house.admin.post(path, {"start": day, "end": day}, key="0123456789abcdef") for _ in range(2))
    assert (code(first), code(again)) == ("visits-in-the-way", "visits-in-the-way")
    assert first.json()["visits"] == again.json()["visits"]
    assert not Closure.objects.exists()


def test_a_visit_at_a_clinic_not_the_callers_shows_its_time_alone(house: House, diary: Diary) -> None:
    hill = ClinicFactory.create(region="")
    PractitionerRole.objects.create(provider=house.provider, clinic=hill)
    WorkingHours.objects.filter(resource=house.provider).update(clinic=hill)
    Opening.objects.filter(resource=house.provider).update(clinic=hill)
    visit = diary.add(house.provider.pk, on(house, 16))
    day = on(house, 16).date().isoformat()
    refused = house.admin.post(f"providers/{house.provider.pk}/time-off/", {"start": day, "end": day})
    assert [(row["id"], row["clinic"], row["start"]) for row in refused.json()["visits"]] == [
        (None, None, visit.start.isoformat())
    ]


def test_whole_days_are_meant_by_the_clinics_clock(house: House) -> None:
    path = f"clinics/{house.clinic.pk}/closures/"
    row = house.admin.post(path, {"start": "2030-11-03", "end": "2030-11-03"}).json()
    assert (row["start"], row["end"]) == ("2030-11-03T00:00:00-04:00", "2030-11-04T00:00:00-05:00")
    assert row["timezone"] == "America/New_York"


def test_days_of_a_provider_in_two_zones_need_a_clinic(house: House) -> None:
    london = ClinicFactory.create(timezone="Europe/London", region="")
    PractitionerRole.objects.create(provider=house.provider, clinic=london)
    both = Api.staff(someone(Role.CLINIC_ADMIN, house.clinic, london))
    path, days = f"providers/{house.provider.pk}/time-off/", {"start": "2030-06-03", "end": "2030-06-04"}
    assert list(both.post(path, days).json()["errors"]) == ["clinic"]
    made = both.post(path, days | {"clinic": str(london.pk)}).json()
    assert dt.datetime.fromisoformat(made["start"]) == dt.datetime(2030, 6, 2, 23, tzinfo=dt.UTC)
    assert both.post(path, days | {"clinic": str(uuid.uuid4())}).status_code == 404


def test_why_somebody_is_away_is_for_those_who_plan(house: House) -> None:
    path, new, _ = house.rows()["time-off"]
    house.admin.post(path, new)
    assert house.own.get(path).json()["results"][0]["reason"] == "training"
    assert "reason" not in house.desk.get(path).json()["results"][0]


def test_hours_at_two_clinics_need_a_clinic_and_stay_apart(house: House) -> None:
    hill = ClinicFactory.create(region="")
    PractitionerRole.objects.create(provider=house.provider, clinic=hill)
    hours = WorkingHoursFactory.create(
        resource=house.provider, clinic=hill, start_time=dt.time(18), end_time=dt.time(19)
    )
    path, new, change = house.rows()["working-hours"]
    both = Api.staff(someone(Role.CLINIC_ADMIN, house.clinic, hill))
    assert list(both.post(path, new).json()["errors"]) == ["clinic"]
    assert both.post(path, new | {"clinic": str(hill.pk)}).status_code == 201
    assert {row["clinic"] for row in both.get(path, {"clinic": str(hill.pk)}).json()["results"]} == {str(hill.pk)}
    # The admin of one of the clinics sees and writes that one alone.
    assert str(hours.pk) not in [row["id"] for row in house.admin.get(path).json()["results"]]
    assert house.admin.patch(f"{path}{hours.pk}/", change | {"version": 1}).status_code == 404
    assert house.admin.post(path, new | {"clinic": str(hill.pk)}).status_code == 404


def test_a_clinics_policy_is_changed_by_who_runs_it(house: House) -> None:
    path = f"clinics/{house.clinic.pk}/"
    changed = house.admin.patch(path, {"minimum_notice_minutes": 120, "version": 1})
    assert (changed.status_code, changed.json()["minimum_notice_minutes"]) == (200, 120)
    assert code(house.desk.patch(path, {"hold_minutes": 5, "version": 2})) == "not-permitted"
    assert code(house.foreign_admin.patch(path, {"hold_minutes": 5, "version": 2})) == "not-found"
    for bad in ({"timezone": "Mars/Base"}, {"region": "US-XX"}, {"hold_minutes": 0}, {"active": False}):
        assert code(house.admin.patch(path, bad | {"version": 2})) == "invalid"
    ClinicFactory.create(name="Hill Clinic")
    assert code(house.admin.patch(path, {"name": "hill clinic", "version": 2})) == "name-taken"


def test_a_new_zone_is_rehearsed_with_all_it_moves(house: House, diary: Diary) -> None:
    path = f"clinics/{house.clinic.pk}/?dry_run=true"
    answer = house.admin.patch(path, {"timezone": "America/Chicago", "version": 1}).json()
    assert answer["minutes_opened"] > 0
    assert answer["minutes_closed"] > 0
    assert len(answer["opens"]) == 200
    house.clinic.refresh_from_db()
    assert house.clinic.timezone == "America/New_York"


def test_a_type_is_named_once(house: House) -> None:
    AppointmentTypeFactory.create(clinic=house.clinic, name="Travel advice")
    path, new, _ = house.rows()["appointment-types"]
    refused = house.admin.post(path, new | {"name": "TRAVEL ADVICE"})
    assert (refused.status_code, code(refused)) == (409, "name-taken")
    assert AppointmentType.objects.count() == 1


def test_a_room_with_visits_to_come_stays_in_use(house: House, diary: Diary) -> None:
    room = RoomFactory.create(clinic=house.clinic)
    visit = diary.add(room.pk, on(house, 16))
    path = f"clinics/{house.clinic.pk}/rooms/{room.pk}/"
    refused = house.admin.patch(path, {"active": False, "version": 1})
    assert code(refused) == "visits-in-the-way"
    assert [row["id"] for row in refused.json()["visits"]] == [str(visit.id)]
    assert house.admin.patch(f"{path}?dry_run=true", {"active": False, "version": 1}).json()["visits"]
    assert Room.objects.get().active
    diary.visits.clear()
    assert house.admin.patch(path, {"active": False, "version": 1}).json()["active"] is False


def test_what_was_withdrawn_is_listed_when_asked_for(house: House) -> None:
    path, new, _ = house.rows()["closures"]
    row = house.admin.post(path, new).json()
    house.admin.patch(f"{path}{row['id']}/", {"cancelled": True, "version": 1})
    assert house.admin.get(path).json()["results"] == []
    assert [shown["id"] for shown in house.admin.get(path, {"cancelled": "true"}).json()["results"]] == [row["id"]]


def test_lists_are_narrowed_to_days(house: House) -> None:
    path = house.rows()["time-off"][0]
    for day in ("2030-06-03", "2030-06-10"):
        house.admin.post(path, {"start": day, "end": day})
    assert len(house.admin.get(path, {"from": "2030-06-04"}).json()["results"]) == 1
    assert len(house.admin.get(path, {"to": "2030-06-03"}).json()["results"]) == 1
    assert len(house.admin.get(path, {"from": "2030-06-03", "to": "2030-06-10"}).json()["results"]) == 2


def test_emoji_and_right_to_left_names_are_names(house: House) -> None:
    path = house.rows()["rooms"][0]
    for name in ("غرفة ٣", "🩺 Room"):
        assert house.admin.post(path, {"name": name}).json()["name"] == name
