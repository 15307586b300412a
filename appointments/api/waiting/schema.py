"""What the OpenAPI document says of the waitlist."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers

from appointments import errors
from appointments.api.schema import AppointmentSerializer
from appointments.models import Source, WaitlistEntry, WaitlistOffer
from mediconnect.api.schema import (
    ALWAYS,
    CURSOR,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    LIMIT,
    ONE_OBJECT,
    REQUIRED_KEY,
    VERSIONED,
    WITH_BODY,
    paged,
    problems,
)
from mediconnect.errors import Invalid, VersionConflict
from mediconnect.idempotency.errors import InProgress, KeyInvalid, KeyRequired, KeyReused

_KEYS: Final = (KeyInvalid, InProgress, KeyReused)


class WishSerializer(serializers.Serializer[Any]):
    """What would suit, in the clinic's own clock. Lists that are empty, and times that are null, mean any."""

    providers = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=50)
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6), required=False, max_length=7, help_text="0 is Monday"
    )
    earliest_time = serializers.CharField(required=False, allow_null=True, help_text="a visit begins no earlier: 09:30")
    latest_time = serializers.CharField(required=False, allow_null=True, help_text="a visit is over by then")
    from_date = serializers.DateField(required=False)
    until_date = serializers.DateField(help_text="the last day")
    notice_minutes = serializers.IntegerField(
        required=False, min_value=0, max_value=43200, help_text="known so long before the visit begins"
    )
    priority = serializers.IntegerField(required=False, min_value=0, max_value=2, help_text="staff alone may say")
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000, help_text="for staff, by staff")


class JoinSerializer(WishSerializer):
    """A wish to keep. Patients may leave `patient` out; staff name one of their clinic's."""

    appointment_type = serializers.UUIDField()
    patient = serializers.UUIDField(required=False)
    appointment = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="a visit of the patient's that an accepted offer moves instead of booking",
    )


class ChangeSerializer(WishSerializer):
    """What shall be different; what is left out stays."""

    until_date = serializers.DateField(required=False)
    version = serializers.IntegerField(required=False, min_value=1)


class OfferSerializer(serializers.Serializer[Any]):
    """A time that is held for one person until `expires_at`."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(WaitlistOffer.State.choices)
    entry = serializers.UUIDField()
    provider = serializers.UUIDField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    appointment = serializers.UUIDField(allow_null=True, help_text="the visit that it became")


class EntrySerializer(serializers.Serializer[Any]):
    """A wish and where it stands. Members from `priority` on are for staff alone."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(WaitlistEntry.State.choices)
    clinic = serializers.UUIDField()
    timezone = serializers.CharField()
    patient = serializers.UUIDField()
    appointment_type = serializers.UUIDField()
    providers = serializers.ListField(child=serializers.UUIDField())
    weekdays = serializers.ListField(child=serializers.IntegerField())
    earliest_time = serializers.CharField(allow_null=True)
    latest_time = serializers.CharField(allow_null=True)
    from_date = serializers.DateField()
    until_date = serializers.DateField()
    notice_minutes = serializers.IntegerField()
    appointment = serializers.UUIDField(allow_null=True)
    offer = OfferSerializer(allow_null=True)
    joined_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    priority = serializers.IntegerField(required=False)
    source = serializers.ChoiceField(Source.choices, required=False)  # type: ignore[assignment]  # as in a visit
    note = serializers.CharField(required=False, allow_blank=True)


class FreeSerializer(serializers.Serializer[Any]):
    """A time that is free already."""

    provider = serializers.UUIDField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class JoinedSerializer(EntrySerializer):
    """The wish, with up to three times that are free already and would meet it: book one instead of waiting."""

    free_now = FreeSerializer(many=True)


class AcceptedSerializer(serializers.Serializer[Any]):
    """The offer and the visit that it became."""

    offer = OfferSerializer()
    appointment = AppointmentSerializer()


class DeclineSerializer(serializers.Serializer[Any]):
    """A no; with `leave` the wish goes off the list as well, without it keeps its place."""

    leave = serializers.BooleanField(required=False)


list_wishes = extend_schema(
    operation_id="waitlist_list",
    parameters=[
        OpenApiParameter(
            "state", OpenApiTypes.STR, description="one or several, joined by commas; open ones by default"
        ),
        OpenApiParameter("patient", OpenApiTypes.UUID),
        OpenApiParameter("clinic", OpenApiTypes.UUID),
        OpenApiParameter("appointment_type", OpenApiTypes.UUID),
        LIMIT,
        CURSOR,
    ],
    responses={200: paged(EntrySerializer), **problems(*ALWAYS, Invalid)},
)
join = extend_schema(
    operation_id="waitlist_join",
    parameters=[REQUIRED_KEY],
    request=JoinSerializer,
    responses={
        201: JoinedSerializer,
        **problems(
            *ALWAYS, *WITH_BODY, *ONE_OBJECT, KeyRequired, *_KEYS, errors.AlreadyWaiting, errors.WishPast,
            errors.NothingSooner, errors.NotBookableOnline, errors.TooFar,
        ),
    },
)  # fmt: skip
read_wish = extend_schema(
    operation_id="waitlist_read", responses={200: EntrySerializer, **problems(*ALWAYS, *ONE_OBJECT)}
)
change_wish = extend_schema(
    operation_id="waitlist_change",
    parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    request=ChangeSerializer,
    responses={
        200: EntrySerializer,
        **problems(
            *ALWAYS, *WITH_BODY, *ONE_OBJECT, *VERSIONED, *_KEYS, errors.WishClosed, errors.WishPast, errors.TooFar,
            errors.NothingSooner, errors.NotBookableOnline,
        ),
    },
)  # fmt: skip
leave = extend_schema(
    operation_id="waitlist_leave",
    parameters=[IF_MATCH],
    responses={204: None, **problems(*ALWAYS, *ONE_OBJECT, VersionConflict, errors.WishClosed)},
)
accept = extend_schema(
    operation_id="waitlist_offer_accept",
    parameters=[REQUIRED_KEY],
    request=None,
    responses={
        200: AcceptedSerializer,
        **problems(*ALWAYS, *WITH_BODY, *ONE_OBJECT, KeyRequired, *_KEYS, errors.OfferOver, errors.PatientOverlap),
    },
)
decline = extend_schema(
    operation_id="waitlist_offer_decline",
    parameters=[IDEMPOTENCY_KEY],
    request=DeclineSerializer,
    responses={200: OfferSerializer, **problems(*ALWAYS, *WITH_BODY, *ONE_OBJECT, *_KEYS, errors.OfferOver)},
)
