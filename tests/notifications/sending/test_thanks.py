"""Thanks for an answer: one word confirms all that one message asked about, and the thanks name all of it."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from appointments.models import Appointment
from notifications.models import Kind, Message
from patients.models import Patient
from tests.factories import ReminderFactory
from tests.notifications.heard import says, told

from .conftest import Services

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("confirmed", [2, 1])
def test_thanks_name_every_visit_that_one_answer_confirmed(
    book: Callable[..., Appointment], lena: Patient, services: Services, confirmed: int
) -> None:
    one, two = book(9), book(11)
    asked = told(one, kind=Kind.REMINDER, lead_minutes=2880)
    for each in (one, two):
        ReminderFactory.create(visit=each, message=asked, state="taken", decided_at=timezone.now())
    reply = says("1")
    if confirmed == 1:  # whatever made it so: nobody is thanked for what does not stand
        Appointment.objects.filter(pk=two.pk).update(status="booked")
    services.send()
    thanks = Message.objects.get(answers=reply)
    assert (thanks.kind, thanks.state) == (Kind.THANKS, "sent")
    assert [hour in thanks.body for hour in ("9:00 AM", "11:00 AM")] == [True, confirmed == 2]
