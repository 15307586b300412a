"""What the OpenAPI document says of series."""

from typing import Any, Final

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from appointments import errors
from appointments.api.schema import AppointmentSerializer, RuleSerializer
from appointments.models import CancellationReason
from appointments.rules.series import LEAST, MOST, Scope
from appointments.services.refusing import LONGEST, SHORTEST
from mediconnect.api.fields import InvalidLocalTime
from mediconnect.api.schema import (
    ALWAYS,
    CURSOR,
    IDEMPOTENCY_KEY,
    LIMIT,
    ONE_OBJECT,
    REQUIRED_KEY,
    WITH_BODY,
    paged,
    problems,
)
from mediconnect.errors import Invalid, VersionConflict, VersionRequired
from mediconnect.idempotency.errors import InProgress, KeyInvalid, KeyRequired, KeyReused

_KEYS: Final = (KeyInvalid, InProgress, KeyReused)
_WALL: Final = "by the clinic's clock, as in 09:30; kept through changes of the clock"
_SCOPES: Final = [(str(one), str(one)) for one in Scope]
_WHY_STAYING: Final = [(word, word) for word in ("over", "stray", "there", "chosen")]


class ChoiceSerializer(serializers.Serializer[Any]):
    """What becomes of one occurrence: another start or provider than planned, or no visit at all."""

    occurrence = serializers.IntegerField(min_value=1)
    start = serializers.DateTimeField(required=False, help_text="RFC 3339 with an offset; as planned without")
    provider = serializers.UUIDField(required=False)
    leave_out = serializers.BooleanField(required=False)


class SeriesBookingSerializer(serializers.Serializer[Any]):
    """A series: a finite rule of days, a time of day, and a choice for each occurrence that shall differ."""

    appointment_type = serializers.UUIDField()
    provider = serializers.UUIDField()
    second_provider = serializers.UUIDField(required=False, allow_null=True)
    patient = serializers.UUIDField()
    rrule = serializers.CharField(
        max_length=200,
        help_text=f"RFC 5545, daily, weekly or monthly, {LEAST} to {MOST} visits, as in FREQ=WEEKLY;INTERVAL=2;COUNT=8",
    )
    starts_on = serializers.DateField()
    start_time = serializers.CharField(help_text=_WALL)
    minutes = serializers.IntegerField(required=False, min_value=SHORTEST, max_value=LONGEST)
    reason = serializers.CharField(required=False, max_length=1000)
    patient_note = serializers.CharField(required=False, max_length=1000)
    choices = ChoiceSerializer(many=True, required=False)


class AlternativeSerializer(serializers.Serializer[Any]):
    """A free time that would do instead."""

    provider = serializers.UUIDField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class PlannedOccurrenceSerializer(serializers.Serializer[Any]):
    """One occurrence: free, or the rules in the way and up to three times instead."""

    occurrence = serializers.IntegerField()
    appointment = serializers.UUIDField(allow_null=True, help_text="the visit that would move; null for a new one")
    provider = serializers.UUIDField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    clock_skips = serializers.BooleanField(
        help_text="the clock skips the time on that day: it begins when the clock goes on"
    )
    free = serializers.BooleanField()
    rule = serializers.CharField(allow_null=True)
    rules = RuleSerializer(many=True)
    alternatives = AlternativeSerializer(many=True)


class StayingSerializer(serializers.Serializer[Any]):
    """A visit that a move leaves alone, and why."""

    occurrence = serializers.IntegerField()
    appointment = serializers.UUIDField()
    why = serializers.ChoiceField(_WHY_STAYING)


class SeriesPlanSerializer(serializers.Serializer[Any]):
    """What a series would meet. Nothing is held by it."""

    clinic = serializers.UUIDField()
    timezone = serializers.CharField()
    rrule = serializers.CharField()
    free = serializers.BooleanField()
    conflicts = serializers.IntegerField()
    occurrences = PlannedOccurrenceSerializer(many=True)
    left_out = serializers.ListField(child=serializers.IntegerField())
    staying = StayingSerializer(many=True)


