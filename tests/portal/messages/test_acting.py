"""What a desk does about messages and replies: once, by those who may, with a trace of who did it."""

from typing import Any

import pytest
from django.test import Client

from appointments.models import Status
from notifications.models import AddressStanding, Channel, MessageEvent, Reply, State
from patients.models import ContactPoint
from tests.browser.clinic_day import ClinicDay
from tests.browser.messages_of_a_day import Written, form
from tests.factories import ClinicFactory, MembershipFactory, MessageFactory, ReplyFactory
from tests.portal.messages.test_lists import text_of
from tests.portal.people.conftest import client_of


def state_of(written: Written, which: str) -> str:
    message = written.messages[which]
    message.refresh_from_db()
    return message.state


def test_a_message_is_sent_again_and_the_list_comes_back(day: ClinicDay, desk: Client, written: Written) -> None:
    path = day.path("message-requeue", message=written.messages["dead"].pk)
    answer = desk.post(path, form(next="list"), headers={"HX-Request": "true", "HX-Target": "todo"})
    assert (answer.status_code, answer["Location"]) == (303, day.path("messages"))
    assert state_of(written, "dead") == State.QUEUED
    line = MessageEvent.objects.get(message=written.messages["dead"], what="requeued")
    assert line.by == day.desk


def test_a_form_sent_twice_acts_once(day: ClinicDay, desk: Client, written: Written) -> None:
    path, sent = day.path("message-requeue", message=written.messages["dead"].pk), form()
    for _again in range(2):
        assert desk.post(path, sent).status_code == 303
    assert MessageEvent.objects.filter(message=written.messages["dead"], what="requeued").count() == 1


def test_all_that_is_shown_is_sent_again_and_nothing_else(day: ClinicDay, desk: Client, written: Written) -> None:
    foreign = MessageFactory.create(state=State.DEAD, reason="refused")
    ids = [str(one.pk) for one in (*written.messages.values(), foreign)]
    answer = desk.post(day.path("messages-requeue"), form(message=[*ids, "x"]), follow=True)
    assert "2 messages are on their way once more." in text_of(answer)
    assert state_of(written, "dead") == state_of(written, "undelivered") == State.QUEUED
    assert state_of(written, "delivered") == State.DELIVERED
    foreign.refresh_from_db()
    assert foreign.state == State.DEAD


def test_what_was_not_given_up_is_refused_in_words(day: ClinicDay, desk: Client, written: Written) -> None:
    path = day.path("message-requeue", message=written.messages["delivered"].pk)
    answer = desk.post(path, form(), headers={"HX-Request": "true", "HX-Target": "todo"})
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#panel"
    assert "Nothing to do again" in answer.content.decode()


def test_a_message_is_put_away_with_a_note(day: ClinicDay, desk: Client, written: Written) -> None:
    path = day.path("message-discard", message=written.messages["undelivered"].pk)
    assert "What was done" in text_of(desk.get(path))
    empty = desk.post(path, form(note="  "))
    assert empty.status_code == 400
    assert "Say in a few words what was done." in empty.content.decode()
    long = desk.post(path, form(note="x" * 201))
    assert long.status_code == 400
    answer = desk.post(path, form(note="Called the patient"), follow=True)
    assert "Put away by Dana Brooks: “Called the patient”" in text_of(answer)
    assert state_of(written, "undelivered") == State.DISCARDED
    assert "Featherstonehaugh" not in text_of(desk.get(day.path("messages"))).split("To do")[1]


def test_a_reply_confirms_the_visit_with_one_click(day: ClinicDay, desk: Client, written: Written) -> None:
    reply, visit = written.replies["unclear"], day.fresh("tomorrow")
    sent = form(do="confirm", version=visit.version, next="list")
    answer = desk.post(day.path("reply-answer", reply=reply.pk), sent)
    assert (answer.status_code, answer["Location"]) == (303, day.path("messages"))
    assert day.fresh("tomorrow").status == Status.CONFIRMED
    reply.refresh_from_db()
    assert (reply.state, reply.closed_by) == (Reply.State.CLOSED, day.desk)


def test_a_confirmation_of_a_visit_that_changed_meanwhile_changes_nothing(
    day: ClinicDay, desk: Client, written: Written
) -> None:
    reply = written.replies["unclear"]
    sent = form(do="confirm", version=day.fresh("tomorrow").version + 1)
    assert desk.post(day.path("reply-answer", reply=reply.pk), sent).status_code == 409
    reply.refresh_from_db()
    assert reply.state == Reply.State.OPEN
    assert day.fresh("tomorrow").status == Status.BOOKED


