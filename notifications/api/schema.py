"""What the OpenAPI document says of messages."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from mediconnect.api.schema import (
    ALWAYS,
    CURSOR,
    IDEMPOTENCY_KEY,
    LIMIT,
    ONE_OBJECT,
    WITH_BODY,
    paged,
    problems,
)
from mediconnect.errors import Invalid
from mediconnect.idempotency.errors import InProgress, KeyInvalid, KeyReused
from notifications.errors import MessageOnItsWay
from notifications.models import Channel, Kind, MessageEvent, State

_WHY: Final = "a code; the page of the message has it in words"


class MessageSerializer(serializers.Serializer[Any]):
    """A message to a patient. Its words are in no answer, and of its address only what its owner recognises it by."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Kind.choices)
    channel = serializers.ChoiceField(Channel.choices)
    language = serializers.CharField()
    recipient = serializers.CharField(
        allow_blank=True, help_text="masked: •••• 4821, a•••@example.org; empty until it is chosen"
    )
    clinic = serializers.UUIDField()
    timezone = serializers.CharField(help_text="of the clinic: all times of the message are by its clock")
    patient = serializers.UUIDField(allow_null=True)
    appointment = serializers.UUIDField(allow_null=True)
    appointment_start = serializers.DateTimeField(allow_null=True, help_text="the time that is told")
    minutes_before = serializers.IntegerField(allow_null=True, help_text="of a reminder")
    state = serializers.ChoiceField(State.choices)
    why = serializers.CharField(allow_null=True, help_text=_WHY)
    via = serializers.CharField(
        allow_null=True, help_text="twilio, sendgrid, or sandbox: recorded, delivered to nobody"
    )
    attempts = serializers.IntegerField()
    last_error = serializers.CharField(allow_null=True)
    perhaps_twice = serializers.BooleanField(help_text="an attempt whose end nobody knows was made again")
    instead_of = serializers.UUIDField(
        allow_null=True, help_text="the message on the other channel that was not delivered"
    )
    due_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class MessageEventSerializer(serializers.Serializer[Any]):
    """One line of a message's life."""

    at = serializers.DateTimeField()
    what = serializers.ChoiceField(MessageEvent.What.choices)
    detail = serializers.CharField(allow_null=True, help_text=_WHY)
    until = serializers.DateTimeField(allow_null=True, help_text="of a wait")
    attempt = serializers.IntegerField()
    by = serializers.UUIDField(allow_null=True)
    note = serializers.CharField(allow_null=True)


class DiscardSerializer(serializers.Serializer[Any]):
    """Why a message is put away."""

    reason = serializers.CharField(max_length=200)


_TAGS: Final = ["messages"]
_ACTED: Final = (*ONE_OBJECT, MessageOnItsWay, InProgress, KeyInvalid, KeyReused, *WITH_BODY, *ALWAYS)
_FILTERS: Final = [
    OpenApiParameter("clinic", OpenApiTypes.UUID),
    OpenApiParameter("patient", OpenApiTypes.UUID),
    OpenApiParameter("appointment", OpenApiTypes.UUID),
    OpenApiParameter(
        "state", OpenApiTypes.STR, description="one or several, separated by commas; dead letters: `dead,undelivered`"
    ),
    OpenApiParameter("kind", OpenApiTypes.STR, description="one or several, separated by commas"),
]

list_messages = extend_schema(
    tags=_TAGS,
    operation_id="messages_list",
    parameters=[*_FILTERS, LIMIT, CURSOR],
    responses={200: paged(MessageSerializer), **problems(Invalid, *ALWAYS)},
)
read_message = extend_schema(
    tags=_TAGS, operation_id="messages_read", responses={200: MessageSerializer, **problems(*ONE_OBJECT, *ALWAYS)}
)
list_events = extend_schema(
    tags=_TAGS,
    operation_id="messages_events",
    parameters=[LIMIT, CURSOR],
    responses={200: paged(MessageEventSerializer), **problems(Invalid, *ONE_OBJECT, *ALWAYS)},
)
requeue = extend_schema(
    tags=_TAGS,
    operation_id="messages_requeue",
    parameters=[IDEMPOTENCY_KEY],
    request=None,
    responses={200: MessageSerializer, **problems(*_ACTED)},
)
discard = extend_schema(
    tags=_TAGS,
    operation_id="messages_discard",
    parameters=[IDEMPOTENCY_KEY],
    request=DiscardSerializer,
    responses={200: MessageSerializer, **problems(*_ACTED)},
)
