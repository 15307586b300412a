"""The doors of messages for staff: the log, dead letters on their way once more, or put away."""

import uuid
from typing import ClassVar, Final

from django.http import HttpResponse

from mediconnect.api.access import CLINIC_ADMIN, DESK, FRONT_DESK, STAFF, Access, AccessTable
from mediconnect.api.answers import HttpAnswer
from mediconnect.api.fields import as_choice, as_text, as_uuid, members, query_words, required
from mediconnect.api.pages import page
from mediconnect.api.requests import ApiRequest
from mediconnect.api.views import ApiView
from mediconnect.errors import NotFound, NotPermitted
from mediconnect.idempotency import idempotent
from notifications.models import Kind, Message, MessageEvent, State
from notifications.models.message import MessageQuerySet
from notifications.queries.log import about, visible_to
from notifications.services.requeueing import discard_message, requeue_message

from . import schema
from .rendering import render, render_event

READ: Final = Access(staff=STAFF)
WRITE: Final = Access(staff=DESK)


class MessageDoor(ApiView):
    """What the doors of one message share: whose it is to see, and whose to act on."""

    def may_see(self, request: ApiRequest, resource_id: uuid.UUID) -> bool:
        """Return whether the caller may still see the message of a stored answer."""
        return visible_to(request.principal).filter(pk=resource_id).exists()

    def found(self, request: ApiRequest, message_id: uuid.UUID) -> Message:
        """Return the message without its words; raises `NotFound`."""
        message = visible_to(request.principal).without_words().filter(pk=message_id).first()
        if message is None:
            raise NotFound
        return message

    def require_desk(self, request: ApiRequest, message_id: uuid.UUID) -> None:
        """Raise `NotFound` for somebody else's message, `NotPermitted` where the caller is no desk of its clinic."""
        clinic = self.found(request, message_id).clinic_id
        if clinic is None or not any(request.principal.may(role, clinic) for role in (FRONT_DESK, CLINIC_ADMIN)):
            raise NotPermitted


class MessagesView(ApiView):
    """The log."""

    access: ClassVar[AccessTable] = {"GET": READ}

    @schema.list_messages
    def get(self, request: ApiRequest) -> HttpResponse:
        """List the messages of the caller's clinics, newest first."""
        return page(request, _filtered(request), render, order=("created_at", "id"), descending=True)


def _filtered(request: ApiRequest) -> MessageQuerySet:
    query = query_words(request, {"clinic", "patient", "appointment", "state", "kind", "limit", "cursor"})
    messages = visible_to(request.principal).without_words()
    for name in ("clinic", "patient"):
        if query.get(name):
            messages = messages.filter(**{name: as_uuid(query[name], name)})
    if query.get("appointment"):
        messages = messages.filter(pk__in=about(as_uuid(query["appointment"], "appointment")).values("pk"))
    for name, known in (("state", State.values), ("kind", Kind.values)):
        if query.get(name):
            words = str(query[name]).split(",")
            messages = messages.filter(**{f"{name}__in": [as_choice(word, name, known) for word in words]})
    return messages


class MessageView(MessageDoor):
    """One message."""

    access: ClassVar[AccessTable] = {"GET": READ}

    @schema.read_message
    def get(self, request: ApiRequest, message_id: uuid.UUID) -> HttpResponse:
        """Show where it stands."""
        return HttpAnswer(render(self.found(request, message_id)))


class MessageEventsView(MessageDoor):
    """What happened to a message."""

    access: ClassVar[AccessTable] = {"GET": READ}

    @schema.list_events
    def get(self, request: ApiRequest, message_id: uuid.UUID) -> HttpResponse:
        """List the lines of its life, oldest first."""
        query_words(request, {"limit", "cursor"})
        events = MessageEvent.objects.select_related("message__clinic").filter(message=self.found(request, message_id))
        return page(request, events, render_event, order=("id",))


class RequeueView(MessageDoor):
    """A message on its way once more."""

    access: ClassVar[AccessTable] = {"POST": WRITE}

    @schema.requeue
    @idempotent()
    def post(self, request: ApiRequest, message_id: uuid.UUID) -> HttpResponse:
        """Queue a message that was given up or not delivered, with all its attempts."""
        members(request, set())
        self.require_desk(request, message_id)
        message = requeue_message(message_id=message_id, by_id=request.principal.user_id)
        return HttpAnswer(render(message), resource_id=message.pk)


class DiscardView(MessageDoor):
    """A message put away."""

    access: ClassVar[AccessTable] = {"POST": WRITE}

    @schema.discard
    @idempotent()
    def post(self, request: ApiRequest, message_id: uuid.UUID) -> HttpResponse:
        """Put a message that was given up or not delivered away, for a reason that is kept with it."""
        body = members(request, {"reason"})
        self.require_desk(request, message_id)
        reason = as_text(required(body, "reason"), "reason", longest=200)
        message = discard_message(message_id=message_id, reason=reason, by_id=request.principal.user_id)
        return HttpAnswer(render(message), resource_id=message.pk)
