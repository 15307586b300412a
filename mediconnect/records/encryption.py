"""Fields that the database stores but cannot read, and the indexes that still find them."""

import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _current() -> MultiFernet:
    return _fernet(tuple(settings.FIELD_ENCRYPTION_KEYS))


def encrypt(text: str) -> str:
    """Return the text sealed under the newest key. The empty string stays empty: it hides nothing."""
    return _current().encrypt(text.encode()).decode() if text else ""


def decrypt(sealed: str) -> str:
    """Return the text of a value made by `encrypt` under any key still listed.

    Raises `cryptography.fernet.InvalidToken` for anything else: a tampered value is never passed through.
    """
    return _current().decrypt(sealed.encode()).decode() if sealed else ""


def reseal(sealed: str) -> str:
    """Return the same text sealed under the newest key, for key rotation."""
    return _current().rotate(sealed.encode()).decode() if sealed else ""


def blind_index(value: str, purpose: str) -> str:
    """Return a keyed fingerprint (HMAC-SHA-256, 32 hex digits) that finds equal values of one purpose.

    The key is derived from BLIND_INDEX_KEY and stays when encryption keys rotate, since an index must not change.
    """
    key = hashlib.sha256(f"{purpose}:{settings.BLIND_INDEX_KEY}".encode()).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]


class EncryptedTextField(_TextField):
    """Text that is sealed on its way into the database and opened on its way out.

    Only `isnull` and equality with the empty string make sense in a query; other lookups raise `FieldError`.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Return the sealed text."""
        return None if value is None else encrypt(str(value))

    def from_db_value(self, value: Any, _expression: Any, _connection: "BaseDatabaseWrapper") -> str | None:
        """Return the opened text."""
        return None if value is None else decrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse to compare what cannot be compared."""
        if lookup_name != "isnull":
            message = f"{self.name} is encrypted and cannot be searched; use its blind index."
            raise FieldError(message)
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> None:
        """Offer no transforms: none works on sealed text."""
        return
