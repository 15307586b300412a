"""The only place that locks: resources by pk, as bookings do. See docs/locking.md.

Whoever edits hours holds the lock of each resource whose openings change, so bookings of it wait, then see the new
openings. A clinic's closure takes all of the clinic's resources, in the same order.
"""

import uuid
from collections.abc import Iterable

from mediconnect.errors import NotFound

from .models import Clinic, Resource


def lock_resources(resources: Iterable[uuid.UUID]) -> list[Resource]:
    """Queue for the resources in pk order, whatever order they are named in, and return those that exist as they are now.

    Needs an open transaction.
    """
    wanted = Resource.objects.filter(pk__in=sorted(set(resources))).order_by("pk")
    return list(wanted.select_for_update(no_key=True, of=("self",)))


def lock_resource(resource_id: uuid.UUID) -> Resource:
    """Queue for one resource and return it as it is now; raises `NotFound`."""
    found = lock_resources([resource_id])
    if not found:
        raise NotFound
    return found[0]


def lock_clinic(clinic_id: uuid.UUID) -> Clinic:
    """Queue for the row of a clinic, so that two edits of what belongs to it follow one another; raises `NotFound`."""
    clinic = Clinic.objects.filter(pk=clinic_id).select_for_update(no_key=True, of=("self",)).first()
    if clinic is None:
        raise NotFound
    return clinic
