"""A provider's calendar for other programs: who reads what of it, and what it looks like to them."""

import datetime as dt
import hashlib
import logging
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from appointments.errors import TooManyFeeds
from appointments.models import Appointment, CalendarFeed
from appointments.pages import feeds as door
from appointments.queries.feeds import read_feed
from appointments.rules.feeds import Entry, calendar_text
from appointments.services.booking import Caller, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.feeds import MOST_FEEDS, make_feed, revoke_feed
from appointments.services.moving import reschedule_appointment
from mediconnect.accounts.models import User
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound
from patients.models import Patient
from providers.models import AppointmentType, Membership, PractitionerRole, Provider, Role
from tests.appointments.conftest import SmallClinic, add_room, open_always, small_clinic
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

CANARY = "Quetzalcoatl"


@pytest.fixture
def doctor(place: SmallClinic) -> User:
    """The provider's own sign-in."""
    user: User = UserFactory.create()
    Provider.objects.filter(pk=place.provider.pk).update(user=user)
    Membership.objects.create(user=user, clinic=place.clinic, role=Role.PROVIDER)
    return user


@pytest.fixture
def admin(place: SmallClinic) -> User:
    user: User = UserFactory.create()
    Membership.objects.create(user=user, clinic=place.clinic, role=Role.CLINIC_ADMIN)
    return user


def secret_of(place: SmallClinic, maker: User, *, names: bool = False) -> str:
    caller = Caller(maker.pk, patients_own=False)
    return make_feed(provider_id=place.provider.pk, name="My phone", names_patients=names, caller=caller)[1]


def called(place: SmallClinic, number: int) -> str:
    patient = place.patients[number]
    return f"{patient.given_name} {patient.family_name}"


def book(place: SmallClinic, hour: int, patient: int = 0, *, days: int = 2, **changes: Any) -> Appointment:
    return book_appointment(place.booking(place.at(hour, days=days), patient, **changes), caller=place.staff)[0]


def read(secret: str, **headers: str) -> Any:
    return Client().get(f"/calendar/{secret}.ics", headers=headers)


def entries(secret: str) -> list[Any]:
    """Return the entries as a calendar program reads them."""
    answer = read(secret)
    assert answer.status_code == 200
    calendar = Calendar.from_ical(answer.content)
    assert not calendar.errors
    events = list(calendar.walk("VEVENT"))
    assert all(not event.errors for event in events)
    return events


def words_of(secret: str) -> list[tuple[str, str]]:
    return [(str(event["SUMMARY"]), str(event.get("LOCATION", ""))) for event in entries(secret)]


def test_a_feed_is_a_calendar_that_says_when_and_where_and_nothing_else(place: SmallClinic, doctor: User) -> None:
    room = add_room(place)
    Patient.objects.filter(pk=place.patients[0].pk).update(given_name=CANARY, family_name=CANARY)
    visit = book(place, 10, reason=CANARY, patient_note=CANARY)
    answer = read(secret_of(place, doctor))
    calendar = Calendar.from_ical(answer.content)
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert str(calendar["X-WR-CALNAME"]) == place.provider.name
    assert calendar["REFRESH-INTERVAL"].to_ical() == b"PT15M"
    (event,) = calendar.walk("VEVENT")
    assert (str(event["SUMMARY"]), str(event["LOCATION"])) == (f"Booked · {room.name}", place.clinic.name)
    assert event.decoded("DTSTART") == visit.starts_at
    assert event.decoded("DTEND") == visit.ends_at
    assert f"DTSTART:{visit.starts_at:%Y%m%dT%H%M%SZ}" in answer.content.decode()
    assert (event["SEQUENCE"], str(event["STATUS"])) == (visit.version, "CONFIRMED")
    assert event.decoded("LAST-MODIFIED") == visit.updated_at.replace(microsecond=0)
    assert CANARY not in answer.content.decode()
    assert place.kind.name not in answer.content.decode()
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"


def test_with_names_it_says_the_name_and_no_more(place: SmallClinic, doctor: User) -> None:
    book(place, 10, reason=CANARY)
    secret = secret_of(place, doctor, names=True)
    assert words_of(secret) == [(called(place, 0), place.clinic.name)]
    assert CANARY not in read(secret).content.decode()


def test_an_entry_keeps_its_uid_and_its_sequence_rises(place: SmallClinic, doctor: User) -> None:
    visit, secret = book(place, 10), secret_of(place, doctor)
    (before,) = entries(secret)
    reschedule_appointment(
        appointment_id=visit.pk,
        start=place.at(12),
        expected=Expected(visit.version, by_header=False),
        caller=place.staff,
    )
    (after,) = entries(secret)
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after.decoded("DTSTART") == place.at(12)


