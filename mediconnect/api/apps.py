"""Name the room of the API's manners."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Principals, problems, pages, versions and limits, shared by the endpoints of all apps."""

    name = "mediconnect.api"
    label = "api"
    verbose_name = "API"
