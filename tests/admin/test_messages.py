"""What administrators see of messages: nobody's words where a clinic reads them, and addresses that are tried again."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mediconnect.accounts.models import User
from notifications.models import AddressStanding, Message, Reply
from tests.admin.conftest import World
from tests.admin.test_every_page import path_of

pytestmark = pytest.mark.django_db


def test_a_reply_of_nobody_can_be_read_and_a_clinics_cannot(client: Client, boss: User, world: World) -> None:
    reply = Reply.objects.get()
    Reply.objects.filter(pk=reply.pk).update(body="Who are you?")
    page = path_of(Reply, "change", reply.pk)
    assert reply.sender in client.get(page).content.decode()
    assert "Who are you?" in client.get(page).content.decode()
    Reply.objects.filter(pk=reply.pk).update(clinic=world.place.clinic)
    assert reply.sender not in client.get(page).content.decode()
    assert "Who are you?" not in client.get(page).content.decode()


def test_the_words_of_a_message_are_nobodys(client: Client, boss: User, world: World, settings: Any) -> None:
    settings.DEBUG = False
    message = Message.objects.filter(visit=world.visit)[0]
    Message.objects.filter(pk=message.pk).update(recipient="+12125550142", body="See you on Thursday.")
    page = client.get(path_of(Message, "change", message.pk)).content.decode()
    assert "+12125550142" not in page
    assert "Thursday" not in page


def test_what_fails_is_tried_again_and_an_opt_out_stays(client: Client, boss: User, world: World) -> None:
    failing = AddressStanding.objects.get()
    stopped = AddressStanding.objects.create(
        channel="sms", address_index="other", opted_out_at=timezone.now(), opted_out_by="reply"
    )
    chosen = {"action": "clear_undeliverable", "_selected_action": [str(failing.pk), str(stopped.pk)]}
    answer = client.post(path_of(AddressStanding, "changelist"), chosen, follow=True)
    assert "1 will be tried again, 1 want no messages." in answer.content.decode()
    failing.refresh_from_db()
    stopped.refresh_from_db()
    assert failing.undeliverable_at is None
    assert stopped.opted_out_at is not None
