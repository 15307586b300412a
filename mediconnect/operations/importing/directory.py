"""Who is who: the keys by which files speak of things, and the rows they stand for, from this run or an earlier one."""

import uuid
from collections.abc import Iterable

from providers.models import Clinic, Resource

from .sources import Key, Source


class Directory:
    """Clinics and providers by every key that a file may use for them."""

    def __init__(self) -> None:
        self.clinics: dict[Key, uuid.UUID] = {}
        self.providers: dict[Key, uuid.UUID] = {}

    def enter_clinic(self, source: Source, clinic_id: uuid.UUID) -> None:
        """Let all keys of a source mean this clinic; the first to claim a key keeps it."""
        for key in source.keys:
            self.clinics.setdefault(key, clinic_id)

    def enter_provider(self, source: Source, provider_id: uuid.UUID) -> None:
        """Let all keys of a source mean this provider."""
        for key in source.keys:
            self.providers.setdefault(key, provider_id)

    def clinic(self, keys: Iterable[Key]) -> uuid.UUID | None:
        """Return the clinic that any of the keys means, also one of an earlier run."""
        for key in keys:
            if key in self.clinics:
                return self.clinics[key]
        found = Clinic.objects.filter(source_identifier__in=list(keys)).values_list("pk", flat=True).first()
        return found if keys else None

    def provider(self, keys: Iterable[Key]) -> uuid.UUID | None:
        """Return the provider that any of the keys means, also one of an earlier run."""
        for key in keys:
            if key in self.providers:
                return self.providers[key]
        rows = Resource.objects.filter(kind="provider", source_identifier__in=list(keys))
        return rows.values_list("pk", flat=True).first() if keys else None
