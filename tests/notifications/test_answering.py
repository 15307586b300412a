"""What the inbox's buttons do: one answer, one reply closed, by whoever was first."""

import pytest

from appointments.errors import InvalidTransition
from appointments.models import Appointment, Status
from appointments.services.cancelling import cancel_appointment
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound
from notifications.errors import NoMessageReachesThem, NothingToAnswerAbout, ReplyClosed
from notifications.models import Kind, Message, Reply
from notifications.services.answering import ANSWERS, answer_reply, close_reply
from tests.appointments.conftest import SmallClinic
from tests.notifications.conftest import Book, reachable
from tests.notifications.heard import says, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def reply(visit: Appointment) -> Reply:
    told(visit)
    return says("see you then, doc")


@pytest.mark.parametrize("kind", [Kind.WILL_CALL, Kind.PLEASE_CALL])
def test_an_answer_is_written_and_closes_the_reply(place: SmallClinic, reply: Reply, kind: Kind) -> None:
    message = answer_reply(reply_id=reply.pk, kind=kind, by_id=place.desk.pk)
    reply.refresh_from_db()
    assert (message.kind, message.answers, message.channel, message.urgent) == (kind, reply, "sms", True)
    assert (reply.state, reply.closed_by, reply.note) == ("closed", place.desk, kind.value)
    assert reply.visit is not None
    assert reply.visit.status == Status.BOOKED


def test_confirmed_confirms_the_visit_first(place: SmallClinic, reply: Reply, visit: Appointment) -> None:
    answer_reply(reply_id=reply.pk, kind=Kind.THANKS, by_id=place.desk.pk)
    visit.refresh_from_db()
    assert visit.status == Status.CONFIRMED


def test_a_cancelled_visit_is_not_answered_as_confirmed(place: SmallClinic, reply: Reply, visit: Appointment) -> None:
    expected = Expected(visit.version, by_header=False)
    cancel_appointment(appointment_id=visit.pk, reason="clinic_other", expected=expected, caller=place.staff)
    with pytest.raises(InvalidTransition):
        answer_reply(reply_id=reply.pk, kind=Kind.THANKS, by_id=place.desk.pk)
    reply.refresh_from_db()
    assert reply.state == "open"


@pytest.mark.parametrize("kind", [Kind.WILL_CALL, Kind.PLEASE_CALL])
def test_nobody_is_made_to_believe_that_somebody_who_stopped_was_told(
    place: SmallClinic, visit: Appointment, kind: Kind
) -> None:
    told(visit)
    reply = says("CANCEL")
    with pytest.raises(NoMessageReachesThem):
        answer_reply(reply_id=reply.pk, kind=kind, by_id=place.desk.pk)
    reply.refresh_from_db()
    assert (reply.state, reply.reason) == ("open", "says_cancel")
    assert not Message.objects.filter(answers=reply).exists()


def test_somebody_who_stopped_is_confirmed_and_not_thanked(place: SmallClinic, visit: Appointment) -> None:
    told(visit)
    reply = says("CANCEL")
    message = answer_reply(reply_id=reply.pk, kind=Kind.THANKS, by_id=place.desk.pk)
    visit.refresh_from_db()
    assert (visit.status, message.state, message.reason) == (Status.CONFIRMED, "skipped", "opted_out")


def test_the_second_who_clicks_is_told(place: SmallClinic, reply: Reply) -> None:
    close_reply(reply_id=reply.pk, note="Called her.", by_id=place.desk.pk)
    with pytest.raises(ReplyClosed):
        answer_reply(reply_id=reply.pk, kind=Kind.WILL_CALL, by_id=place.desk.pk)
    with pytest.raises(ReplyClosed):
        close_reply(reply_id=reply.pk, note="", by_id=place.desk.pk)
    assert not Message.objects.filter(answers=reply, kind=Kind.WILL_CALL).exists()


def test_a_reply_about_nothing_is_closed_with_a_note_alone(place: SmallClinic) -> None:
    reply = says("hello?", sender="+13035550199")
    with pytest.raises(NothingToAnswerAbout):
        answer_reply(reply_id=reply.pk, kind=Kind.WILL_CALL, by_id=place.desk.pk)
    closed = close_reply(reply_id=reply.pk, note=" A wrong number. ", by_id=place.desk.pk)
    assert (closed.state, closed.note) == ("closed", "A wrong number.")


def test_a_reply_that_could_mean_either_of_two_peoples_visits_confirms_neither(
    place: SmallClinic, visit: Appointment, book: Book
) -> None:
    reachable(place.patients[1], email="tom@mail.example")
    told(visit)
    his = book(11, patient=1)
    told(his)
    reply = says("1")
    with pytest.raises(NothingToAnswerAbout):
        answer_reply(reply_id=reply.pk, kind=Kind.THANKS, by_id=place.desk.pk)
    assert answer_reply(reply_id=reply.pk, kind=Kind.WILL_CALL, by_id=place.desk.pk).answers == reply
    assert set(Appointment.objects.values_list("status", flat=True)) == {Status.BOOKED}


def test_only_three_answers_and_short_notes(place: SmallClinic, reply: Reply) -> None:
    for kind in set(Kind) - set(ANSWERS):
        with pytest.raises(Invalid):
            answer_reply(reply_id=reply.pk, kind=kind, by_id=place.desk.pk)
    with pytest.raises(Invalid):
        close_reply(reply_id=reply.pk, note="x" * 201, by_id=place.desk.pk)
    with pytest.raises(NotFound):
        close_reply(reply_id=place.desk.pk, note="", by_id=place.desk.pk)
