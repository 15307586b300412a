"""Name the app that knows for whom visits are booked."""

from django.apps import AppConfig


class PatientsConfig(AppConfig):
    """Patients, their registrations, contact points and dependants."""

    name = "patients"
    verbose_name = "patients"
