"""What accounts must ask of the apps above, without importing them: who may what, and whose record it is."""

import uuid
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings

from mediconnect.api.principal import Principal


@dataclass(frozen=True, slots=True)
class ContactHint:
    """A contact on file, masked: enough to recognise one's own, too little to learn another's."""

    kind: str
    masked: str


class Principals(Protocol):
    """Finds what a caller may do. Filled by the module that `settings.PRINCIPALS` names."""

    def by_token(self, checksum: str) -> Principal | None:
        """Return the caller behind the SHA-256 of a bearer token; None if expired, revoked, unknown or disabled."""
        ...

    def by_user(self, user_id: uuid.UUID) -> Principal:
        """Return what a signed-in user may do; raises `LookupError` for a missing or disabled user."""
        ...

    def must_have_second_factor(self, user_id: uuid.UUID) -> bool:
        """Return whether a role of the user, or the policy of a clinic where the user works, asks for a second factor."""
        ...


class Subjects(Protocol):
    """Knows the records that accounts belong to. Filled by the module that `settings.ACCOUNT_SUBJECTS` names."""

    def birth_date_matches(self, subject_id: uuid.UUID, birth_date: date) -> bool:
        """Return whether this is the birth date on record; False for an unknown record."""
        ...

    def deliverable_contacts(self, subject_id: uuid.UUID) -> list[ContactHint]:
        """Return the contacts on file that a code can go to, masked; at most one of a kind."""
        ...

    def contact_matches(self, subject_id: uuid.UUID, kind: str, value: str) -> bool:
        """Return whether this is the contact of that kind on file, whatever its capitals or spacing."""
        ...

    def attach_user(self, subject_id: uuid.UUID, user_id: uuid.UUID) -> None:
        """Give the record its account, inside the caller's transaction; raises a `DomainError` if it has another."""
        ...


@lru_cache(maxsize=8)
def _module(name: str) -> object:
    return import_module(name)


def principals() -> Principals:
    """Return the port that knows who may what."""
    return cast("Principals", _module(settings.PRINCIPALS))


def subjects() -> Subjects:
    """Return the port that knows the records accounts belong to."""
    return cast("Subjects", _module(settings.ACCOUNT_SUBJECTS))
