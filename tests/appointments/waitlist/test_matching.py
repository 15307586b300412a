"""Any number of times against any number of wishes in one statement, in the order of each clinic."""

import datetime as dt
import uuid

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import FreedTime, WaitlistEntry
from appointments.queries.waitlist.matching import matches
from appointments.services.waitlist.offering import offer_now
from patients.models import Patient, Registration
from tests.appointments.waitlist.line import Line


def freed(line: Line, count: int) -> list[FreedTime]:
    """Write so many freed times, a quarter of an hour apart."""
    rows = [
        FreedTime(
            clinic=line.place.clinic,
            provider=line.place.provider,
            starts_at=line.place.at(8) + dt.timedelta(minutes=15 * number),
            ends_at=line.place.at(8) + dt.timedelta(minutes=15 * number + 30),
            cause="cancelled",
            offer_from=timezone.now(),
            looked_at=timezone.now(),
        )
        for number in range(count)
    ]
    return FreedTime.objects.bulk_create(rows)


def many_wait(line: Line, count: int) -> None:
    """Let so many more people wait, the last of all the most urgent."""
    people = Patient.objects.bulk_create(
        Patient(given_name="Ada", family_name=f"Lund {number}") for number in range(count)
    )
    Registration.objects.bulk_create(
        Registration(patient=person, clinic=line.place.clinic, record_number=str(uuid.uuid4())[:12])
        for person in people
    )
    WaitlistEntry.objects.bulk_create(
        WaitlistEntry(
            clinic=line.place.clinic,
            patient=person,
            appointment_type=line.place.kind,
            from_date=line.place.at(8, days=0).date(),
            until_date=line.place.at(8, days=9).date(),
            notice_minutes=100_000,
            priority=2 if number == count - 1 else 0,
            joined_at=timezone.now() + dt.timedelta(seconds=number),
        )
        for number, person in enumerate(people)
    )


def test_a_hundred_times_take_one_statement_and_keep_the_order(line: Line) -> None:
    many_wait(line, 40)
    times = freed(line, 100)
    with CaptureQueriesContext(connection) as statements:
        found = matches(times, limit=10)
    assert len(statements) == 1
    assert all(len(candidates) == 10 for candidates in found.values())
    candidates = found[times[0].pk]
    assert candidates[0].priority == 2
    joined = [candidate.joined_at for candidate in candidates[1:]]
    assert joined == sorted(joined)


def test_offering_asks_no_more_of_the_database_the_more_people_wait(line: Line) -> None:
    counts = []
    for patient, more, hour in ((1, 2, 9), (3, 60, 14)):
        many_wait(line, more)
        entry = line.wait(patient)
        time = line.freed(line.place.at(hour), 2)
        with CaptureQueriesContext(connection) as statements:
            (offer,) = offer_now(freed_time_id=time.pk)
        assert offer.entry == entry
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 40


def test_a_page_of_wishes_that_cannot_be_asked_hides_nobody_behind_it(line: Line) -> None:
    many_wait(line, 230)  # who must know weeks before
    last = line.wait(1)
    time = line.freed(line.place.at(9), 2)
    (offer,) = line.offered(time)
    assert offer.entry == last
