"""The web application: who it is, what it is made of, what a request passes through."""

from pathlib import Path

from mediconnect import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DEBUG = env.boolean("DEBUG", default=False)
ALLOWED_HOSTS = list(env.listing("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]") if DEBUG else None))
# Where patients and outside services reach us: signed links, callbacks, redirect addresses.
PUBLIC_URL = env.url("PUBLIC_URL", f"http://localhost:{env.integer('PORT', 8000)}" if DEBUG else None)
ADMIN_PATH = env.text("ADMIN_PATH", "admin/")
# Where the day sheets lie that a clinic works on with through an outage; without a folder none are kept.
DAY_SHEETS_DIR = env.text("DAY_SHEETS_DIR", str(BASE_DIR / ".data" / "day-sheets") if DEBUG else "")

ROOT_URLCONF = "mediconnect.urls"
WSGI_APPLICATION = "mediconnect.wsgi.application"

INSTALLED_APPS = [
    "mediconnect.records",
    "mediconnect.telemetry",
    "mediconnect.resilience",
    "mediconnect.api",
    "mediconnect.accounts",
    "mediconnect.outbox",
    "mediconnect.idempotency",
    "mediconnect.health",
    "providers",
    "patients",
    "appointments",
    "notifications",
    "mediconnect.portal",
    "mediconnect.operations",
    "mediconnect.accounts.admin_config.SignInAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "oauth2_provider",
    "django_q",
    "pgtrigger",
    "health_check",
    "csp",
]

# Top to bottom is the way in. The request id comes first, so that whatever fails below carries it.
MIDDLEWARE = [
    "mediconnect.telemetry.middleware.RequestIdMiddleware",
    # Probes are answered before anything that could refuse, redirect or wait.
    "mediconnect.health.middleware.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Before anything that says something.
    "mediconnect.portal.language.LanguageMiddleware",
    "mediconnect.portal.failures.SilentAnswersMiddleware",
    "mediconnect.accounts.middleware.OwnSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "mediconnect.accounts.middleware.SessionUserMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "mediconnect.portal.budget.PageBudgetMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mediconnect.portal.preferences.preferences",
            ],
        },
    },
]

# Notices lie in the session's own row: a cookie would carry them through every proxy on the way.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Instants are UTC everywhere; a clinic's zone is a column and applied at the edges.
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / ".static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Names that carry a fingerprint, so that browsers may keep files for ever; needs `collectstatic`, hence not in DEBUG.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "mediconnect.portal.assets.Assets",
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# The API's limit for a body is 1 MB (reliability: bad input). A file is a table that a clinic brings; it never touches a disk.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = ["mediconnect.portal.exchange.uploads.BoundedMemoryHandler"]
