"""The floor's settings: our database, its pool, and nothing else of Django's."""

from mediconnect.settings.database import DATABASES

SECRET_KEY = "measures only, guards nothing"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "benchmarks.floor"
INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
USE_TZ = True
TIME_ZONE = "UTC"
LOGGING_CONFIG = None

__all__ = ["DATABASES"]
