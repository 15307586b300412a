"""From due to sent: what a turn does with each kind of outcome."""

import datetime as dt

import pytest
from django.utils import timezone

from appointments.models import Appointment, Status
from mediconnect.resilience.breaker import NotPermitted, breaker_of
from mediconnect.resilience.outside import Refused, Throttled, TimedOut, Unavailable
from notifications.channels.port import Accepted, OptedOut, Undeliverable, Unknowable
from notifications.models import AddressStanding, Kind, Message, MessagePolicy
from notifications.rules.reasons import Why
from notifications.services.requeueing import requeue_message
from notifications.services.sending import recording
from notifications.services.writing import tell
from patients.models import ContactPoint, Patient
from tests.factories import ContactPointFactory, MessageFactory, ReplyFactory

from .conftest import Service, Services, closed, lives

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(visit: Appointment) -> Message:
    """The news of the booking, by text."""
    return tell(visit=visit, kind=Kind.BOOKED, version=visit.version, urgent=True)


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def test_a_due_message_is_sent_once_with_the_words_of_the_moment(message: Message, services: Services) -> None:
    assert services.send() == 1
    sent = fresh(message)
    assert (sent.state, sent.via, sent.attempts, sent.in_doubt) == ("sent", services.sms.name, 1, False)
    assert sent.provider_id == f"SM{message.pk.hex}"
    assert sent.recipient == "+12125550142"
    (letter,) = services.sms.letters
    assert letter.body == sent.body
    assert "/a/" in letter.body
    assert lives(message) == ["queued", "tried", f"sent {services.sms.name}"]
    assert services.send() == 0


def test_a_message_that_is_not_due_yet_stays(visit: Appointment, services: Services) -> None:
    tell(visit=visit, kind=Kind.BOOKED, version=1, due_at=timezone.now() + dt.timedelta(minutes=2))
    assert services.send() == 0


def test_nothing_is_claimed_for_a_service_that_is_away(message: Message, services: Services) -> None:
    breaker_of(services.sms.name).force_open("a test", None)
    assert services.send() == 0
    assert (fresh(message).state, fresh(message).attempts) == ("queued", 0)


def test_a_call_that_was_not_permitted_is_no_attempt(message: Message, services: Services) -> None:
    services.sms.raises(NotPermitted("x", 30.0), times=1)
    services.send()
    held = fresh(message)
    assert (held.state, held.reason, held.attempts, held.in_doubt) == ("waiting", Why.SERVICE_AWAY, 0, False)
    assert held.first_attempt_at is None
    assert held.due_at > timezone.now() + dt.timedelta(seconds=25)
    assert lives(message) == ["queued", "waited service_away"]
    services.later()
    services.send()
    assert (fresh(message).state, fresh(message).attempts) == ("sent", 1)


def test_a_service_that_limits_us_is_heeded_and_costs_no_attempt(message: Message, services: Services) -> None:
    services.sms.raises(Throttled("http-429", retry_after=120), times=1)
    services.send()
    held = fresh(message)
    assert (held.state, held.reason, held.attempts) == ("waiting", Why.THROTTLED, 0)
    assert held.due_at > timezone.now() + dt.timedelta(seconds=110)


@pytest.mark.parametrize(("channel", "most"), [("sms", 4), ("email", 6)])
def test_a_service_that_always_fails_is_asked_a_fixed_number_of_times(
    visit: Appointment, services: Services, channel: str, most: int
) -> None:
    service = services.sms if channel == "sms" else services.email
    closed(service)
    service.raises(Unavailable("http-500", ambiguous=True))
    message = tell(visit=visit, kind=Kind.BOOKED, version=1, urgent=True, channel=Message.Channel(channel))
    for _ in range(most + 3):
        services.send()
        services.later()
    dead = fresh(message)
    assert (dead.state, dead.reason, dead.attempts) == ("dead", Why.ATTEMPTS_USED_UP, most)
    assert dead.last_error == "http-500"
    assert len(service.letters) == most
    assert len({letter.body for letter in service.letters}) == 1


def test_a_confirmation_between_two_attempts_changes_no_word(
    message: Message, visit: Appointment, services: Services
) -> None:
    services.sms.raises(Unavailable("http-503"), times=1)
    services.send()
    Appointment.objects.filter(pk=visit.pk).update(status=Status.CONFIRMED)
    services.later()
    services.send()
    assert fresh(message).state == "sent"
    first, second = (letter.body for letter in services.sms.letters)
    assert first == second
    assert "Reply 1 to confirm" in first


def test_what_is_confirmed_before_it_is_written_asks_for_nothing(
    message: Message, visit: Appointment, services: Services
) -> None:
    Appointment.objects.filter(pk=visit.pk).update(status=Status.CONFIRMED)
    services.send()
    assert fresh(message).state == "sent"
    (letter,) = services.sms.letters
    assert "is booked and confirmed: " in letter.body


