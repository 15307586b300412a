"""Who stands on the sheet, in which order, and what is free."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import Hold
from mediconnect.portal.sheet.reading import Calendar, Gap, Visit, day_of
from patients.models import ContactSystem
from providers.models import PractitionerRole
from tests.factories import (
    ContactPointFactory,
    PatientFactory,
    ProviderFactory,
    RegistrationFactory,
    RoomFactory,
    UserFactory,
)
from tests.portal.reports.clinic import MONDAY, SUNDAY, Week, at
from tests.portal.reports.clinic import week as another_week


def day(week: Week, date: dt.date = MONDAY, **changes: Any) -> list[Calendar]:
    return day_of(week.clinic.pk, week.clinic.zone, date, **changes)


def entries(week: Week, **changes: Any) -> list[tuple[str, str, str]]:
    (calendar,) = day(week, **changes)
    return [
        (
            "free" if isinstance(entry, Gap) else entry.family_name,
            entry.start.astimezone(week.clinic.zone).strftime("%H:%M"),
            entry.end.astimezone(week.clinic.zone).strftime("%H:%M"),
        )
        for entry in calendar.entries
    ]


def somebody(week: Week, family_name: str, **columns: Any) -> Any:
    patient = PatientFactory.create(family_name=family_name, **columns)
    RegistrationFactory.create(clinic=week.clinic, patient=patient, record_number=f"N-{family_name}")
    return patient


def test_visits_and_what_is_free_between_them_are_in_order(week: Week) -> None:
    week.visit(at(2, 9, 30), patient=somebody(week, "Moreau"), buffer_after=10)
    week.visit(at(2, 13), patient=somebody(week, "Khan"), status="booked")
    assert entries(week) == [
        ("free", "09:00", "09:30"),
        ("Moreau", "09:30", "10:00"),
        ("free", "10:10", "12:00"),
        ("Khan", "13:00", "13:30"),
        ("free", "13:30", "17:00"),
    ]


def test_a_line_has_what_the_desk_asks_for(week: Week) -> None:
    patient = somebody(week, "Moreau", given_name="Lena", birth_date=dt.date(1980, 5, 4))
    ContactPointFactory.create(patient=patient, value="+12125550199", rank=2)
    ContactPointFactory.create(patient=patient, value="+12125550101", rank=1)
    ContactPointFactory.create(patient=patient, value="+12125550102", rank=0, active=False)
    ContactPointFactory.create(patient=patient, system=ContactSystem.EMAIL, rank=0)
    room = RoomFactory.create(clinic=week.clinic, name="Room 4")
    week.visit(at(2, 9), patient=patient, room=room, internal_note="needs a ramp")
    (calendar,) = day(week)
    visit = calendar.entries[0]
    assert isinstance(visit, Visit)
    assert (visit.given_name, visit.family_name, visit.birth_date) == ("Lena", "Moreau", dt.date(1980, 5, 4))
    assert (visit.record_number, visit.phone) == ("N-Moreau", "+12125550101")
    assert (visit.type, visit.room, visit.status, visit.has_notes) == ("Consultation", "Room 4", "completed", True)


def test_without_notes_there_is_no_flag(week: Week) -> None:
    week.visit(at(2, 9))
    visit = day(week)[0].entries[0]
    assert isinstance(visit, Visit)
    assert not visit.has_notes


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_who_is_no_longer_expected_stands_apart_and_the_time_is_free(week: Week, status: str) -> None:
    week.visit(at(2, 9), patient=somebody(week, "Moreau"), status=status)
    assert entries(week)[0] == ("free", "09:00", "12:00")
    assert [visit.family_name for visit in day(week)[0].gone] == ["Moreau"]


def test_a_hold_is_gone_before_the_ink_is_dry_and_does_not_count(week: Week) -> None:
    Hold.objects.create(
        clinic=week.clinic,
        provider=week.provider,
        appointment_type=week.kind,
        held_by=UserFactory.create(),
        starts_at=at(2, 9),
        ends_at=at(2, 10),
        expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5),
    )
    assert entries(week)[0] == ("free", "09:00", "12:00")


def test_time_that_the_person_spends_at_another_clinic_is_not_free_and_nobody_sees_with_whom(week: Week) -> None:
    elsewhere = another_week()
    PractitionerRole.objects.create(provider=week.provider, clinic=elsewhere.clinic)
    elsewhere.visit(at(2, 10), 60, provider=week.provider, patient=somebody(elsewhere, "Aldersgate"))
    assert entries(week)[:2] == [("free", "09:00", "10:00"), ("free", "11:00", "12:00")]


def test_each_provider_has_a_page_and_one_can_be_asked_for(week: Week) -> None:
    other = ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Jonas Berg")
    ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Away")
    week.visit(at(2, 18), provider=other, override_reason="late", overridden_by=UserFactory.create())
    assert [calendar.name for calendar in day(week)] == ["Dr. Amara Obi", "Dr. Jonas Berg"]
    assert [calendar.name for calendar in day(week, provider_id=other.pk)] == ["Dr. Jonas Berg"]
    assert day(week, SUNDAY) == []


def test_the_day_is_the_clinics(week: Week) -> None:
    week.visit(at(2, 23, 30), patient=somebody(week, "Late"), override_reason="x", overridden_by=UserFactory.create())
    week.visit(at(3, 0), patient=somebody(week, "Next"), override_reason="x", overridden_by=UserFactory.create())
    assert entries(week)[-1][0] == "Late"


def test_the_day_is_read_in_three_statements_however_many_come(week: Week) -> None:
    for number in range(3):
        other = ProviderFactory.create(clinic=week.clinic, weekdays=(), name=f"Dr. Jonas Berg {number}")
        week.open(at(2, 9), at(2, 17), other)
        for hour in range(9, 12):
            ContactPointFactory.create(patient=week.visit(at(2, hour), provider=other).patient)
    with CaptureQueriesContext(connection) as queries:
        calendars = day(week)
    assert len(calendars) == 4
    assert len(queries) == 3
