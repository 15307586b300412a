"""What the OpenAPI document says of visits, holds and free time."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from appointments import errors
from appointments.models import CancellationReason, Source, Status
from appointments.services.refusing import LONGEST, SHORTEST, STEP
from mediconnect.api.fields import InvalidLocalTime
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
from mediconnect.errors import Invalid
from mediconnect.idempotency.errors import InProgress, KeyInvalid, KeyRequired, KeyReused

_INSTANT: Final = "RFC 3339 with an offset"
_SECOND: Final = "who is there as well: both are free, or nothing is booked; staff alone may say"


class OverrideSerializer(serializers.Serializer[Any]):
    """That staff put a visit where the rules would not."""

    reason = serializers.CharField(max_length=200)


class TakenOverrideSerializer(OverrideSerializer):
    """An override and who made it."""

    by = serializers.UUIDField(allow_null=True)


class PlaceInSeriesSerializer(serializers.Serializer[Any]):
    """Which visit of which series it is: the third `of` eight."""

    id = serializers.UUIDField()
    occurrence = serializers.IntegerField()
    of = serializers.IntegerField()


class AppointmentSerializer(serializers.Serializer[Any]):
    """A visit. Members from `internal_note` on are for staff alone."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    status = serializers.ChoiceField(Status.choices)
    clinic = serializers.UUIDField()
    timezone = serializers.CharField()
    provider = serializers.UUIDField()
    second_provider = serializers.UUIDField(allow_null=True)
    room = serializers.UUIDField(allow_null=True)
    appointment_type = serializers.UUIDField()
    patient = serializers.UUIDField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    reason = serializers.CharField(allow_blank=True)
    patient_note = serializers.CharField(allow_blank=True)
    cancellation_reason = serializers.ChoiceField(CancellationReason.choices, allow_null=True)
    source = serializers.ChoiceField(Source.choices)  # type: ignore[assignment]  # the contract's word, and DRF's as well
    series = PlaceInSeriesSerializer(allow_null=True, help_text="null for a visit that does not come back")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    internal_note = serializers.CharField(required=False, allow_blank=True)
    device = serializers.UUIDField(required=False, allow_null=True)
    session = serializers.UUIDField(required=False, allow_null=True)
    seat = serializers.IntegerField(required=False, allow_null=True)
    override = TakenOverrideSerializer(required=False, allow_null=True)
    arrived_at = serializers.DateTimeField(required=False, allow_null=True)
    roomed_at = serializers.DateTimeField(required=False, allow_null=True)
    started_at = serializers.DateTimeField(required=False, allow_null=True)
    ended_at = serializers.DateTimeField(required=False, allow_null=True)


class BookingSerializer(serializers.Serializer[Any]):
    """A booking. Patients may leave `patient` out; staff name one of their clinic's."""

    appointment_type = serializers.UUIDField()
    provider = serializers.UUIDField()
    second_provider = serializers.UUIDField(required=False, allow_null=True, help_text=_SECOND)
    start = serializers.DateTimeField(help_text=_INSTANT)
    patient = serializers.UUIDField(required=False)
    hold = serializers.UUIDField(required=False)
    reason = serializers.CharField(required=False, max_length=1000)
    patient_note = serializers.CharField(required=False, max_length=1000)
    override = OverrideSerializer(required=False)


class VersionSerializer(serializers.Serializer[Any]):
    """The version last seen, unless If-Match says it."""

    version = serializers.IntegerField(required=False, min_value=1)


class MoveSerializer(VersionSerializer):
    """A new time, and a new provider or length where that changes."""

    start = serializers.DateTimeField(help_text=_INSTANT)
    provider = serializers.UUIDField(required=False)
    second_provider = serializers.UUIDField(
        required=False, allow_null=True, help_text=f"{_SECOND}; null for nobody, and left out it stays as it is"
    )
    minutes = serializers.IntegerField(
        required=False,
        min_value=SHORTEST,
        max_value=LONGEST,
        help_text=f"how long the visit lasts, in steps of {STEP}; staff alone may say, and no group's visit has its own",
    )
    override = OverrideSerializer(required=False)


class CancellationSerializer(VersionSerializer):
    """Why the visit is cancelled."""

    reason = serializers.ChoiceField(CancellationReason.choices)


