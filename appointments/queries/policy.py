"""What a clinic lets patients do alone with a visit that is booked: until when, and how often in a day."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q

from appointments.models import Appointment, Status
from mediconnect.records.models import Change
from patients.models import Patient


def hours_to_cancel(visit: Appointment) -> int:
    """Return how many hours before the visit its patient may cancel it at the latest: the type's word, else the clinic's."""
    own = visit.appointment_type.cancel_cutoff_hours
    return visit.clinic.cancel_cutoff_hours if own is None else own


def hours_to_move(visit: Appointment) -> int:
    """Return how many hours before the visit its patient may move it at the latest: the type's word, else the clinic's."""
    own = visit.appointment_type.move_cutoff_hours
    return visit.clinic.move_cutoff_hours if own is None else own


def cancelled_alone(visit: Appointment, now: dt.datetime) -> int:
    """Return how many visits at the clinic the visit's patient, or who acts for it, cancelled today without the desk.

    By the clinic's day. A cancellation that was taken back does not count. Who cancelled stands in the history: nobody
    where it was by the link of a message.
    """
    midnight = now.astimezone(visit.clinic.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    people = Patient.objects.filter(Q(pk=visit.patient_id) | Q(dependants__patient=visit.patient_id))
    alone = Q(actor_id=None) | Q(actor_id__in=people.exclude(user=None).values("user_id"))
    step = Change.objects.filter(
        alone,
        record_type=Appointment._meta.db_table,
        record_id=OuterRef("pk"),
        after__status=Status.CANCELLED.value,
        at__gte=midnight,
    )
    cancelled = Appointment.objects.filter(
        Exists(step),
        patient=visit.patient_id,
        clinic=visit.clinic_id,
        status=Status.CANCELLED,
        cancellation_reason__startswith="patient_",
        ended_at__gte=midnight,
    )
    return cancelled.count()
