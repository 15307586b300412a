"""What is known of an address: kept whoever it belongs to, and heard by whatever waits."""

from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment
from mediconnect.errors import Invalid, NotFound
from mediconnect.records.models import Change
from notifications.models import AddressStanding, Channel, Message, MessageEvent, State
from notifications.queries.addresses import destinations_of
from notifications.services import standing
from notifications.services.writing import tell
from patients.models import ContactPoint, Patient, index_of_value
from tests.appointments.conftest import SmallClinic
from tests.factories import DependantFactory
from tests.notifications.conftest import EMAIL, PHONE, Book
from tests.notifications.heard import told

pytestmark = pytest.mark.django_db

By = AddressStanding.OptedOutBy


def index() -> str:
    return index_of_value("phone", PHONE)


def is_reachable() -> bool:
    """Return whether nothing is known against writing to the phone."""
    known = AddressStanding.objects.filter(channel=Channel.SMS, address_index=index())
    return not known.exclude(opted_out_at=None, undeliverable_at=None).exists()


def queued(visit: Appointment) -> Message:
    """Return a message that was written but has no address yet."""
    return tell(visit=visit, kind=Message.Kind.BOOKED, version=visit.version)


def ready(visit: Appointment, **columns: Any) -> Message:
    """Return a text that was made ready for the phone and waits for its next attempt."""
    return told(
        visit, state=State.WAITING, reason="retry", sent_at=None, provider_id="", provider_status="", via="", **columns
    )


def without_mail(patient: Patient) -> None:
    ContactPoint.objects.filter(patient=patient, system="email").update(active=False)


def test_what_was_made_ready_for_the_address_is_dropped_and_goes_by_mail(visit: Appointment) -> None:
    text = ready(visit)
    standing.opt_out(Channel.SMS, index(), By.REPLY)
    text.refresh_from_db()
    assert (text.state, text.reason) == (State.SKIPPED, "opted_out")
    assert MessageEvent.objects.filter(message=text, what="skipped", detail="opted_out").count() == 1
    assert Message.objects.get(instead_of=text).channel == "email"


def test_what_has_no_address_yet_waits_for_another_one(visit: Appointment) -> None:
    message = queued(visit)
    standing.opt_out(Channel.SMS, index(), By.REPLY)
    message.refresh_from_db()
    assert message.state == State.QUEUED
    assert [one.channel for one in destinations_of(visit.patient_id).usable] == ["email"]


def test_what_has_no_address_yet_is_dropped_where_there_is_no_other(visit: Appointment, lena: Patient) -> None:
    without_mail(lena)
    message = queued(visit)
    standing.note_undeliverable(Channel.SMS, index(), "twilio-30006")
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.SKIPPED, "address_fails")


def test_a_childs_message_to_its_guardians_phone_is_dropped_as_well(
    place: SmallClinic, book: Book, lena: Patient
) -> None:
    without_mail(lena)
    DependantFactory.create(guardian=lena, patient=place.patients[1])
    message = queued(book(11, patient=1))
    assert message.state == State.QUEUED
    standing.opt_out(Channel.SMS, index(), By.REPLY)
    message.refresh_from_db()
    assert (message.state, message.reason) == (State.SKIPPED, "opted_out")


def test_messages_to_others_stay_as_they_are(place: SmallClinic, visit: Appointment, book: Book) -> None:
    other = ready(book(11, patient=1), recipient_index="other")
    sending = told(visit, state=State.WAITING, reason="looking_up", in_doubt=True, sent_at=None)
    standing.opt_out(Channel.SMS, index(), By.REPLY)
    for message in (other, sending):
        message.refresh_from_db()
        assert message.state == State.WAITING


def test_the_first_opt_out_stands_and_the_last_code(visit: Appointment) -> None:
    standing.opt_out(Channel.SMS, index(), By.REPLY)
    standing.opt_out(Channel.SMS, index(), By.CARRIER)
    standing.note_undeliverable(Channel.SMS, index(), "twilio-30004")
    known = standing.note_undeliverable(Channel.SMS, index(), "twilio-30005")
    assert (known.opted_out_by, known.undeliverable_code) == ("reply", "twilio-30005")
    assert AddressStanding.objects.count() == 1


def test_start_and_a_word_from_there_take_back_their_own(visit: Appointment) -> None:
    standing.opt_out(Channel.SMS, index(), By.REPLY)
    standing.note_undeliverable(Channel.SMS, index(), "twilio-30005")
    standing.opt_in(Channel.SMS, index())
    assert not is_reachable()
    standing.note_reachable(Channel.SMS, index())
    assert is_reachable()


def test_staff_clear_what_fails_and_lift_an_opt_out_only_with_a_note(place: SmallClinic, lena: Patient) -> None:
    known = standing.note_undeliverable(Channel.SMS, index(), "twilio-30005")
    standing.clear_standing(standing_id=known.pk, by_id=place.desk.pk)
    assert is_reachable()
    standing.opt_out(Channel.SMS, index(), By.CARRIER)
    with pytest.raises(Invalid):
        standing.clear_standing(standing_id=known.pk, by_id=place.desk.pk, note="  ")
    assert not is_reachable()
    standing.clear_standing(standing_id=known.pk, by_id=place.desk.pk, note="Sent START while she was at the desk.")
    assert is_reachable()
    last = Change.objects.of(known).last()
    assert last is not None
    assert (last.actor_id, last.reason) == (place.desk.pk, "Sent START while she was at the desk.")


def test_nobody_clears_what_is_not_there(place: SmallClinic, lena: Patient) -> None:
    with pytest.raises(NotFound):
        standing.clear_standing(standing_id=lena.pk, by_id=place.desk.pk)


def test_an_account_is_still_written_to(place: SmallClinic, lena: Patient) -> None:
    mail = Message.objects.create(
        kind="password_reset", channel="email", recipient=EMAIL, recipient_index=index_of_value("email", EMAIL), body="x",
        due_at=timezone.now(),
    )  # fmt: skip
    standing.opt_out(Channel.EMAIL, index_of_value("email", EMAIL), By.COMPLAINT)
    mail.refresh_from_db()
    assert mail.state == State.QUEUED