class NotesSerializer(VersionSerializer):
    """What is written beside a visit."""

    reason = serializers.CharField(required=False, max_length=1000, allow_blank=True)
    patient_note = serializers.CharField(required=False, max_length=1000, allow_blank=True)
    internal_note = serializers.CharField(required=False, max_length=4000, allow_blank=True)


class WantedHoldSerializer(serializers.Serializer[Any]):
    """A time to hold."""

    appointment_type = serializers.UUIDField()
    provider = serializers.UUIDField()
    second_provider = serializers.UUIDField(required=False, allow_null=True, help_text=_SECOND)
    start = serializers.DateTimeField(help_text=_INSTANT)
    patient = serializers.UUIDField(required=False)


class HoldSerializer(serializers.Serializer[Any]):
    """A held time; after `expires_at` it blocks nobody."""

    id = serializers.UUIDField()
    clinic = serializers.UUIDField()
    timezone = serializers.CharField()
    provider = serializers.UUIDField()
    second_provider = serializers.UUIDField(allow_null=True)
    room = serializers.UUIDField(allow_null=True)
    appointment_type = serializers.UUIDField()
    patient = serializers.UUIDField(allow_null=True)
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class StartSerializer(serializers.Serializer[Any]):
    """A free start."""

    provider = serializers.UUIDField()
    clinic = serializers.UUIDField()
    room = serializers.UUIDField(allow_null=True)
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class AvailabilitySerializer(serializers.Serializer[Any]):
    """Free starts in order; `next_available` where there are none."""

    clinic = serializers.UUIDField()
    timezone = serializers.CharField()
    next_available = serializers.DateTimeField(allow_null=True)
    results = StartSerializer(many=True)


class RuleSerializer(serializers.Serializer[Any]):
    """A rule that blocks a time, with what it says in numbers: of a booking limit, which one it is and how many."""

    rule = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True, required=False)
    second_provider = serializers.UUIDField(
        required=False, help_text="where it is the second provider who is in the way"
    )
    limit = serializers.ChoiceField(["provider", "type", "clinic"], required=False)
    most = serializers.IntegerField(required=False)
    minutes = serializers.IntegerField(required=False)
    days = serializers.IntegerField(required=False)


class ExplanationSerializer(RuleSerializer):
    """Every rule that blocks a time; `rule` and `until` are the first one's."""

    rule = serializers.CharField(allow_null=True)
    free = serializers.BooleanField()
    rules = RuleSerializer(many=True)
    start = serializers.DateTimeField()
    timezone = serializers.CharField()


class ChangeSerializer(serializers.Serializer[Any]):
    """One change: who, what, before, after, when."""

    at = serializers.DateTimeField()
    operation = serializers.CharField()
    version = serializers.IntegerField(allow_null=True)
    by = serializers.UUIDField(allow_null=True)
    request_id = serializers.CharField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    before = serializers.DictField()
    after = serializers.DictField()


_KEYS: Final = (KeyInvalid, InProgress, KeyReused)
_RULES: Final = (
    errors.OutsideAvailability,
    errors.TooSoon,
    errors.TooFar,
    errors.NotBookableOnline,
    errors.DailyLimit,
    errors.BookingLimit,
    errors.NoSecondProvider,
)
_CHANGE: Final = (*ALWAYS, *WITH_BODY, *ONE_OBJECT, *VERSIONED, *_KEYS)
_FILTERS: Final = [
    OpenApiParameter("from", OpenApiTypes.DATETIME, description="visits that end after this instant"),
    OpenApiParameter("to", OpenApiTypes.DATETIME, description="visits that start before this instant"),
    OpenApiParameter("status", OpenApiTypes.STR, description="one or several, joined by commas"),
    OpenApiParameter("provider", OpenApiTypes.UUID),
    OpenApiParameter("patient", OpenApiTypes.UUID),
    OpenApiParameter("clinic", OpenApiTypes.UUID),
    LIMIT,
    CURSOR,
]
_TYPE: Final = OpenApiParameter("appointment_type", OpenApiTypes.UUID, required=True)

