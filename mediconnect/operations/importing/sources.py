"""The little of each resource that is kept, in words of our own."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from .reporting import Origin

Key = str
"""What a resource may be called by: “system|value” of an identifier, “Type/id”, or a Bundle's full URL."""

TYPES: Final = ("Organization", "Location", "Practitioner", "PractitionerRole", "Patient")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What all have in common: where it stood, the identifier it will be known by, and all it may be called by."""

    origin: Origin
    identifier: str
    keys: frozenset[Key]
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSource(Source):
    """An organisation or location. `managed_by` names the organisation that a location belongs to."""

    kind: str
    name: str
    phone: str = ""
    address: str = ""
    city: str = ""
    state: str = ""
    country: str = ""
    managed_by: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSource(Source):
    """A practitioner."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleSource(Source):
    """That a practitioner works at an organisation or location, and as what."""

    provider: tuple[Key, ...]
    organization: tuple[Key, ...]
    locations: tuple[tuple[Key, ...], ...]
    specialty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientSource(Source):
    """A patient. `contacts` are (system, value) as written; `organization` is the managing one, where named."""

    given_name: str
    family_name: str
    birth_date: dt.date | None
    language: str
    country: str
    contacts: tuple[tuple[str, str], ...]
    organization: tuple[Key, ...]
