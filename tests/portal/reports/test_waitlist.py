"""What the waitlist did: offers and answers, times filled, days won."""

import datetime as dt
from typing import Any

from appointments.models import FreedTime, WaitlistEntry, WaitlistOffer
from mediconnect.portal.reports.reading import waitlist_of
from tests.portal.reports.clinic import Week, at
from tests.portal.reports.clinic import week as another_week


def freed(week: Week, day: int, hour: int, state: str = "open", minutes: int = 0) -> FreedTime:
    """Write a time that was freed that morning at eight, and closed so many minutes later."""
    made = FreedTime.objects.create(
        clinic=week.clinic,
        provider=week.provider,
        starts_at=at(day, hour),
        ends_at=at(day, hour, 30),
        cause="cancelled",
        offer_from=at(day, 8),
        state=state,
        closed_at=None if state == "open" else at(day, 8) + dt.timedelta(minutes=minutes),
    )
    FreedTime.objects.filter(pk=made.pk).update(created_at=at(day, 8))
    return made


def offered(week: Week, time: FreedTime, state: str, **columns: Any) -> WaitlistOffer:
    """Write an offer of the time to somebody new, made at eight of its day."""
    patient = week.patient()
    entry = WaitlistEntry.objects.create(
        clinic=week.clinic,
        patient=patient,
        appointment_type=week.kind,
        from_date=at(2, 0).date(),
        until_date=at(30, 0).date(),
        joined_at=at(1, 8),
    )
    day = time.starts_at.day
    if state == "accepted":
        week.open(time.starts_at, time.ends_at)
        columns["appointment"] = week.visit(time.starts_at, patient=patient)
    made: WaitlistOffer = WaitlistOffer.objects.create(
        entry=entry,
        freed_time=time,
        provider=week.provider,
        starts_at=time.starts_at,
        ends_at=time.ends_at,
        made_at=at(day, 8),
        expires_at=at(day, 8, 30),
        ended_at=None if state == "offered" else at(day, 8, 20),
        state=state,
        **columns,
    )
    return made


def test_offers_answers_and_days_won_are_counted(week: Week) -> None:
    first, second = freed(week, 2, 10, "filled", minutes=20), freed(week, 3, 10, "filled", minutes=40)
    offered(week, first, "declined")
    offered(week, first, "expired", too_late_at=at(2, 9))
    offered(week, first, "accepted", days_won=12)
    offered(week, second, "accepted", days_won=4)
    freed(week, 4, 10, "over", minutes=120)
    freed(week, 5, 10, "taken", minutes=5)
    found = waitlist_of(week.asked())
    total = found.total
    assert (total.made, total.accepted, total.declined, total.expired, total.too_late) == (4, 2, 1, 1, 1)
    assert (total.days_won, total.median_days) == (16, 4)
    assert [one.name for one in found.types] == ["Consultation"]
    times = found.times
    assert (times.freed, times.filled, times.taken, times.over, times.open, times.minutes) == (4, 2, 1, 1, 0, 30)


def test_an_empty_week_has_nothing_to_tell(week: Week) -> None:
    found = waitlist_of(week.asked())
    assert (found.total.made, found.times.freed, found.total.median_days, found.times.minutes) == (0, 0, None, None)


def test_those_of_another_clinic_and_of_other_days_are_left_out(week: Week) -> None:
    elsewhere = another_week()
    offered(elsewhere, freed(elsewhere, 2, 10), "declined")
    offered(week, freed(week, 12, 10), "declined")
    assert waitlist_of(week.asked()).total.made == 0
    assert waitlist_of(week.asked(provider_id=elsewhere.provider.pk)).total.made == 0