class SeriesSerializer(serializers.Serializer[Any]):
    """A series: the rule that its visits were made from. What later happened to each is the visit's own."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    clinic = serializers.UUIDField()
    timezone = serializers.CharField()
    patient = serializers.UUIDField()
    provider = serializers.UUIDField()
    appointment_type = serializers.UUIDField()
    rrule = serializers.CharField()
    starts_on = serializers.DateField()
    start_time = serializers.CharField(help_text=_WALL)
    minutes = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(help_text="how many visits it was booked with")
    left_out = serializers.ListField(child=serializers.DateField())
    cancelled_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class WholeSeriesSerializer(SeriesSerializer):
    """A series with its visits."""

    visits = AppointmentSerializer(many=True)


class ChangedSeriesSerializer(WholeSeriesSerializer):
    """A series after a change: the numbers of the visits that it changed, and of those that were meant and left alone."""

    changed = serializers.ListField(child=serializers.IntegerField())
    left_alone = serializers.ListField(child=serializers.IntegerField())


class _ScopedSerializer(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(_SCOPES)
    occurrence = serializers.IntegerField(
        required=False, min_value=1, help_text="the visit that the scope is seen from; needed but for `all`"
    )
    versions = serializers.DictField(
        child=serializers.IntegerField(min_value=1),
        help_text="of each visit that is to change, by its id, as last seen",
    )


class SeriesCancellationSerializer(_ScopedSerializer):
    """Which visits are cancelled, and why."""

    reason = serializers.ChoiceField(CancellationReason.choices)


class SeriesMoveSerializer(_ScopedSerializer):
    """Which visits move, and what of their time changes."""

    start_time = serializers.CharField(required=False, help_text=_WALL)
    days = serializers.IntegerField(required=False, min_value=-6, max_value=6, help_text="2: from Tuesday to Thursday")
    provider = serializers.UUIDField(required=False)
    strays = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="visits moved by hand before that shall come along"
    )
    choices = ChoiceSerializer(many=True, required=False)
    versions = serializers.DictField(
        child=serializers.IntegerField(min_value=1), required=False, help_text="needed unless it is a dry run"
    )


class SeriesVersionsSerializer(serializers.Serializer[Any]):
    """The visits that a cancellation took, with the versions that it made."""

    versions = serializers.DictField(child=serializers.IntegerField(min_value=1))


_DRY_RUN: Final = OpenApiParameter("dry_run", OpenApiTypes.BOOL, description="plan it and write nothing")
_CHANGE: Final = (*ALWAYS, *WITH_BODY, *ONE_OBJECT, VersionRequired, VersionConflict, *_KEYS)

list_series = extend_schema(
    operation_id="series_list",
    parameters=[
        OpenApiParameter("patient", OpenApiTypes.UUID),
        OpenApiParameter("provider", OpenApiTypes.UUID),
        OpenApiParameter("clinic", OpenApiTypes.UUID),
        LIMIT,
        CURSOR,
    ],
    responses={200: paged(SeriesSerializer), **problems(*ALWAYS, Invalid)},
)
book_series = extend_schema(
    operation_id="series_book",
    parameters=[REQUIRED_KEY, _DRY_RUN],
    request=SeriesBookingSerializer,
    responses={
        200: OpenApiResponse(SeriesPlanSerializer, description="the plan of a dry run"),
        201: WholeSeriesSerializer,
        **problems(
            *ALWAYS, *WITH_BODY, *ONE_OBJECT, InvalidLocalTime, KeyRequired, *_KEYS, errors.SeriesConflicts,
            errors.GroupLength, errors.NoSecondProvider,
        ),
    },
)  # fmt: skip
read_series = extend_schema(
    operation_id="series_read", responses={200: WholeSeriesSerializer, **problems(*ALWAYS, *ONE_OBJECT)}
)
cancel_series = extend_schema(
    operation_id="series_cancel",
    parameters=[IDEMPOTENCY_KEY],
    request=SeriesCancellationSerializer,
    responses={200: ChangedSeriesSerializer, **problems(*_CHANGE, errors.SeriesOver)},
)
move_series = extend_schema(
    operation_id="series_move",
    parameters=[IDEMPOTENCY_KEY, _DRY_RUN],
    request=SeriesMoveSerializer,
    responses={
        200: OpenApiResponse(ChangedSeriesSerializer, description="the series as it is now; of a dry run the plan"),
        **problems(*_CHANGE, InvalidLocalTime, errors.SeriesConflicts, errors.SeriesOver, errors.NoSecondProvider),
    },
)
restore_series = extend_schema(
    operation_id="series_restore",
    parameters=[IDEMPOTENCY_KEY],
    request=SeriesVersionsSerializer,
    responses={
        200: ChangedSeriesSerializer,
        **problems(*_CHANGE, errors.NothingToUndo, errors.UndoExpired, errors.SlotTaken, errors.PatientOverlap),
    },
)
calendar = extend_schema(
    operation_id="series_calendar",
    responses={(200, "text/calendar"): OpenApiResponse(OpenApiTypes.STR), **problems(*ALWAYS, *ONE_OBJECT)},
)
