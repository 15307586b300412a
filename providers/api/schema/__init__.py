"""What the OpenAPI document says of the directory and of setup: each operation with its refusals."""

import functools
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers

from mediconnect.api.fields import InvalidLocalTime
from mediconnect.api.schema import (
    ALWAYS,
    CURSOR,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    LIMIT,
    ONE_OBJECT,
    VERSIONED,
    WITH_BODY,
    paged,
    problems,
)
from mediconnect.errors import Invalid
from mediconnect.idempotency.errors import InProgress, KeyInvalid, KeyReused
from providers.errors import NameTaken, VisitsInTheWay

from .shapes import (
    AppointmentTypeChangeSerializer,
    AppointmentTypeSerializer,
    ClinicChangeSerializer,
    ClinicSerializer,
    NewAppointmentTypeSerializer,
    NewResourceSerializer,
    PreviewSerializer,
    ProviderSerializer,
    ResourceChangeSerializer,
    ResourceSerializer,
)
from .times import (
    ClosureChangeSerializer,
    ClosureSerializer,
    NewClosureSerializer,
    NewOneOffHoursSerializer,
    NewTimeOffSerializer,
    NewWorkingHoursSerializer,
    OneOffHoursChangeSerializer,
    OneOffHoursSerializer,
    TimeOffChangeSerializer,
    TimeOffSerializer,
    WorkingHoursChangeSerializer,
    WorkingHoursSerializer,
)

_S = serializers.Serializer[Any]
_Method = TypeVar("_Method", bound=Callable[..., Any])


class Operation(Protocol):
    """A decorator that tells the document about a method and leaves the method as it is."""

    def __call__(self, method: _Method, /) -> _Method:
        """Return the method."""
        ...


_DRY_RUN: Final = OpenApiParameter(
    "dry_run",
    OpenApiTypes.BOOL,
    description="true: answer what the edit would open, close and touch, and write nothing",
)
_KEYS: Final = (KeyInvalid, InProgress, KeyReused)
_SEARCH: Final = [
    OpenApiParameter("clinic", OpenApiTypes.UUID),
    OpenApiParameter("specialty", OpenApiTypes.STR, description="a part of what a provider is there"),
    OpenApiParameter("q", OpenApiTypes.STR, description="a part of the name"),
    OpenApiParameter("appointment_type", OpenApiTypes.UUID),
    LIMIT,
    CURSOR,
]
_CLINIC: Final = OpenApiParameter("clinic", OpenApiTypes.UUID)
_DAYS: Final = [
    OpenApiParameter("from", OpenApiTypes.DATE, description="what ends on this day or later"),
    OpenApiParameter("to", OpenApiTypes.DATE, description="what begins on this day or earlier"),
]
_CANCELLED: Final = OpenApiParameter("cancelled", OpenApiTypes.BOOL, description="true: what was withdrawn")
_PREVIEWED: Final = OpenApiResponse(PreviewSerializer, description="the preview of a dry run")


@functools.cache
def _page_of(row: type[_S]) -> type[_S]:
    return paged(row)


def _listed(row: type[_S], operation: str, *parameters: OpenApiParameter, tag: str = "setup") -> Operation:
    return extend_schema(
        tags=[tag],
        operation_id=operation,
        parameters=list(parameters) or [LIMIT, CURSOR],
        responses={200: _page_of(row), **problems(Invalid, *ONE_OBJECT, *ALWAYS)},
    )


def _read(row: type[_S], operation: str, *, tag: str = "setup") -> Operation:
    return extend_schema(tags=[tag], operation_id=operation, responses={200: row, **problems(*ONE_OBJECT, *ALWAYS)})


def _added(row: type[_S], new: type[_S], operation: str, *refusals: Any) -> Operation:
    return extend_schema(
        tags=["setup"],
        operation_id=operation,
        parameters=[_DRY_RUN, IDEMPOTENCY_KEY],
        request=new,
        responses={
            200: _PREVIEWED,
            201: row,
            **problems(*refusals, *WITH_BODY, *ONE_OBJECT, *_KEYS, *ALWAYS),
        },
    )


def _changed(row: type[_S], change: type[_S], operation: str, *refusals: Any) -> Operation:
    either = PolymorphicProxySerializer(
        component_name=f"{row.__name__.removesuffix('Serializer')}OrPreview",
        serializers=[row, PreviewSerializer],
        resource_type_field_name=None,
    )
    return extend_schema(
        tags=["setup"],
        operation_id=operation,
        parameters=[_DRY_RUN, IF_MATCH],
        request=change,
        responses={200: either, **problems(*refusals, *VERSIONED, *WITH_BODY, *ONE_OBJECT, *ALWAYS)},
    )


