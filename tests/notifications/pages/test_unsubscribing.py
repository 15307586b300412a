"""Mail is stopped with one click, by people and by mail programs (RFC 8058)."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from appointments.models import Appointment
from notifications.models import AddressStanding, Message
from tests.appointments.conftest import SmallClinic
from tests.notifications.linked import EMAIL, booked, linked

pytestmark = pytest.mark.django_db


@pytest.fixture
def visit(place: SmallClinic) -> Appointment:
    """A visit in three days."""
    return booked(place)


@pytest.fixture
def token(visit: Appointment) -> str:
    """The link of its message."""
    return linked(visit)


def _text(response: Any) -> str:
    return str(response.content.decode())


ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def _opted_out() -> list[tuple[str, str]]:
    return list(AddressStanding.objects.filter(opted_out_at__isnull=False).values_list("channel", "opted_out_by"))


def test_mail_is_stopped_by_the_one_form_that_mail_programs_send(token: str) -> None:
    client = Client(enforce_csrf_checks=True)
    assert "Send me no more e-mail" in _text(client.get(f"/a/{token}/unsubscribe/"))
    assert client.post(f"/a/{token}/unsubscribe/", {"List-Unsubscribe": "Perhaps"}).status_code == 403
    assert client.post(f"/a/{token}/unsubscribe/").status_code == 403
    assert _opted_out() == []
    for _ in range(2):
        response = client.post(f"/a/{token}/unsubscribe/", ONE_CLICK)
        assert response.status_code == 200
        assert not response.cookies
        assert EMAIL not in _text(response)
        assert "Moreau" not in _text(response)
    assert _opted_out() == [("email", "unsubscribe")]


def test_mail_is_stopped_long_after_the_visit_too(visit: Appointment, token: str) -> None:
    Message.objects.update(visit_starts_at=visit.starts_at - dt.timedelta(days=60))
    assert Client().post(f"/a/{token}/unsubscribe/", ONE_CLICK).status_code == 200
    assert _opted_out() == [("email", "unsubscribe")]


def test_a_texts_link_stops_no_mail(visit: Appointment) -> None:
    token = linked(visit, channel="sms")
    for address in (f"/a/{token}/unsubscribe/", f"/a/{'z' * 22}/unsubscribe/"):
        assert Client().post(address, ONE_CLICK).status_code == 404
    assert _opted_out() == []