def test_a_refusal_is_final_and_the_person_is_told_in_the_other_way(message: Message, services: Services) -> None:
    services.sms.raises(Refused(400))
    services.send()
    services.later()
    services.send()
    assert (fresh(message).state, fresh(message).reason) == ("dead", Why.REFUSED)
    assert len(services.sms.letters) == 1
    stand_in = Message.objects.get(instead_of=message)
    assert (stand_in.channel, stand_in.state) == ("email", "sent")


def test_who_may_have_been_told_is_not_told_in_the_other_way(message: Message, services: Services) -> None:
    services.sms.raises(TimedOut("read", sent=True, ambiguous=True))
    services.sms.knows = lambda _letter: Unknowable()
    for _ in range(6):
        services.send()
        services.later()
    assert fresh(message).state == "dead"
    assert not Message.objects.filter(instead_of=message).exists()


def test_an_opt_out_is_asked_about_once_and_kept(message: Message, phone: ContactPoint, services: Services) -> None:
    services.sms.raises(OptedOut("21610"))
    services.send()
    assert (fresh(message).state, fresh(message).reason) == ("undelivered", Why.OPTED_OUT)
    assert len(services.sms.letters) == 1
    known = AddressStanding.objects.get(address_index=phone.value_index)
    assert known.opted_out_at is not None


def test_what_cannot_be_delivered_goes_by_the_other_channel_once(message: Message, services: Services) -> None:
    services.sms.raises(Undeliverable("30005"))
    services.email.raises(Undeliverable("bounce"))
    services.send(turns=3)
    (stand_in,) = Message.objects.filter(instead_of=message)
    assert (fresh(message).state, stand_in.channel) == ("undelivered", "email")
    assert stand_in.state == "undelivered"
    assert len(services.email.letters) == 1
    assert Message.objects.count() == 2
    assert "fell_back email" in lives(message)


@pytest.mark.parametrize(("code", "marked"), [("twilio-21211", True), ("twilio-21408", False), ("twilio-21612", False)])
def test_an_address_is_marked_only_for_what_is_wrong_with_itself(
    message: Message, phone: ContactPoint, services: Services, code: str, marked: bool
) -> None:
    services.sms.raises(Undeliverable(code))
    services.send()
    assert fresh(message).state == "undelivered"
    known = AddressStanding.objects.filter(address_index=phone.value_index).exclude(undeliverable_at=None)
    assert known.exists() is marked


def test_a_text_in_doubt_is_looked_up_before_anything_is_sent_again(message: Message, services: Services) -> None:
    services.sms.raises(TimedOut("read", sent=True, ambiguous=True), times=1)
    services.sms.knows = lambda _letter: Accepted("SMfound", "sent")
    services.send()
    assert (fresh(message).state, fresh(message).reason, fresh(message).in_doubt) == ("waiting", Why.LOOKING_UP, True)
    services.later()
    services.send()
    found = fresh(message)
    assert (found.state, found.provider_id, found.in_doubt, found.ambiguities) == ("sent", "SMfound", False, 0)
    assert (len(services.sms.letters), found.attempts) == (1, 1)


def test_a_text_that_was_not_accepted_is_sent_again_and_is_no_ambiguity(message: Message, services: Services) -> None:
    services.sms.raises(TimedOut("read", sent=True, ambiguous=True), times=1)
    services.send()
    services.later()
    services.send()
    sent = fresh(message)
    assert (sent.state, sent.attempts, sent.ambiguities) == ("sent", 2, 0)
    assert services.sms.looked_up == [message.pk]
    first, second = services.sms.letters
    assert (first.recipient, first.body) == (second.recipient, second.body)


def test_what_nobody_knows_is_sent_again_once_and_said_so(visit: Appointment, services: Services) -> None:
    message = tell(visit=visit, kind=Kind.BOOKED, version=1, urgent=True, channel=Message.Channel.EMAIL)
    services.email.raises(TimedOut("read", sent=True, ambiguous=True))
    services.email.knows = lambda _letter: Unknowable()
    services.send()
    waits = fresh(message)
    assert waits.due_at > timezone.now() + dt.timedelta(minutes=4)
    for _ in range(6):
        services.later()
        services.send()
    dead = fresh(message)
    assert (dead.state, dead.reason, dead.in_doubt, dead.ambiguities) == ("dead", Why.LOOKING_UP, True, 1)
    assert len(services.email.letters) == 2


class Away:
    """A breaker that opened while the call was under way."""

    retry_after = 30.0

    def room(self) -> int:
        return 0

    def state(self) -> "Away":
        return self


def test_an_outage_that_the_breaker_knows_of_kills_no_message(
    message: Message, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "breaker_of", lambda _name: Away())
    Message.objects.filter(pk=message.pk).update(attempts=3)
    services.sms.raises(Unavailable("no-connection"))
    services.send()
    waits = fresh(message)
    assert (waits.state, waits.reason, waits.attempts) == ("waiting", Why.SERVICE_AWAY, 4)