def _ended(operation: str) -> Operation:
    return extend_schema(
        tags=["setup"],
        operation_id=operation,
        parameters=[_DRY_RUN, IF_MATCH],
        request=None,
        responses={
            200: _PREVIEWED,
            204: OpenApiResponse(description="It has ended."),
            **problems(VisitsInTheWay, *VERSIONED, *WITH_BODY, *ONE_OBJECT, *ALWAYS),
        },
    )


list_clinics = _listed(ClinicSerializer, "clinics_list", *_SEARCH, tag="directory")
read_clinic = _read(ClinicSerializer, "clinics_read", tag="directory")
change_clinic = _changed(ClinicSerializer, ClinicChangeSerializer, "clinics_change", NameTaken, VisitsInTheWay)
list_providers = _listed(ProviderSerializer, "providers_list", *_SEARCH, tag="directory")
read_provider = _read(ProviderSerializer, "providers_read", tag="directory")
list_types = _listed(AppointmentTypeSerializer, "appointment_types_list", *_SEARCH, tag="directory")
read_type = _read(AppointmentTypeSerializer, "appointment_types_read", tag="directory")

list_working_hours = _listed(WorkingHoursSerializer, "working_hours_list", _CLINIC, LIMIT, CURSOR)
add_working_hours = _added(WorkingHoursSerializer, NewWorkingHoursSerializer, "working_hours_add")
read_working_hours = _read(WorkingHoursSerializer, "working_hours_read")
change_working_hours = _changed(
    WorkingHoursSerializer, WorkingHoursChangeSerializer, "working_hours_change", VisitsInTheWay
)
end_working_hours = _ended("working_hours_end")

list_one_off_hours = _listed(OneOffHoursSerializer, "one_off_hours_list", _CLINIC, *_DAYS, LIMIT, CURSOR)
add_one_off_hours = _added(OneOffHoursSerializer, NewOneOffHoursSerializer, "one_off_hours_add")
read_one_off_hours = _read(OneOffHoursSerializer, "one_off_hours_read")
change_one_off_hours = _changed(
    OneOffHoursSerializer, OneOffHoursChangeSerializer, "one_off_hours_change", VisitsInTheWay
)
remove_one_off_hours = _ended("one_off_hours_remove")

list_time_off = _listed(TimeOffSerializer, "time_off_list", *_DAYS, _CANCELLED, LIMIT, CURSOR)
enter_time_off = _added(TimeOffSerializer, NewTimeOffSerializer, "time_off_enter", InvalidLocalTime, VisitsInTheWay)
read_time_off = _read(TimeOffSerializer, "time_off_read")
change_time_off = _changed(
    TimeOffSerializer, TimeOffChangeSerializer, "time_off_change", InvalidLocalTime, VisitsInTheWay
)
withdraw_time_off = _ended("time_off_withdraw")

list_closures = _listed(ClosureSerializer, "closures_list", *_DAYS, _CANCELLED, LIMIT, CURSOR)
enter_closure = _added(ClosureSerializer, NewClosureSerializer, "closures_enter", InvalidLocalTime, VisitsInTheWay)
read_closure = _read(ClosureSerializer, "closures_read")
change_closure = _changed(
    ClosureSerializer, ClosureChangeSerializer, "closures_change", InvalidLocalTime, VisitsInTheWay
)
withdraw_closure = _ended("closures_withdraw")


def resources(what: str) -> dict[str, Operation]:
    """Return the operations of a list of rooms or devices, which share their doors."""
    return {
        "get": _listed(ResourceSerializer, f"{what}_list"),
        "post": _added(ResourceSerializer, NewResourceSerializer, f"{what}_add"),
    }


def resource(what: str) -> dict[str, Operation]:
    """Return the operations of one room or device."""
    return {
        "get": _read(ResourceSerializer, f"{what}_read"),
        "patch": _changed(ResourceSerializer, ResourceChangeSerializer, f"{what}_change", VisitsInTheWay),
    }


list_clinic_types = _listed(AppointmentTypeSerializer, "clinic_appointment_types_list")
add_type = _added(AppointmentTypeSerializer, NewAppointmentTypeSerializer, "clinic_appointment_types_add", NameTaken)
read_clinic_type = _read(AppointmentTypeSerializer, "clinic_appointment_types_read")
change_type = _changed(
    AppointmentTypeSerializer, AppointmentTypeChangeSerializer, "clinic_appointment_types_change", NameTaken
)
