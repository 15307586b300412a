"""The lock of one record, for doors that edit a row which no service of its own writes."""

from typing import TypeVar
from uuid import UUID

from django.db.models import Model

from mediconnect.errors import NotFound

Record = TypeVar("Record", bound=Model)


def lock_record(model: type[Record], record_id: UUID) -> Record:
    """Return the record as it is now, locked until the transaction ends; raises `NotFound`."""
    rows = model._default_manager.select_for_update(no_key=True, of=("self",))  # noqa: SLF001  Django's word for "any manager"
    record = rows.filter(pk=record_id).first()
    if record is None:
        raise NotFound
    return record
