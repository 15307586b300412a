"""More of the small clinic: providers, rooms and openings beside the usual ones."""

from django.utils import timezone

from appointments.models import Appointment
from providers.models import AppointmentType, Clinic, Opening, PractitionerRole, Provider, Room
from tests.appointments.conftest import SmallClinic, open_always


def second_provider(place: SmallClinic, name: str = "Dr. Ines Castro") -> Provider:
    """Add a provider who works whenever the usual one does."""
    provider: Provider = Provider.objects.create(name=name)
    PractitionerRole.objects.create(provider=provider, clinic=place.clinic)
    open_always(provider, place.clinic)
    return provider


def at_noon(place: SmallClinic) -> SmallClinic:
    """Put the clinic where it is about noon, so that today has a rest whenever the test runs."""
    hours = timezone.now().hour - 12
    zone = f"Etc/GMT{hours:+d}" if hours else "Etc/GMT"  # with POSIX's sign: east is minus
    Clinic.objects.filter(pk=place.clinic.pk).update(timezone=zone)
    return place


def rooms(place: SmallClinic, count: int) -> list[Room]:
    """Add so many rooms, and let the usual type need one."""
    AppointmentType.objects.filter(pk=place.kind.pk).update(room_kind="exam")
    return [Room.objects.create(name=f"Room {n}", clinic=place.clinic, category="exam") for n in range(1, count + 1)]


def visits_outside_their_openings() -> int:
    """Return how many live visits no opening covers, asked in words of its own."""
    outside = 0
    for visit in Appointment.objects.exclude(status__in=["cancelled", "no_show", "completed"]):
        outside += not Opening.objects.filter(resource=visit.provider_id, during__contains=visit.during).exists()
    return outside
