"""Name the app that knows who works where and when."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Clinics, their people, rooms, types of visit and hours."""

    name = "providers"
    verbose_name = "clinics and providers"
