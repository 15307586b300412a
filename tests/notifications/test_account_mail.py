"""Account mail is written because of facts; its links and codes stand in no fact, queue or log."""

import re
import uuid
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from mediconnect.accounts.events import EmailCheckRequested
from mediconnect.accounts.models import Invitation, PasswordReset, User
from mediconnect.accounts.services.invitations import invite
from mediconnect.accounts.services.passwords import find_reset, request_reset
from mediconnect.outbox import publish
from mediconnect.outbox.models import Delivery, Fact
from mediconnect.outbox.services.relaying import relay
from notifications.models import Message
from notifications.queries.addresses import address_of
from notifications.services.sending import send_due
from notifications.services.writing import write_message
from patients.models import ContactPoint, Patient

pytestmark = pytest.mark.django_db

ADDRESS = "mary.jones@mail.example"


@pytest.fixture
def mary() -> User:
    """Return somebody with an account."""
    return User.objects.create_user(email=ADDRESS, password="a long enough password")


def test_a_reset_for_a_known_address_becomes_one_message_with_a_working_link(mary: User) -> None:
    request_reset(email=ADDRESS, address="192.0.2.1")
    relay()
    relay()
    message = Message.objects.get()
    assert (message.kind, message.channel, message.recipient, message.state) == (
        "password_reset",
        "email",
        ADDRESS,
        "queued",
    )
    link = re.search(r"^http\S+$", message.body, re.MULTILINE)
    assert link is not None
    token = link[0].rstrip("/").rpartition("/")[2]
    assert find_reset(token=token).user == mary


def test_an_unknown_address_gets_nothing_and_its_fact_is_settled() -> None:
    request_reset(email="nobody@mail.example", address="192.0.2.1")
    relay()
    assert not Message.objects.exists()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}


def test_no_secret_and_no_address_stands_in_facts_queue_or_columns(
    mary: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    request_reset(email=ADDRESS, address="192.0.2.1")
    relay()
    body = Message.objects.get().body
    token = re.findall(r"http\S+", body)[0].rstrip("/").rpartition("/")[2]
    with connection.cursor() as cursor:
        for table in (
            "outbox_fact",
            "outbox_delivery",
            "django_q_ormq",
            "notifications_message",
            "accounts_passwordreset",
        ):
            cursor.execute(f"SELECT coalesce(json_agg(t)::text, '') FROM {table} t")
            text = cursor.fetchone()[0]
            assert token not in text
            assert ADDRESS not in text
    assert token not in caplog.text
    assert ADDRESS not in caplog.text


def test_a_link_is_lost_with_its_message(mary: User, monkeypatch: pytest.MonkeyPatch) -> None:
    request_reset(email=ADDRESS, address="192.0.2.1")

    def refuse(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("notifications.handlers.accounts.write_message", refuse)
    relay()
    assert PasswordReset.objects.get().token_hash is None


def test_a_fact_is_written_about_once_in_each_kind(mary: User) -> None:
    request_reset(email=ADDRESS, address="192.0.2.1")
    relay()
    with pytest.raises(IntegrityError, match="a_fact_is_written_about_once"), transaction.atomic():
        write_message(
            fact=Fact.objects.get(),
            kind=Message.Kind.PASSWORD_RESET,
            channel=Message.Channel.EMAIL,
            recipient=ADDRESS,
            context={"link": "https://clinic.example/accounts/reset/x/"},
        )


def test_a_claimant_is_asked_in_the_language_on_record() -> None:
    patient = Patient.objects.create(given_name="Marta", family_name="Ruiz", birth_date=date(1950, 5, 3), language="es")
    invitation = invite(subject_id=patient.pk)
    Invitation.objects.filter(pk=invitation.pk).update(email=ADDRESS)
    with transaction.atomic():
        publish(EmailCheckRequested(invitation_id=invitation.pk))
    relay()
    message = Message.objects.get(kind=Message.Kind.EMAIL_CHECK)
    assert (message.language, message.recipient) == ("es", ADDRESS)


def test_a_patient_is_reached_by_mail_before_phone() -> None:
    patient = Patient.objects.create(given_name="Mary", family_name="Jones", birth_date=date(1950, 5, 3), language="es")
    assert address_of(patient.pk) is None
    ContactPoint.objects.create(
        patient=patient, system="phone", value="+12125550101", value_index="a", last_four_index="b"
    )
    ContactPoint.objects.create(patient=patient, system="email", value=ADDRESS, value_index="c", active=False)
    by_phone = address_of(patient.pk)
    assert by_phone is not None
    assert (by_phone.channel, by_phone.recipient, by_phone.language) == (Message.Channel.SMS, "+12125550101", "es")
    assert address_of(patient.pk, channel=Message.Channel.EMAIL) is None
    ContactPoint.objects.filter(system="email").update(active=True)
    by_mail = address_of(patient.pk)
    assert by_mail is not None
    assert by_mail.recipient == ADDRESS
    assert address_of(uuid.uuid4()) is None


def test_the_sandbox_shows_its_messages_to_a_developer_alone(mary: User, settings: Settings) -> None:
    request_reset(email=ADDRESS, address="192.0.2.1")
    relay()
    settings.DEBUG = True
    out = StringIO()
    call_command("sandbox_mail", last=1, stdout=out)
    assert out.getvalue() == ""  # nothing was handed over yet
    send_due(stay=False)
    call_command("sandbox_mail", last=1, stdout=out)
    assert ADDRESS in out.getvalue()
    assert "http" in out.getvalue()
    settings.DEBUG = False
    with pytest.raises(CommandError):
        call_command("sandbox_mail")
