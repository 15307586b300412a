"""What a page does in one step that takes several services: put one contact before the others."""

import uuid

from patients.models import ContactPoint
from patients.services.contacts import ContactChange, change_contact_point


def prefer_contact(*, patient_id: uuid.UUID, contact_point_id: uuid.UUID, version: int) -> ContactPoint:
    """Let a contact be tried first among those of its kind, in the caller's transaction, and return it.

    The others keep their order behind it. Raises `NotFound`, and `ChangedMeanwhile` if it is not at this version.
    """
    first = change_contact_point(
        patient_id=patient_id, contact_point_id=contact_point_id, version=version, change=ContactChange(rank=1)
    )
    others = ContactPoint.objects.active().filter(patient=patient_id, system=first.system).exclude(pk=first.pk)
    for place, point in enumerate(others.order_by("rank", "id"), start=2):
        change_contact_point(
            patient_id=patient_id, contact_point_id=point.pk, version=point.version, change=ContactChange(rank=place)
        )
    return first
