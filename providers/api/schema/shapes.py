"""The shapes of requests and answers about clinics, providers, hours and types of visit."""

from typing import Any, Final

from rest_framework import serializers

from providers.services import kinds, places
from providers.services.kinds import GRIDS, LIMITS
from providers.services.places import POLICY

_S = serializers.Serializer[Any]
VERSION_SEEN: Final = "the version last seen, unless If-Match says it"


def _numbers(limits: dict[str, tuple[int, int]], open_ended: frozenset[str]) -> dict[str, Any]:
    return {
        name: serializers.IntegerField(required=False, min_value=least, max_value=most, allow_null=name in open_ended)
        for name, (least, most) in limits.items()
    }


class ClinicSerializer(_S):
    """A clinic with its booking policy."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    timezone = serializers.CharField(help_text="IANA name, as in America/New_York")
    region = serializers.CharField(allow_blank=True, help_text="whose public holidays close it, as in US-NY")
    phone = serializers.CharField(allow_blank=True)
    address = serializers.CharField(allow_blank=True)
    active = serializers.BooleanField()
    minimum_notice_minutes = serializers.IntegerField()
    horizon_days = serializers.IntegerField()
    cancel_cutoff_hours = serializers.IntegerField()
    move_cutoff_hours = serializers.IntegerField()
    hold_minutes = serializers.IntegerField()
    open_bookings_limit = serializers.IntegerField(help_text="visits ahead that a patient may book with one provider")
    open_bookings_total = serializers.IntegerField(
        allow_null=True, help_text="visits ahead that a patient may book here at all; null for no limit"
    )
    cancels_per_day = serializers.IntegerField(
        allow_null=True, help_text="visits that a patient may cancel in a day; null for no limit"
    )


ClinicChangeSerializer = type(
    "ClinicChangeSerializer",
    (_S,),
    {
        "__doc__": "What shall be different about a clinic; what is left out stays.",
        "name": serializers.CharField(required=False, max_length=120),
        "timezone": serializers.CharField(required=False, max_length=64),
        "region": serializers.CharField(required=False, max_length=8, allow_blank=True),
        "phone": serializers.CharField(required=False, max_length=20, allow_blank=True),
        "address": serializers.CharField(required=False, max_length=250, allow_blank=True),
        **_numbers(POLICY, places.OPEN_ENDED),
        "version": serializers.IntegerField(required=False, min_value=1, help_text=VERSION_SEEN),
    },
)


class ProviderRoleSerializer(_S):
    """Where a provider works, and as what."""

    clinic = serializers.UUIDField()
    name = serializers.CharField()
    specialty = serializers.CharField(allow_blank=True)
    active = serializers.BooleanField()


class ProviderSerializer(_S):
    """A person who sees patients."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    active = serializers.BooleanField()
    clinics = ProviderRoleSerializer(many=True)


class AppointmentTypeSerializer(_S):
    """A type of visit. Lengths are minutes; `room_kind` and `device_kind` name what it needs, empty for nothing."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    clinic = serializers.UUIDField()
    name = serializers.CharField()
    duration = serializers.IntegerField()
    buffer_before = serializers.IntegerField()
    buffer_after = serializers.IntegerField()
    start_grid = serializers.IntegerField()
    colour = serializers.CharField()
    bookable_online = serializers.BooleanField()
    room_kind = serializers.CharField(allow_blank=True)
    device_kind = serializers.CharField(allow_blank=True)
    daily_limit = serializers.IntegerField(allow_null=True)
    capacity = serializers.IntegerField()
    minimum_notice_minutes = serializers.IntegerField(allow_null=True, help_text="null: as the clinic says")
    cancel_cutoff_hours = serializers.IntegerField(allow_null=True, help_text="null: as the clinic says")
    move_cutoff_hours = serializers.IntegerField(allow_null=True, help_text="null: as the clinic says")
    open_bookings_limit = serializers.IntegerField(
        allow_null=True, help_text="visits ahead of this type that a patient may book; null for no limit"
    )
    active = serializers.BooleanField()


_TYPE_MEMBERS: Final[dict[str, Any]] = {
    **_numbers(LIMITS, kinds.OPEN_ENDED),
    "start_grid": serializers.ChoiceField(GRIDS, required=False),
    "colour": serializers.RegexField(r"^#[0-9a-f]{6}$", required=False),
    "bookable_online": serializers.BooleanField(required=False),
    "room_kind": serializers.CharField(required=False, max_length=40, allow_blank=True),
    "device_kind": serializers.CharField(required=False, max_length=40, allow_blank=True),
    "active": serializers.BooleanField(required=False),
}
NewAppointmentTypeSerializer = type(
    "NewAppointmentTypeSerializer",
    (_S,),
    {"__doc__": "A new type of visit.", "name": serializers.CharField(max_length=120), **_TYPE_MEMBERS},
)
AppointmentTypeChangeSerializer = type(
    "AppointmentTypeChangeSerializer",
    (_S,),
    {
        "__doc__": "What shall be different about a type; what is left out stays.",
        "name": serializers.CharField(required=False, max_length=120),
        **_TYPE_MEMBERS,
        "version": serializers.IntegerField(required=False, min_value=1, help_text=VERSION_SEEN),
    },
)


class ResourceSerializer(_S):
    """A room or device, and the category by which types of visit ask for it."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    clinic = serializers.UUIDField()
    name = serializers.CharField()
    category = serializers.CharField(allow_blank=True)
    active = serializers.BooleanField()


class NewResourceSerializer(_S):
    """A new room or device."""

    name = serializers.CharField(max_length=120)
    category = serializers.CharField(required=False, max_length=40, allow_blank=True)


class ResourceChangeSerializer(_S):
    """What shall be different; `active: false` puts it out of use."""

    name = serializers.CharField(required=False, max_length=120)
    category = serializers.CharField(required=False, max_length=40, allow_blank=True)
    active = serializers.BooleanField(required=False)
    version = serializers.IntegerField(required=False, min_value=1, help_text=VERSION_SEEN)


class PieceSerializer(_S):
    """A stretch of time, and the types of visit it is for; null for all."""

    resource = serializers.UUIDField()
    clinic = serializers.UUIDField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    types = serializers.ListField(child=serializers.UUIDField(), allow_null=True)


class TouchedVisitSerializer(_S):
    """A visit in the way; of one at a clinic that is not the caller's the time alone."""

    id = serializers.UUIDField(allow_null=True)
    clinic = serializers.UUIDField(allow_null=True)
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class PreviewSerializer(_S):
    """What an edit would open, close and touch: the first 200 of each, counts of all. Nothing was written."""

    dry_run = serializers.BooleanField()
    opens = PieceSerializer(many=True)
    closes = PieceSerializer(many=True)
    minutes_opened = serializers.IntegerField()
    minutes_closed = serializers.IntegerField()
    starts_opened = serializers.IntegerField(
        help_text="times on the clinic's finest grid at which its shortest visit fits"
    )
    starts_closed = serializers.IntegerField()
    visits = TouchedVisitSerializer(many=True)
