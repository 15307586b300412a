"""How long people waited, and how true what they were told was."""

import datetime as dt

from appointments.models import Ticket
from mediconnect.portal.reports.reading import waiting_of
from tests.portal.reports.clinic import Week, at


def seen(week: Week, hour: int, wait: int, told: int | None = None) -> None:
    """Write a visit of somebody who came on time and waited so many minutes, having been told so many."""
    start = at(2, hour)
    visit = week.visit(
        start,
        arrived_at=start,
        started_at=start + dt.timedelta(minutes=wait),
        ended_at=start + dt.timedelta(minutes=wait + 20),
    )
    if told is not None:
        ticket = Ticket.objects.create(
            appointment=visit, clinic=week.clinic, day=start.date(), number=hour, estimated_minutes=told
        )
        Ticket.objects.filter(pk=ticket.pk).update(created_at=start)


def test_waits_and_the_error_of_estimates_are_told(week: Week) -> None:
    week.open(at(2, 8), at(2, 20))
    seen(week, 9, wait=10, told=5)
    seen(week, 10, wait=20, told=30)
    seen(week, 11, wait=30, told=15)
    seen(week, 12, wait=0)
    found = waiting_of(week.asked())
    (provider,) = found.providers
    assert (provider.visits, provider.median, provider.told) == (4, 15, 3)
    assert (provider.error, provider.bias, provider.close) == (10, 5, 2)
    assert found.total.visits == 4


def test_whoever_was_not_seen_has_not_waited_for_anything(week: Week) -> None:
    week.open(at(2, 8), at(2, 20))
    week.visit(at(2, 9), status="booked")
    assert waiting_of(week.asked()).total.visits == 0
