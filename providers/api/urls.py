"""The addresses of the directory and of what clinics are made of, below /api/v1/."""

from django.urls import path

from . import directory, hours, setup

_CLINIC = "clinics/<uuid:clinic_id>/"
_PROVIDER = "providers/<uuid:provider_id>/"
_ROW = "<uuid:row_id>/"

urlpatterns = [
    path("clinics/", directory.Clinics.as_view(), name="clinics"),
    path(_CLINIC, directory.ClinicDetail.as_view(), name="clinic"),
    path(f"{_CLINIC}closures/", setup.Closures.as_view(), name="closures"),
    path(f"{_CLINIC}closures/{_ROW}", setup.ClosureDetail.as_view(), name="closure"),
    path(f"{_CLINIC}rooms/", setup.Rooms.as_view(), name="rooms"),
    path(f"{_CLINIC}rooms/{_ROW}", setup.RoomDetail.as_view(), name="room"),
    path(f"{_CLINIC}devices/", setup.Devices.as_view(), name="devices"),
    path(f"{_CLINIC}devices/{_ROW}", setup.DeviceDetail.as_view(), name="device"),
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
