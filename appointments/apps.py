"""Name the app that sells each time once."""

from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    """Appointments, sessions, holds and the claims that keep them apart."""

    name = "appointments"
    verbose_name = "appointments"
