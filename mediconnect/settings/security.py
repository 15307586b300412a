"""Keys, cookies, headers and passwords."""

import base64
import binascii

from csp.constants import NONE, SELF

from mediconnect import env

SECRET_KEY = env.secret("SECRET_KEY")
# Older keys still verify what they signed, for as long as they are listed here.
SECRET_KEY_FALLBACKS = list(env.listing("SECRET_KEY_FALLBACKS", ()))
# Fernet keys (32 bytes in URL-safe base64), newest first: the first seals, all of them open.
FIELD_ENCRYPTION_KEYS = env.secrets("FIELD_ENCRYPTION_KEYS", length=44)
# Never rotated together with the keys above: blind indexes made under another key would find nothing.
BLIND_INDEX_KEY = env.secret("BLIND_INDEX_KEY")
for _key in FIELD_ENCRYPTION_KEYS:
    try:
        _usable = len(base64.urlsafe_b64decode(_key)) == 32
    except (binascii.Error, ValueError):
        _usable = False
    if not _usable:
        raise env.EnvironmentValueError("FIELD_ENCRYPTION_KEYS", "must hold Fernet keys: 32 bytes in URL-safe base64.")

_PRODUCTION = not env.boolean("DEBUG", default=False)

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/accounts/sign-in/"
LOGIN_REDIRECT_URL = "portal:home"
LOGOUT_REDIRECT_URL = LOGIN_URL
# Asked of clinic admins and superusers; `check --deploy` fails where it is off.
SECOND_FACTOR_REQUIRED = env.boolean("SECOND_FACTOR_REQUIRED", default=True)

SESSION_ENGINE = "mediconnect.accounts.sessions"
SESSION_COOKIE_NAME = "__Host-session" if _PRODUCTION else "session"
SESSION_COOKIE_SECURE = _PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60  # seconds; the absolute limit, idle limits are the engine's
CSRF_COOKIE_NAME = "__Host-csrf" if _PRODUCTION else "csrf"
CSRF_COOKIE_SECURE = _PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "mediconnect.portal.failures.forged"

SECURE_SSL_REDIRECT = _PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # probes speak plain HTTP to the process itself
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _PRODUCTION
SECURE_HSTS_PRELOAD = _PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Addresses or networks of our own proxies. Only with one of them in front may a header say that the client used TLS.
TRUSTED_PROXIES = env.listing("TRUSTED_PROXIES", ())
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None

# No inline script or style anywhere, nothing from an outside host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    },
}

# E-mail is unique by a constraint on its lower case, which is stricter than the column flag that this check looks for.
SILENCED_SYSTEM_CHECKS = ["auth.E003"]
