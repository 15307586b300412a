"""The calendar file of a mail: one entry that moves and goes, in the reader's words, that asks nobody for an answer."""

import re

import pytest
from django.utils import timezone
from icalendar import Calendar, Event
from pytest_django import Settings

from appointments.models import Appointment, CancellationReason, Status
from notifications.channels.port import Attachment
from notifications.models import Channel, Kind, Message
from notifications.services.sending.preparing import letter_of
from providers.models import Clinic

pytestmark = pytest.mark.django_db

LINK = "https://visits.clinic.example/a/abcdefghijklmnopqrstuv/"
TELLING = [(Kind.BOOKED, "PUBLISH"), (Kind.MOVED, "PUBLISH"), (Kind.CANCELLED, "CANCEL")]
every_kind = pytest.mark.parametrize(("kind", "method"), TELLING)


@pytest.fixture(autouse=True)
def _address(settings: Settings) -> None:
    settings.PUBLIC_URL = "https://visits.clinic.example:8443/"
    settings.SENDGRID_FROM = ""


def attached(visit: Appointment, kind: Kind, language: str = "en") -> Attachment:
    """Return the file of a mail of this kind about the visit as it is in the database."""
    if kind == Kind.CANCELLED:
        held = Appointment.objects.filter(pk=visit.pk).exclude(status=Status.CANCELLED)
        held.update(status=Status.CANCELLED, cancellation_reason=CancellationReason.PATIENT_REQUEST)
    seen = Appointment.objects.select_related("clinic", "provider").get(pk=visit.pk)
    body = "" if kind == Kind.CANCELLED else f"Your visit.\n\n{LINK}\n"
    mail = Message(kind=kind, channel=Channel.EMAIL, language=language, body=body)
    (file,) = letter_of(mail, [seen], timezone.now(), attempt=1).attachments
    return file


def event_of(file: Attachment) -> Event:
    (event,) = Calendar.from_ical(file.content).walk("VEVENT")
    assert isinstance(event, Event)
    return event


@every_kind
def test_it_is_told_as_a_fact_that_nobody_answers(visit: Appointment, kind: Kind, method: str) -> None:
    file = attached(visit, kind)
    event = event_of(file)
    assert file.content_type == f"text/calendar; charset=utf-8; method={method}"
    assert str(Calendar.from_ical(file.content)["METHOD"]) == method
    assert "ATTENDEE" not in event
    assert str(event["STATUS"]) == ("CANCELLED" if kind == Kind.CANCELLED else "CONFIRMED")
    assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "SEQUENCE", "SUMMARY"} <= set(event)


@every_kind
@pytest.mark.parametrize(
    ("language", "summary", "sentences"),
    [
        ("en", "Visit at", ("To see your visit or to change it, open this link:", "This visit is cancelled.")),
        ("es-MX", "Cita en", ("Para ver su cita o cambiarla, abra este enlace:", "Esta cita está cancelada.")),
        ("tlh", "Visit at", ("To see your visit or to change it, open this link:", "This visit is cancelled.")),
    ],
)
def test_it_speaks_the_language_of_its_message(
    visit: Appointment, kind: Kind, method: str, language: str, summary: str, sentences: tuple[str, str]
) -> None:
    event = event_of(attached(visit, kind, language))
    assert event["SUMMARY"] == f"{summary} {visit.clinic.name}"
    told = f"{sentences[0]} {LINK}" if method == "PUBLISH" else sentences[1]
    assert event["DESCRIPTION"] == told


def test_its_link_is_the_messages_own(visit: Appointment) -> None:
    assert [str(event_of(attached(visit, kind)).get("URL", "")) for kind, _ in TELLING] == [LINK, LINK, ""]


def test_it_stays_one_entry_and_counts_up(visit: Appointment) -> None:
    events = [event_of(attached(visit, kind)) for kind, _ in TELLING if kind != Kind.MOVED]
    assert {str(event["UID"]) for event in events} == {f"{visit.pk}@mediconnect"}
    assert events[0].sequence < events[1].sequence
    assert attached(visit, Kind.CANCELLED).content == attached(visit, Kind.CANCELLED).content


@pytest.mark.parametrize(
    ("sender", "organizer"),
    [
        ("desk@clinic.example", "desk@clinic.example"),
        ("Harbour Clinic <desk@clinic.example>", "desk@clinic.example"),
        ("", "no-reply@visits.clinic.example"),
    ],
)
def test_it_comes_from_where_the_mail_comes_from(
    visit: Appointment, settings: Settings, sender: str, organizer: str
) -> None:
    settings.SENDGRID_FROM = sender
    for kind, _ in TELLING:
        assert str(event_of(attached(visit, kind))["ORGANIZER"]) == f"mailto:{organizer}"


@every_kind
def test_it_says_nothing_of_why_somebody_comes_or_who(visit: Appointment, kind: Kind, method: str) -> None:
    Appointment.objects.filter(pk=visit.pk).update(
        reason="canary reason", patient_note="canary", internal_note="canary"
    )
    said = attached(visit, kind).content.decode().replace("\r\n ", "")
    assert f"METHOD:{method}" in said
    seen = Appointment.objects.select_related("provider", "patient", "appointment_type").get(pk=visit.pk)
    telling = ("canary", seen.provider.name, seen.appointment_type.name, seen.patient.family_name)
    assert not re.search("|".join(map(re.escape, telling)), said, re.IGNORECASE)


def test_a_hostile_name_adds_no_line(visit: Appointment) -> None:
    Clinic.objects.filter(pk=visit.clinic_id).update(name="Harbour\r\nATTENDEE:mailto:a@evil.example", address="")
    event = event_of(attached(visit, Kind.BOOKED))
    assert "ATTENDEE" not in event
