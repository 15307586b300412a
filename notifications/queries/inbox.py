"""Replies that wait for a person of the clinic, and those that a patient ever gave."""

import uuid
from collections.abc import Collection

from django.db.models import QuerySet

from notifications.models import Reply


def replies_to_read(clinic_id: uuid.UUID, ids: Collection[uuid.UUID] | None = None) -> QuerySet[Reply]:
    """Return the open replies of a clinic, longest waiting first, with whom and what they are about; only `ids`, if given."""
    waiting = Reply.objects.filter(clinic=clinic_id, state=Reply.State.OPEN)
    if ids is not None:
        waiting = waiting.filter(pk__in=ids)
    related = waiting.select_related("patient", "message", "visit__provider", "visit__patient")
    return related.order_by("received_at", "id")
