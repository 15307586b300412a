"""Addresses of providers and their hours."""

from django.urls import path

from . import views

_OF = "providers/<uuid:provider>/"

urlpatterns = [
    path("providers/", views.providers, name="providers"),
    path(_OF, views.provider, name="provider"),
    path(f"{_OF}hours/new/", views.new_hours, name="hours-new"),
    path(f"{_OF}hours/<uuid:row>/", views.edit_hours, name="hours"),
    path(f"{_OF}hours/<uuid:row>/end/", views.end_hours, name="hours-end"),
    path(f"{_OF}one-off/new/", views.new_one_off, name="one-off-new"),
    path(f"{_OF}one-off/<uuid:row>/remove/", views.remove_one_off, name="one-off-remove"),
    path(f"{_OF}time-off/new/", views.new_time_off, name="time-off-new"),
    path(f"{_OF}time-off/<uuid:row>/", views.edit_time_off, name="time-off"),
    path(f"{_OF}time-off/<uuid:row>/withdraw/", views.withdraw_time_off, name="time-off-withdraw"),
    path(f"{_OF}time-off/<uuid:row>/restore/", views.restore_time_off, name="time-off-restore"),
]