@pytest.mark.parametrize("do", ["will_call", "please_call"])
def test_a_reply_is_answered_with_one_click(day: ClinicDay, desk: Client, written: Written, do: str) -> None:
    reply = written.replies["call"]
    assert desk.post(day.path("reply-answer", reply=reply.pk), form(do=do)).status_code == 303
    reply.refresh_from_db()
    assert reply.state == Reply.State.CLOSED
    again = desk.post(day.path("reply-answer", reply=reply.pk), form(do=do))
    assert again.status_code in {303, 404, 409}


def test_a_reply_is_closed_with_a_note(day: ClinicDay, desk: Client, written: Written) -> None:
    path = day.path("reply-close", reply=written.replies["call"].pk)
    assert desk.post(path, form(note="")).status_code == 400
    page = text_of(desk.post(path, form(note="Told in person"), follow=True))
    assert "Told in person" in page
    assert "Closed on" in page


def test_a_step_that_there_is_not_is_refused(day: ClinicDay, desk: Client, written: Written) -> None:
    path = day.path("reply-answer", reply=written.replies["call"].pk)
    assert desk.post(path, form(do="shout")).status_code == 400


def test_providers_read_and_do_nothing(day: ClinicDay, doctor: Client, written: Written) -> None:
    message, reply = written.messages["dead"].pk, written.replies["unclear"].pk
    for path in (
        day.path("message-requeue", message=message), day.path("message-discard", message=message),
        day.path("messages-requeue"), day.path("reply-answer", reply=reply), day.path("reply-close", reply=reply),
        day.path("patient-standing", patient=day.patients["mei"].pk, contact=message),
    ):  # fmt: skip
        assert doctor.post(path, form(note="x")).status_code == 403, path


def test_another_clinics_desk_finds_nothing(day: ClinicDay, written: Written) -> None:
    other = ClinicFactory.create()
    client = client_of(MembershipFactory.create(clinic=other).user)
    for clinic, status in ((day.clinic, 404), (other, 404)):
        for name, words in (
            ("message", {"message": written.messages["dead"].pk}), ("message-requeue", {"message": written.messages["dead"].pk}),
            ("message-discard", {"message": written.messages["dead"].pk}), ("reply", {"reply": written.replies["call"].pk}),
            ("reply-answer", {"reply": written.replies["call"].pk}), ("reply-close", {"reply": written.replies["call"].pk}),
        ):  # fmt: skip
            path = day.path(name, **words).replace(str(day.clinic.pk), str(clinic.pk))
            assert client.get(path).status_code == status, path
            assert client.post(path, form(note="x", do="will_call")).status_code in {status, 405}, path
    assert state_of(written, "dead") == State.DEAD


def test_a_reply_of_nobody_that_we_know_is_shown_to_no_clinic(day: ClinicDay, desk: Client) -> None:
    lost = ReplyFactory.create(message=None, visit=None, patient=None, clinic=None)
    assert desk.get(day.path("reply", reply=lost.pk)).status_code == 404


def standing(day: ClinicDay, **columns: Any) -> ContactPoint:
    point = ContactPoint.objects.get(patient=day.patients["mei"], system="phone")
    AddressStanding.objects.create(channel=Channel.SMS, address_index=point.value_index, **columns)
    return point


def test_a_stop_is_shown_and_lifted_with_a_note(day: ClinicDay, desk: Client) -> None:
    point = standing(day, opted_out_at=day.at(0), opted_out_by="reply")
    record = day.path("patient", patient=day.patients["mei"].pk)
    assert "Answered STOP on" in text_of(desk.get(record))
    path = day.path("patient-standing", patient=day.patients["mei"].pk, contact=point.pk)
    assert desk.post(path, {}).status_code == 400
    assert AddressStanding.objects.get().opted_out_at is not None
    page = text_of(desk.post(path, {"note": "Asked at the desk"}, follow=True))
    assert "Messages may go there again." in page
    assert "Answered STOP" not in page


def test_a_number_at_which_nothing_arrives_is_tried_again(day: ClinicDay, desk: Client) -> None:
    point = standing(day, undeliverable_at=day.at(0), undeliverable_code="30005")
    page = text_of(desk.get(day.path("patient", patient=day.patients["mei"].pk)))
    assert "nobody has this number any more (30005)" in page
    desk.post(day.path("patient-standing", patient=day.patients["mei"].pk, contact=point.pk), {})
    assert AddressStanding.objects.get().undeliverable_at is None
    nobody = day.path("patient-standing", patient=day.patients["olga"].pk, contact=point.pk)
    assert desk.post(nobody, {}).status_code == 404
