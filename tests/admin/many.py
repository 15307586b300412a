"""One act on many visits, for the pages of administrators."""

from appointments.models import Appointment
from appointments.services.batches.starting import Asked, Seen, start_batch
from tests.appointments.conftest import SmallClinic


def ask_many(place: SmallClinic, visit: Appointment, words: str) -> None:
    """Begin to write to the patient of the visit."""
    asked = Asked("message", words=words)
    start_batch(clinic_id=place.clinic.pk, asked=asked, visits=[Seen(visit.pk, visit.version)], caller=place.staff)