list_appointments = extend_schema(
    operation_id="appointments_list",
    parameters=_FILTERS,
    responses={200: paged(AppointmentSerializer), **problems(*ALWAYS, Invalid)},
)
book = extend_schema(
    operation_id="appointments_book",
    parameters=[REQUIRED_KEY],
    request=BookingSerializer,
    responses={
        201: AppointmentSerializer,
        **problems(
            *ALWAYS, *WITH_BODY, *ONE_OBJECT, InvalidLocalTime, KeyRequired, *_KEYS, errors.SlotTaken, errors.PatientOverlap,
            errors.HoldMismatch, *_RULES,
        ),
    },
)  # fmt: skip
read_appointment = extend_schema(
    operation_id="appointments_read", responses={200: AppointmentSerializer, **problems(*ALWAYS, *ONE_OBJECT)}
)
note_appointment = extend_schema(
    operation_id="appointments_note",
    parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    request=NotesSerializer,
    responses={200: AppointmentSerializer, **problems(*_CHANGE)},
)
reschedule = extend_schema(
    operation_id="appointments_reschedule",
    parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    request=MoveSerializer,
    responses={
        200: AppointmentSerializer,
        **problems(
            *_CHANGE,
            InvalidLocalTime,
            errors.SlotTaken,
            errors.PatientOverlap,
            errors.InvalidTransition,
            errors.TooLateToMove,
            errors.GroupLength,
            *_RULES,
        ),
    },
)
cancel = extend_schema(
    operation_id="appointments_cancel",
    parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    request=CancellationSerializer,
    responses={
        200: AppointmentSerializer,
        **problems(*_CHANGE, errors.InvalidTransition, errors.TooLateToCancel, errors.CancelLimit),
    },
)
take_step = extend_schema(
    parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    request=VersionSerializer,
    responses={200: AppointmentSerializer, **problems(*_CHANGE, errors.InvalidTransition)},
)
undo = extend_schema(
    operation_id="appointments_undo",
    parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    request=VersionSerializer,
    responses={
        200: AppointmentSerializer,
        **problems(*_CHANGE, errors.NothingToUndo, errors.UndoExpired, errors.SlotTaken, errors.PatientOverlap),
    },
)
calendar = extend_schema(
    operation_id="appointments_calendar",
    responses={(200, "text/calendar"): OpenApiResponse(OpenApiTypes.STR), **problems(*ALWAYS, *ONE_OBJECT)},
)
history = extend_schema(
    operation_id="appointments_history",
    parameters=[LIMIT, CURSOR],
    responses={200: paged(ChangeSerializer), **problems(*ALWAYS, *ONE_OBJECT, Invalid)},
)
place_hold = extend_schema(
    operation_id="holds_place",
    parameters=[REQUIRED_KEY],
    request=WantedHoldSerializer,
    responses={
        201: HoldSerializer,
        **problems(
            *ALWAYS, *WITH_BODY, *ONE_OBJECT, InvalidLocalTime, KeyRequired, *_KEYS, errors.SlotTaken, errors.PatientOverlap,
            errors.HoldLimit, *_RULES,
        ),
    },
)  # fmt: skip
release_hold = extend_schema(operation_id="holds_release", responses={204: None, **problems(*ALWAYS, *ONE_OBJECT)})
availability = extend_schema(
    operation_id="availability_list",
    parameters=[
        _TYPE,
        OpenApiParameter(
            "from", OpenApiTypes.STR, required=True, description="an instant, or a date of the clinic's calendar"
        ),
        OpenApiParameter(
            "to", OpenApiTypes.STR, required=True, description="likewise; a date is included. 31 days at most"
        ),
        OpenApiParameter("clinic", OpenApiTypes.UUID),
        OpenApiParameter("provider", OpenApiTypes.UUID, many=True),
        OpenApiParameter("second_provider", OpenApiTypes.UUID, description="times at which this one is free as well"),
        OpenApiParameter("limit", OpenApiTypes.INT, description="1 to 20,000 starts"),
    ],
    responses={
        200: AvailabilitySerializer,
        304: OpenApiResponse(description="not changed since the answer with this ETag"),
        **problems(*ALWAYS, Invalid, InvalidLocalTime, *ONE_OBJECT, errors.NotBookableOnline),
    },
)
explain = extend_schema(
    operation_id="availability_explain",
    parameters=[
        _TYPE,
        OpenApiParameter("provider", OpenApiTypes.UUID, required=True),
        OpenApiParameter("second_provider", OpenApiTypes.UUID, description="who is there as well"),
        OpenApiParameter("start", OpenApiTypes.DATETIME, required=True),
        OpenApiParameter("patient", OpenApiTypes.UUID),
    ],
    responses={200: ExplanationSerializer, **problems(*ALWAYS, Invalid, InvalidLocalTime, *ONE_OBJECT)},
)
