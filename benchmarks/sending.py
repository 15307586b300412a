"""How many messages one worker sends in a second, all of it: claim, decision, words, call, outcome, beside a local service."""

import datetime as dt
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from appointments.models import Appointment
from mediconnect.resilience.breaker import breaker_of
from notifications.models import Message
from notifications.services.sending import send_due
from patients.models import ContactPoint
from tests.counterparts.post_office import Fate, post_office

from . import house
from .report import Row

COUNT: Final = int(os.environ.get("BENCH_MESSAGES", "600"))
ANSWER_SECONDS: Final = 0.05
"""How long the service takes for each: what a service near by does at best."""


def run() -> list[Row]:
    """Send so many reminders, each of a visit of its own, and say how many a second went out."""
    return [_measured(0.0, "answers at once"), _measured(ANSWER_SECONDS, "answers after 50 ms")]


def _measured(seconds: float, name: str) -> Row:
    _write(COUNT)
    with post_office(lambda _to, _body: Fate(seconds=seconds)) as office, _sent_to(office.environment()):
        breaker_of("twilio").reset("a benchmark begins", None)
        began = time.monotonic()
        while Message.objects.filter(state__in=["queued", "waiting", "sending"]).exists():
            send_due(stay=False)
            if time.monotonic() - began > 120:
                break
        took = time.monotonic() - began
        sent = len(office.taken)
    return Row(f"sending by one worker, the service {name}", f"{sent / took:.0f}/s", f"{sent} texts, 10 senders")


def _write(count: int) -> None:
    """Write so many reminders that are due, of visits of their own, to numbers of their own."""
    Message.objects.filter(state__in=["queued", "waiting"]).update(state="skipped", reason="discarded")
    made = house.build()
    visits, points, messages = [], [], []
    for number, wish in enumerate(made.wishes(count)):
        visit = Appointment(
            clinic=made.clinic, provider_id=wish.provider, appointment_type=made.kind, patient_id=wish.patient,
            starts_at=wish.start, ends_at=wish.start + dt.timedelta(minutes=30),
        )  # fmt: skip
        point = ContactPoint(patient_id=wish.patient, system="phone")
        point.hold(f"+1{2120000000 + number}")
        visits.append(visit)
        points.append(point)
        messages.append(
            Message(
                kind="reminder",
                channel="sms",
                clinic=made.clinic,
                patient_id=wish.patient,
                visit=visit,
                visit_version=1,
                visit_starts_at=wish.start,
                lead_minutes=2880,
                urgent=True,
                due_at=timezone.now(),
            )
        )
    Appointment.objects.bulk_create(visits)
    ContactPoint.objects.bulk_create(points)
    Message.objects.bulk_create(messages)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


@contextmanager
def _sent_to(variables: dict[str, str]) -> Iterator[None]:
    before = {name: getattr(settings, name) for name in (*variables, "SENDS_PER_SECOND")}
    for name, value in variables.items():
        setattr(settings, name, value)
    settings.SENDS_PER_SECOND = {"sms": 10_000, "email": 10_000}
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(settings, name, value)
