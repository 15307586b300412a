"""The addresses of the directory and of what clinics are made of, below /api/v1/."""

from django.urls import path

from providers.models import ResourceKind

from . import directory, hours, setup

_CLINIC = "clinics/<uuid:clinic_id>/"
_PROVIDER = "providers/<uuid:provider_id>/"
_ROW = "<uuid:row_id>/"
_ROOM, _DEVICE = ResourceKind.ROOM, ResourceKind.DEVICE

urlpatterns = [
    path("clinics/", directory.Clinics.as_view(), name="clinics"),
    path(_CLINIC, directory.ClinicDetail.as_view(), name="clinic"),
    path(f"{_CLINIC}closures/", setup.Closures.as_view(), name="closures"),
    path(f"{_CLINIC}closures/{_ROW}", setup.ClosureDetail.as_view(), name="closure"),
    path(f"{_CLINIC}rooms/", setup.Resources.as_view(kind=_ROOM), name="rooms"),
    path(f"{_CLINIC}rooms/{_ROW}", setup.ResourceDetail.as_view(kind=_ROOM), name="room"),
    path(f"{_CLINIC}devices/", setup.Resources.as_view(kind=_DEVICE), name="devices"),
    path(f"{_CLINIC}devices/{_ROW}", setup.ResourceDetail.as_view(kind=_DEVICE), name="device"),
    path(f"{_CLINIC}appointment-types/", setup.ClinicTypes.as_view(), name="clinic-appointment-types"),
    path(f"{_CLINIC}appointment-types/{_ROW}", setup.ClinicTypeDetail.as_view(), name="clinic-appointment-type"),
    path("providers/", directory.Providers.as_view(), name="providers"),
    path(_PROVIDER, directory.ProviderDetail.as_view(), name="provider"),
    path(f"{_PROVIDER}working-hours/", hours.WorkingHoursList.as_view(), name="working-hours"),
    path(f"{_PROVIDER}working-hours/{_ROW}", hours.WorkingHoursDetail.as_view(), name="working-hours-row"),
    path(f"{_PROVIDER}one-off-hours/", hours.OneOffHoursList.as_view(), name="one-off-hours"),
    path(f"{_PROVIDER}one-off-hours/{_ROW}", hours.OneOffHoursDetail.as_view(), name="one-off-hours-row"),
    path(f"{_PROVIDER}time-off/", hours.TimeOffList.as_view(), name="time-off"),
    path(f"{_PROVIDER}time-off/{_ROW}", hours.TimeOffDetail.as_view(), name="time-off-row"),
    path("appointment-types/", directory.AppointmentTypes.as_view(), name="appointment-types"),
    path("appointment-types/<uuid:type_id>/", directory.AppointmentTypeDetail.as_view(), name="appointment-type"),
]