def test_a_person_without_a_usable_phone_is_written_to_by_mail(
    message: Message, visit: Appointment, phone: ContactPoint, services: Services
) -> None:
    ContactPoint.objects.filter(pk=phone.pk).update(consent=False)
    services.send()
    assert (fresh(message).channel, fresh(message).state) == ("email", "sent")
    (letter,) = services.email.letters
    assert letter.html
    assert [attached.name for attached in letter.attachments] == [f"visit-{visit.pk.hex[-8:]}.ics"]
    assert letter.unsubscribe_url.endswith("/unsubscribe/")


def test_consent_taken_back_after_the_first_attempt_ends_the_message(
    message: Message, lena: Patient, services: Services
) -> None:
    services.sms.raises(Unavailable("http-500", ambiguous=True), times=1)
    services.send()
    ContactPoint.objects.filter(patient=lena).update(consent=False)
    services.later()
    services.send()
    assert (fresh(message).state, fresh(message).reason) == ("skipped", Why.NO_CONSENT)
    assert len(services.sms.letters) == 1


@pytest.mark.parametrize("other", ["+12125550199", ""])
def test_an_address_that_is_no_longer_right_after_the_first_attempt_gives_way_to_another(
    message: Message, lena: Patient, phone: ContactPoint, services: Services, other: str
) -> None:
    """Else whoever corrects a number while a service fails would never hear of the visit."""
    services.sms.raises(Unavailable("http-503"), times=1)
    services.send()
    ContactPoint.objects.filter(pk=phone.pk).update(active=False)
    if other:
        ContactPointFactory.create(patient=lena, system="phone", value=other)
    services.later()
    services.send()
    sent = fresh(message)
    assert (sent.state, sent.channel, sent.attempts) == ("sent", "sms" if other else "email", 2)
    assert sent.recipient == (other or "lena.moreau@mail.example")
    (letter,) = services.sms.letters[1:] if other else services.email.letters
    assert (letter.recipient, letter.body) == (sent.recipient, sent.body)


def test_what_may_have_arrived_at_an_address_goes_to_no_other(
    message: Message, phone: ContactPoint, services: Services
) -> None:
    services.sms.raises(TimedOut("read", sent=True, ambiguous=True), times=1)
    services.sms.knows = lambda _letter: Unknowable()
    services.send()
    ContactPoint.objects.filter(pk=phone.pk).update(active=False)
    for _ in range(3):
        services.later()
        services.send()
    assert (fresh(message).state, fresh(message).ambiguities) == ("skipped", 1)
    assert len(services.sms.letters) == 1
    assert services.email.letters == []


def test_what_a_person_queued_again_goes_wherever_it_may(message: Message, services: Services) -> None:
    Message.objects.filter(pk=message.pk).update(state="dead", reason="looking_up", ambiguities=1)
    requeue_message(message_id=message.pk, by_id=None)
    services.send()
    assert (fresh(message).state, fresh(message).ambiguities) == ("sent", 1)


def test_an_answer_about_a_visit_that_has_begun_is_still_worth_delivering(
    visit: Appointment, services: Services
) -> None:
    """Somebody who cannot find the door writes when the visit begins; the desk's answer must not expire on its way."""
    Appointment.objects.filter(pk=visit.pk).update(
        starts_at=timezone.now() - dt.timedelta(minutes=5), ends_at=timezone.now() + dt.timedelta(minutes=25)
    )
    visit.refresh_from_db()
    reply = ReplyFactory.create(message=MessageFactory.create(visit=visit, state="sent", sent_at=timezone.now()))
    tell(visit=visit, kind=Kind.WILL_CALL, version=1, urgent=True, answers=reply)
    services.send()
    (letter,) = services.sms.letters
    assert letter.valid_seconds > 12 * 60 * 60


def test_a_visit_cancelled_meanwhile_is_not_told(
    message: Message, visit: Appointment, services: Services, sms: Service
) -> None:
    Appointment.objects.filter(pk=visit.pk).update(status="cancelled", cancellation_reason="patient_request")
    services.send()
    assert (fresh(message).state, fresh(message).reason) == ("skipped", Why.VISIT_CANCELLED)
    assert sms.letters == []


def test_the_cap_makes_the_fourth_unasked_message_of_an_hour_wait(visit: Appointment, services: Services) -> None:
    steps = [tell(visit=visit, kind=Kind.REMINDER, version=1, lead_minutes=lead) for lead in (10_080, 2_880, 180, 120)]
    MessagePolicy.objects.create(clinic=visit.clinic, quiet_from=dt.time(), quiet_until=dt.time())  # no night
    services.send()
    states = sorted(fresh(step).state for step in steps)
    assert states == ["sent", "sent", "sent", "waiting"]
    assert Message.objects.get(state="waiting").reason == Why.HOURLY_CAP
