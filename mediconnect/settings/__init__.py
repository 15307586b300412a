"""The settings, joined from one module per subject; the environment alone tells machines apart.

Every name is imported here by itself, so that a reader finds its subject and a type checker its type. A name that a
subject has and this list lacks stops the start (docs/decisions/0002-settings-by-subject.md).
"""

from mediconnect.settings import api, cache, database, language, outside, queue, security, telemetry, web
from mediconnect.settings.api import (
    ACCOUNT_SUBJECTS,
    API_REQUESTS_PER_MINUTE,
    MERGE_STEPS,
    MESSAGES_OF_PATIENTS,
    OAUTH2_PROVIDER,
    PAGE_REQUESTS_PER_MINUTE,
    PRINCIPALS,
    QUIET_UNTIL,
    REST_FRAMEWORK,
    SPECTACULAR_SETTINGS,
    TIME_OPENED,
    VISITS_OF_PATIENTS,
    VISITS_TOUCHED,
)
from mediconnect.settings.cache import (
    CACHES,
    DJANGO_REDIS_CONNECTION_FACTORY,
    DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS,
    REDIS_TIMEOUT,
    REDIS_URL,
)
from mediconnect.settings.database import (
    BOOKING_ISOLATION,
    DATABASE_PROCESS_USERS,
    DATABASES,
    PROCESS_ROLE,
    WEB_CONNECTIONS,
    WEB_PROCESSES,
)
from mediconnect.settings.language import (
    LANGUAGE_CODE,
    LANGUAGE_COOKIE_AGE,
    LANGUAGE_COOKIE_HTTPONLY,
    LANGUAGE_COOKIE_NAME,
    LANGUAGE_COOKIE_SAMESITE,
    LANGUAGE_COOKIE_SECURE,
    LANGUAGES,
    LOCALE_PATHS,
    USE_I18N,
)
from mediconnect.settings.outside import (
    EHR_CLIENT_ID,
    EHR_CLIENT_KEY,
    EHR_FHIR_URL,
    EHR_TOKEN_URL,
    SENDGRID_API_KEY,
    SENDGRID_API_URL,
    SENDGRID_FROM,
    SENDGRID_WEBHOOK_PUBLIC_KEY,
    TWILIO_ACCOUNT_SID,
    TWILIO_API_URL,
    TWILIO_AUTH_TOKEN,
    TWILIO_FROM,
    TWILIO_MESSAGING_SERVICE,
    WEBHOOK_PORTS,
    WEBHOOKS_TO_THIS_MACHINE,
)
from mediconnect.settings.queue import (
    CLUSTERS,
    FACT_HANDLERS,
    Q_CLUSTER,
    SENDS_PER_SECOND,
)
from mediconnect.settings.security import (
    AUTH_PASSWORD_VALIDATORS,
    AUTH_USER_MODEL,
    BLIND_INDEX_KEY,
    CONTENT_SECURITY_POLICY,
    CSRF_COOKIE_HTTPONLY,
    CSRF_COOKIE_NAME,
    CSRF_COOKIE_SAMESITE,
    CSRF_COOKIE_SECURE,
    CSRF_FAILURE_VIEW,
    FIELD_ENCRYPTION_KEYS,
    LOGIN_REDIRECT_URL,
    LOGIN_URL,
    LOGOUT_REDIRECT_URL,
    SECOND_FACTOR_REQUIRED,
    SECRET_KEY,
    SECRET_KEY_FALLBACKS,
    SECURE_CONTENT_TYPE_NOSNIFF,
    SECURE_CROSS_ORIGIN_OPENER_POLICY,
    SECURE_HSTS_INCLUDE_SUBDOMAINS,
    SECURE_HSTS_PRELOAD,
    SECURE_HSTS_SECONDS,
    SECURE_PROXY_SSL_HEADER,
    SECURE_REDIRECT_EXEMPT,
    SECURE_REFERRER_POLICY,
    SECURE_SSL_REDIRECT,
    SESSION_COOKIE_AGE,
    SESSION_COOKIE_HTTPONLY,
    SESSION_COOKIE_NAME,
    SESSION_COOKIE_SAMESITE,
    SESSION_COOKIE_SECURE,
    SESSION_ENGINE,
    SILENCED_SYSTEM_CHECKS,
    TRUSTED_PROXIES,
    X_FRAME_OPTIONS,
)
from mediconnect.settings.telemetry import (
    LOG_LEVEL,
    LOGGING,
    LOGGING_CONFIG,
    OTEL_EXPORTER_OTLP_ENDPOINT,
    SENTRY_DSN,
)
from mediconnect.settings.web import (
    ADMIN_PATH,
    ALLOWED_HOSTS,
    BASE_DIR,
    DATA_UPLOAD_MAX_MEMORY_SIZE,
    DAY_SHEETS_DIR,
    DEBUG,
    DEFAULT_AUTO_FIELD,
    FILE_UPLOAD_HANDLERS,
    INSTALLED_APPS,
    MESSAGE_STORAGE,
    MIDDLEWARE,
    PUBLIC_URL,
    ROOT_URLCONF,
    STATIC_ROOT,
    STATIC_URL,
    STATICFILES_DIRS,
    STORAGES,
    TEMPLATES,
    TIME_ZONE,
    USE_TZ,
    WHITENOISE_AUTOREFRESH,
    WHITENOISE_USE_FINDERS,
    WSGI_APPLICATION,
)

SUBJECTS = (web, language, database, cache, queue, api, outside, telemetry, security)
_FOREIGN = {"NONE", "SELF"}  # words of the policy language that the subject of security imports

for _subject in SUBJECTS:
    for _name, _value in vars(_subject).items():
        if _name.isupper() and _name[0] != "_" and _name not in _FOREIGN and globals().get(_name) is not _value:
            raise RuntimeError(
                f"{_subject.__name__}.{_name} is missing in mediconnect/settings/__init__.py, or set twice."
            )
