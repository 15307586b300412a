"""The caller of a request: who it is, for whom it speaks and what it may do where."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Kind = Literal["patient", "staff", "system"]

_NO_ROLES: Mapping[uuid.UUID, frozenset[str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Principal:
    """Everything that permission checks need, read in one statement; immutable, so that nothing widens it later."""

    user_id: uuid.UUID | None
    kind: Kind
    patient_ids: tuple[uuid.UUID, ...] = ()
    roles: Mapping[uuid.UUID, frozenset[str]] = field(default_factory=lambda: _NO_ROLES)
    is_superuser: bool = False
    scopes: frozenset[str] = frozenset()
    client_id: str = ""

    @property
    def key(self) -> str:
        """Return what limits and idempotency keys are counted under: the user, or the client where there is none."""
        return f"user:{self.user_id}" if self.user_id else f"client:{self.client_id}"

    def clinics(self, role: str | None = None) -> frozenset[uuid.UUID]:
        """Return the clinics where the caller works, or those where it has this role."""
        return frozenset(clinic for clinic, held in self.roles.items() if role is None or role in held)

    def may(self, role: str, clinic_id: uuid.UUID) -> bool:
        """Return whether the caller has this role at that clinic; a superuser has every role everywhere."""
        return self.is_superuser or role in self.roles.get(clinic_id, frozenset())

    def speaks_for(self, patient_id: uuid.UUID) -> bool:
        """Return whether this patient is the caller itself or in its care."""
        return patient_id in self.patient_ids
