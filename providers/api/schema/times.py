"""The shapes of requests and answers about hours, time off and closures."""

from typing import Any, Final

from rest_framework import serializers

from .shapes import VERSION_SEEN

_S = serializers.Serializer[Any]

_WALL_CLOCK: Final = "HH:MM by the clinic's clock"
_END: Final = "HH:MM by the clinic's clock; at or before the start: on the next day"
_TYPES: Final = "appointment types that may be booked in them; empty for all"


class WorkingHoursSerializer(_S):
    """Hours that come back on a weekday (0 is Monday) or by an RRULE."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    provider = serializers.UUIDField()
    clinic = serializers.UUIDField()
    weekday = serializers.IntegerField(allow_null=True, min_value=0, max_value=6)
    rrule = serializers.CharField(allow_blank=True)
    start_time = serializers.TimeField(help_text=_WALL_CLOCK)
    end_time = serializers.TimeField(help_text=_END)
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True, help_text="the last day")
    types = serializers.ListField(child=serializers.UUIDField(), help_text=_TYPES)


class NewWorkingHoursSerializer(_S):
    """Hours to come back: give `weekday` or `rrule`. `clinic` may be left out where there is one to choose."""

    clinic = serializers.UUIDField(required=False)
    weekday = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=6)
    rrule = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="days alone, as in FREQ=MONTHLY;BYDAY=-1FR"
    )
    start_time = serializers.CharField(help_text=_WALL_CLOCK)
    end_time = serializers.CharField(help_text=_END)
    valid_from = serializers.DateField(required=False, help_text="today if left out")
    valid_until = serializers.DateField(required=False, allow_null=True, help_text="the last day")
    types = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100, help_text=_TYPES)


class WorkingHoursChangeSerializer(_S):
    """What shall be different from now on; what is left out stays."""

    weekday = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=6)
    rrule = serializers.CharField(required=False, allow_blank=True, max_length=200)
    start_time = serializers.CharField(required=False, help_text=_WALL_CLOCK)
    end_time = serializers.CharField(required=False, help_text=_END)
    valid_from = serializers.DateField(required=False)
    valid_until = serializers.DateField(required=False, allow_null=True)
    types = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100, help_text=_TYPES)
    version = serializers.IntegerField(required=False, min_value=1, help_text=VERSION_SEEN)


class OneOffHoursSerializer(_S):
    """Hours on one date."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    provider = serializers.UUIDField()
    clinic = serializers.UUIDField()
    date = serializers.DateField()
    start_time = serializers.TimeField(help_text=_WALL_CLOCK)
    end_time = serializers.TimeField(help_text=_END)
    types = serializers.ListField(child=serializers.UUIDField(), help_text=_TYPES)


class NewOneOffHoursSerializer(_S):
    """Hours on one date, public holiday or not. `clinic` may be left out where there is one to choose."""

    clinic = serializers.UUIDField(required=False)
    date = serializers.DateField()
    start_time = serializers.CharField(help_text=_WALL_CLOCK)
    end_time = serializers.CharField(help_text=_END)
    types = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100, help_text=_TYPES)


class OneOffHoursChangeSerializer(_S):
    """What shall be different; what is left out stays."""

    date = serializers.DateField(required=False)
    start_time = serializers.CharField(required=False, help_text=_WALL_CLOCK)
    end_time = serializers.CharField(required=False, help_text=_END)
    types = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=100, help_text=_TYPES)
    version = serializers.IntegerField(required=False, min_value=1, help_text=VERSION_SEEN)


_EDGE: Final = "RFC 3339 with an offset, or a date for whole days by the clinic's clock (the last one included)"


class _AbsenceSerializer(_S):
    id = serializers.UUIDField()
    version = serializers.IntegerField()
    timezone = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    cancelled = serializers.BooleanField()


class TimeOffSerializer(_AbsenceSerializer):
    """When a provider is away, wherever it works. `reason` is for those who may change it."""

    provider = serializers.UUIDField()
    reason = serializers.CharField(required=False, allow_blank=True)


class ClosureSerializer(_AbsenceSerializer):
    """When a clinic is closed."""

    clinic = serializers.UUIDField()
    reason = serializers.CharField(allow_blank=True)


class NewClosureSerializer(_S):
    """A closure, from instant to instant or for whole days."""

    start = serializers.CharField(help_text=_EDGE)
    end = serializers.CharField(help_text=_EDGE)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)


class NewTimeOffSerializer(NewClosureSerializer):
    """Time off. `clinic` says by whose clock dates are meant, where the provider works in several zones."""

    clinic = serializers.UUIDField(required=False)


class ClosureChangeSerializer(_S):
    """What shall be different; `cancelled: true` withdraws it."""

    start = serializers.CharField(required=False, help_text=_EDGE)
    end = serializers.CharField(required=False, help_text=_EDGE)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=200)
    cancelled = serializers.BooleanField(required=False)
    version = serializers.IntegerField(required=False, min_value=1, help_text=VERSION_SEEN)


class TimeOffChangeSerializer(ClosureChangeSerializer):
    """What shall be different; `cancelled: true` withdraws it."""

    clinic = serializers.UUIDField(required=False)
