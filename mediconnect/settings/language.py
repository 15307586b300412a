"""Languages of the pages. A further one is a folder in locale/ and a line here (docs/languages.md)."""

from mediconnect import env
from mediconnect.settings.web import BASE_DIR

LANGUAGE_CODE = "en"
USE_I18N = True
# Each by its own name: whoever needs it may read no other.
LANGUAGES = [
    ("en", "English"),
    ("es", "Español"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]

# What somebody chose, kept in the browser and not in the account, since desks are shared. It is no secret and names
# nobody; scripts have no business with it all the same.
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60  # seconds
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = not env.boolean("DEBUG", default=False)