def test_what_is_cancelled_disappears(place: SmallClinic, doctor: User) -> None:
    visit, secret = book(place, 10), secret_of(place, doctor)
    cancel_appointment(
        appointment_id=visit.pk,
        reason="clinic_error",
        expected=Expected(visit.version, by_header=False),
        caller=place.staff,
    )
    assert entries(secret) == []


def test_a_group_is_one_entry_whose_sequence_never_falls(place: SmallClinic, doctor: User) -> None:
    group = AppointmentType.objects.create(clinic=place.clinic, name="Group", capacity=3)
    first = book(place, 10, 0, appointment_type_id=group.pk)
    book(place, 10, 1, appointment_type_id=group.pk)
    secret = secret_of(place, doctor, names=True)
    (event,) = entries(secret)
    assert str(event["SUMMARY"]) == f"{called(place, 0)}, {called(place, 1)}"
    cancel_appointment(
        appointment_id=first.pk, reason="clinic_error", expected=Expected(1, by_header=False), caller=place.staff
    )
    (after,) = entries(secret)
    assert str(after["SUMMARY"]) == called(place, 1)
    assert after["SEQUENCE"] > event["SEQUENCE"]


def test_it_reaches_a_month_back_and_half_a_year_ahead(place: SmallClinic, doctor: User) -> None:
    visit = book(place, 10)
    secret_of(place, doctor)
    feed, day = CalendarFeed.objects.select_related("provider").get(), visit.starts_at.astimezone(dt.UTC).date()
    shown = {days: len(read_feed(feed, day - dt.timedelta(days=days)).rows) for days in (-31, -30, 0, 179, 180)}
    assert shown == {-31: 0, -30: 1, 0: 1, 179: 1, 180: 0}


def elsewhere(place: SmallClinic) -> SmallClinic:
    """A second clinic at which the provider of the first works as well."""
    other = small_clinic()
    PractitionerRole.objects.create(provider=place.provider, clinic=other.clinic)
    open_always(place.provider, other.clinic)
    return SmallClinic(other.clinic, place.provider, other.kind, other.desk, other.patients, other.users)


def test_a_provider_reads_the_visits_of_all_own_clinics(place: SmallClinic, doctor: User) -> None:
    other = elsewhere(place)
    Membership.objects.create(user=doctor, clinic=other.clinic, role=Role.PROVIDER)
    book(place, 10)
    book(other, 12)
    assert words_of(secret_of(place, doctor)) == [("Booked", place.clinic.name), ("Booked", other.clinic.name)]


def test_an_admin_learns_of_other_clinics_only_that_time_is_taken(place: SmallClinic, admin: User) -> None:
    other = elsewhere(place)
    book(place, 10)
    book(other, 12)
    secret = secret_of(place, admin, names=True)
    assert words_of(secret) == [(called(place, 0), place.clinic.name), ("Busy", "")]
    assert other.clinic.name not in read(secret).content.decode()


def test_whoever_left_a_clinic_reads_nothing_more_of_it(place: SmallClinic, admin: User, doctor: User) -> None:
    book(place, 10)
    second: User = UserFactory.create()
    Membership.objects.create(user=second, clinic=place.clinic, role=Role.CLINIC_ADMIN)
    for maker in (admin, doctor):
        secret = secret_of(place, maker, names=True)
        Membership.objects.filter(user=maker).delete()
        assert words_of(secret) == [("Busy", "")]


def test_wrong_revoked_and_closed_look_the_same(place: SmallClinic, doctor: User) -> None:
    revoked, closed = secret_of(place, doctor), UserFactory.create()
    feed = CalendarFeed.objects.get()
    revoke_feed(feed_id=feed.pk, caller=place.staff)
    Membership.objects.create(user=closed, clinic=place.clinic, role=Role.CLINIC_ADMIN)
    of_closed = secret_of(place, closed)
    User.objects.filter(pk=closed.pk).update(is_active=False)
    answers = [read(secret) for secret in (revoked, of_closed, "x", "x" * 300, "a b", "%00", "é")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, b"There is no calendar here.\n")}
    assert {answer["Cache-Control"] for answer in answers} == {"private, no-cache"}


