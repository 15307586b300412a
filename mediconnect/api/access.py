"""Who may use a door: declared beside each method, refused by default."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mediconnect.errors import NotPermitted

from .principal import Principal

FRONT_DESK: Final = "front_desk"
PROVIDER: Final = "provider"
CLINIC_ADMIN: Final = "clinic_admin"
STAFF: Final = frozenset({FRONT_DESK, PROVIDER, CLINIC_ADMIN})
DESK: Final = frozenset({FRONT_DESK, CLINIC_ADMIN})
ADMINS: Final = frozenset({CLINIC_ADMIN})


@dataclass(frozen=True, slots=True)
class Access:
    """What a caller needs: a patient or system this scope, a member of staff one of these roles in some clinic.

    Whether the object asked for is the caller's business is a second question, answered where it is looked up.
    """

    patient: str = ""
    staff: frozenset[str] = frozenset()
    system: str = ""

    def check(self, principal: Principal) -> None:
        """Raise `NotPermitted` unless this caller may come in."""
        if principal.is_superuser and self.staff:
            return
        if principal.kind == "staff":
            allowed = any(roles & self.staff for roles in principal.roles.values())
        else:
            scope = self.patient if principal.kind == "patient" else self.system
            allowed = bool(scope) and scope in principal.scopes
        if not allowed:
            raise NotPermitted


AccessTable = Mapping[str, Access]
