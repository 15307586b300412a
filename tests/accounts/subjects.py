"""A fake of the port that knows whose record an account belongs to, with the shape of the real one."""

import uuid
from datetime import date
from typing import Final

from mediconnect.accounts.errors import AlreadyClaimed
from mediconnect.accounts.ports import ContactHint

ALICE: Final = uuid.UUID("018f0000-0000-7000-8000-00000000000a")
BIRTH_DATE: Final = date(1987, 3, 14)
EMAIL: Final = "alice.carter@example.org"

attached: dict[uuid.UUID, uuid.UUID] = {}


def birth_date_matches(subject_id: uuid.UUID, birth_date: date) -> bool:
    """Know one person."""
    return subject_id == ALICE and birth_date == BIRTH_DATE


def deliverable_contacts(subject_id: uuid.UUID) -> list[ContactHint]:
    """Offer both kinds."""
    return [ContactHint("email", "a…@example.org"), ContactHint("sms", "…42")] if subject_id == ALICE else []


def contact_matches(subject_id: uuid.UUID, kind: str, value: str) -> bool:
    """Compare with the one address."""
    return subject_id == ALICE and kind == "email" and value.strip().lower() == EMAIL


def attach_user(subject_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Remember who has the record."""
    if attached.setdefault(subject_id, user_id) != user_id:
        raise AlreadyClaimed