def test_the_secret_is_long_and_kept_nowhere(place: SmallClinic, doctor: User) -> None:
    secret = secret_of(place, doctor)
    assert len(secret) >= 32  # 6 bits a letter
    feed = CalendarFeed.objects.get()
    assert feed.secret_hash == hashlib.sha256(secret.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_change WHERE before::text || after::text LIKE %s", [f"%{secret}%"])
        assert cursor.fetchone()[0] == 0


def test_no_log_line_and_no_header_holds_the_secret(
    place: SmallClinic, doctor: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    secret = secret_of(place, doctor)
    answer = read(secret)
    assert answer["Referrer-Policy"] == "no-referrer"
    assert secret not in str(answer.headers)

    def broken(_secret: str) -> None:
        raise LookupError(f"/calendar/{secret}.ics")

    monkeypatch.setattr(door, "find_feed", broken)
    with caplog.at_level(logging.DEBUG):
        client = Client(raise_request_exception=False)
        assert client.get(f"/calendar/{secret}.ics").status_code == 500
    assert secret not in capsys.readouterr().err  # what the log's own handler wrote
    assert django_settings.SECURE_REFERRER_POLICY


def test_an_unchanged_calendar_is_not_sent_again(place: SmallClinic, doctor: User) -> None:
    visit, secret = book(place, 10), secret_of(place, doctor)
    first = read(secret)
    again = read(secret, If_None_Match=first["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    assert again["Cache-Control"] == "private, no-cache"
    assert read(secret).content == first.content
    cancel_appointment(
        appointment_id=visit.pk, reason="clinic_error", expected=Expected(1, by_header=False), caller=place.staff
    )
    assert read(secret, If_None_Match=first["ETag"]).status_code == 200
    assert Client().head(f"/calendar/{secret}.ics").status_code == 200
    assert Client().post(f"/calendar/{secret}.ics").status_code == 405


def test_the_statements_are_the_same_however_full_it_is(place: SmallClinic, doctor: User) -> None:
    secret = secret_of(place, doctor, names=True)
    counts = []
    for hour in (9, 10, 11):
        book(place, hour)
        read(secret)  # notes the minute
        with CaptureQueriesContext(connection) as queries:
            read(secret)
        counts.append(len(queries))
    assert counts == [3, 3, 3]


def test_reading_is_noted_once_a_minute(place: SmallClinic, doctor: User) -> None:
    secret = secret_of(place, doctor)
    read(secret)
    noted = CalendarFeed.objects.get().read_at
    assert noted is not None
    assert (noted.second, noted.microsecond) == (0, 0)
    with CaptureQueriesContext(connection) as queries:
        read(secret)
    assert not [one for one in queries if one["sql"].startswith("UPDATE")]
    CalendarFeed.objects.update(read_at=noted - dt.timedelta(minutes=5))
    read(secret)
    read_at = CalendarFeed.objects.get().read_at
    assert read_at is not None
    assert read_at >= noted


def test_nobody_reads_too_often(place: SmallClinic, doctor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = secret_of(place, doctor)
    asked: list[tuple[str, int]] = []

    def counted(key: str, *, limit: int) -> tuple[bool, int]:
        asked.append((key, limit))
        return len(asked) < 4, 7

    monkeypatch.setattr(door, "count", counted)
    assert read(secret).status_code == 200
    answer = read(secret)
    assert (answer.status_code, answer["Retry-After"]) == (429, "7")
    assert [limit for _key, limit in asked[:2]] == [door.ADDRESS_READS_PER_MINUTE, door.READS_PER_MINUTE]
    assert secret not in str(asked)


def test_ten_feeds_of_a_provider_with_a_name_each(place: SmallClinic, doctor: User) -> None:
    caller = Caller(doctor.pk, patients_own=False)
    for name in ("", " ", "x" * 61):
        with pytest.raises(Invalid):
            make_feed(provider_id=place.provider.pk, name=name, names_patients=False, caller=caller)
    with pytest.raises(NotFound):
        make_feed(provider_id=place.clinic.pk, name="x", names_patients=False, caller=caller)
    for _ in range(MOST_FEEDS):
        secret_of(place, doctor)
    with pytest.raises(TooManyFeeds):
        secret_of(place, doctor)


@pytest.mark.parametrize(
    "name",
    [
        "Smith, Anna; Dr. \\ med.",
        "Ona\r\nBEGIN:VEVENT\r\nSUMMARY:injected",
        "Zo\u00eb \u2028 \x07\x00 Ångström",
        "医師" * 60,
        "a" * 200,
    ],
)
def test_no_name_breaks_out_of_its_line(name: str) -> None:
    now = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    text = calendar_text(name, [Entry("1@x", now, now + dt.timedelta(hours=1), name, name, 3, now)])
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    said = "".join(letter for letter in " ".join(name.splitlines()) if letter.isprintable())
    assert {str(event["SUMMARY"]), str(event["LOCATION"])} == {said}
